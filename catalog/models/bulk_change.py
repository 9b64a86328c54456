"""Changes of many products at once, kept so that they can be undone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class BulkChange(models.Model):
    """What staff asked for, applied in one stroke."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    summary = models.CharField(_("what"), max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("when"), db_default=Now())
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")

    def __str__(self) -> str:
        return self.summary


class BulkChangeLine(models.Model):
    """One value that changed. `target` and `target_pk` say of which row, e.g. ("variant", 12)."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="lines")
    target = models.CharField(max_length=20)
    target_pk = models.BigIntegerField()
    field = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "target", "target_pk", "field"], name="bulk_change_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.target_pk}: {self.before} → {self.after}"
