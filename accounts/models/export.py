import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class DataExport(models.Model):
    """All that the shop keeps of a person, as a file for them: made by a worker, kept for days.

    In the row itself and sealed, not in the storage of files: it is gone with its row.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(_("asked for"), db_default=Now())
    made_at = models.DateTimeField(_("made"), null=True)
    sealed = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = _("copy of personal data")
        verbose_name_plural = _("copies of personal data")
        indexes = [models.Index(fields=["asked_at"], name="data_export_age")]

    def __str__(self) -> str:
        return str(self.public_id)
