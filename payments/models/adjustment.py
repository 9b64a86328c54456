"""What staff move between accounts by hand, to explain what nothing else explains."""

from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models.exception import PaymentException
from payments.models.ledger import LedgerAccount
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class LedgerAdjustmentState(models.TextChoices):
    DRAFT = "draft", _("to be approved")
    POSTED = "posted", _("booked")
    REJECTED = "rejected", _("rejected")


class LedgerAdjustment(models.Model):
    """One for each exception, unless it was rejected; its posting is append-only like any."""

    State: TypeAlias = LedgerAdjustmentState

    exception = models.ForeignKey(
        PaymentException,
        on_delete=models.PROTECT,
        related_name="adjustments",
        verbose_name=_("payment exception"),
    )
    debit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="+", verbose_name=_("debit")
    )
    credit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="+", verbose_name=_("credit")
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = currency_field()
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    requested_at = models.DateTimeField(_("asked for"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("adjustment of the books")
        verbose_name_plural = _("adjustments of the books")
        permissions = [
            ("approve_ledgeradjustment", "Can approve an adjustment that somebody else asked for")
        ]
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", LedgerAdjustmentState), name="adjustment_state"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & ~Q(debit=F("credit")), name="adjustment_moves"
            ),
            models.UniqueConstraint(
                fields=["exception"],
                condition=~Q(state="rejected"),
                name="adjustment_once",
            ),
            # Who asked for it does not approve it too.
            models.CheckConstraint(
                condition=Q(state="rejected")
                | Q(decided_by=None)
                | ~Q(decided_by=F("requested_by")),
                name="adjustment_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount.format()} {self.debit_id} / {self.credit_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
