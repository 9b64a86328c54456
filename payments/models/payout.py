from datetime import UTC

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models.refund import Refund


class PayoutAccount(models.Model):
    """Where money is to be transferred to, of an order or of a refund that is of no order:
    personal, sealed, kept no longer than refunds of it can be asked about."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="+", null=True)
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, related_name="+", null=True)
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
        constraints = [
            models.CheckConstraint(
                condition=Q(order=None, refund__isnull=False) | Q(order__isnull=False, refund=None),
                name="payout_account_of_one",
            )
        ]

    def __str__(self) -> str:
        owner = f"order {self.order_id}" if self.order_id else f"refund {self.refund_id}"
        return f"payout account of {owner}"

    @property
    def version(self) -> str:
        """Another each time that an account is named in its place."""
        return self.given_at.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
