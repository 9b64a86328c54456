from datetime import UTC

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order


class PayoutAccount(models.Model):
    """Where the money of an order is to be transferred to: personal, sealed, kept no longer than
    refunds of it can be asked about."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="+")
    # Bank, number and holder: payments.refunds.accounts.Account.
    sealed = models.BinaryField()
    given_at = models.DateTimeField(_("given"), db_default=Now())
    # None: its customer.
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        verbose_name = _("payout account")
        verbose_name_plural = _("payout accounts")

    def __str__(self) -> str:
        return f"payout account of order {self.order_id}"

    @property
    def version(self) -> str:
        """Another each time that an account is named in its place."""
        return self.given_at.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
