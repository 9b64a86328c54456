import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class OrderNote(models.Model):
    """What staff tell each other about an order. No customer reads it; its words can be erased."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="notes")
    # Of the form it was written in, which may come twice.
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("note"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("at"), db_default=Now())
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return f"note {self.pk}"
