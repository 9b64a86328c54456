from typing import TypeAlias

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models.attempt import PaymentAttempt
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class PaymentReceiptDisposition(models.TextChoices):
    BOOKED = "booked", _("booked")
    APPLIED = "applied", _("applied to the order")
    PARTIAL = "partial", _("part of the total")
    SURPLUS = "surplus", _("more than the total")
    DUPLICATE = "duplicate", _("paid again")
    UNFULFILLABLE = "unfulfillable", _("paid too late, sold out")
    LATE = "late", _("paid after the order had ended")
    UNMATCHED = "unmatched", _("no such order")


class PaymentReceipt(models.Model):
    """Money that a gateway has confirmed: one capture. Only what became of it is ever changed."""

    Disposition: TypeAlias = PaymentReceiptDisposition
    # Of the very object that was booked just now.
    is_new = False

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", null=True)
    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="receipts", null=True
    )
    gateway = models.CharField(_("gateway"), max_length=20)
    payment_id = models.CharField(_("payment"), max_length=80)
    capture_id = models.CharField(_("capture"), max_length=80)
    amount_minor = models.BigIntegerField(_("amount"))
    # What of it was asked for only to know the transfer by: the shop's own.
    suffix_minor = models.PositiveSmallIntegerField(_("suffix"), default=0, db_default=0)
    currency = currency_field()
    captured_at = models.DateTimeField(_("captured"))
    booked_at = models.DateTimeField(_("booked"), db_default=Now())
    disposition = models.CharField(
        _("what became of it"),
        max_length=15,
        choices=Disposition.choices,
        default=Disposition.BOOKED,
    )

    # What has gone back of it, and what is held back for refunds under way.
    refunded_minor = models.BigIntegerField(_("given back"), default=0, db_default=0)
    refund_pending_minor = models.BigIntegerField(_("being given back"), default=0, db_default=0)
    # What the payer's bank, or the gateway, has taken of it: nobody can give that back any more.
    taken_back_minor = models.BigIntegerField(_("taken back"), default=0, db_default=0)

    # What nobody claimed of it: booked as the shop's.
    kept_minor = models.BigIntegerField(_("kept as unclaimed"), default=0, db_default=0)

    class Meta:
        verbose_name = _("payment receipt")
        verbose_name_plural = _("payment receipts")
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "payment_id", "capture_id"], name="receipt_once"
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="receipt_positive"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_minor__gte=0,
                    refund_pending_minor__gte=0,
                    taken_back_minor__gte=0,
                    kept_minor__gte=0,
                )
                & models.Q(
                    amount_minor__gte=models.F("suffix_minor")
                    + models.F("refunded_minor")
                    + models.F("refund_pending_minor")
                    + models.F("taken_back_minor")
                    + models.F("kept_minor")
                ),
                name="receipt_given_back_once",
            ),
            models.CheckConstraint(
                condition=in_choices("disposition", PaymentReceiptDisposition),
                name="receipt_disposition",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.amount.format()}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def refundable_minor(self) -> int:
        """What can still go back of it, in minor units; the shop's own digits never do."""
        held = self.refunded_minor + self.refund_pending_minor
        own = self.suffix_minor + self.kept_minor
        return self.amount_minor - own - held - self.taken_back_minor

    @property
    def refundable(self) -> Money:
        return Money(self.refundable_minor, self.currency)
