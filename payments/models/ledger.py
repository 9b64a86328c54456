"""The double-entry ledger: append-only, and every transaction sums to zero in each currency."""

import uuid
from typing import TypeAlias

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from shop.core.fields import currency_field, in_choices


class LedgerAccountKind(models.TextChoices):
    ASSET = "asset", _("asset")
    LIABILITY = "liability", _("liability")
    INCOME = "income", _("income")
    EXPENSE = "expense", _("expense")


class LedgerAccount(models.Model):
    """An account of the chart. A debit is positive, a credit negative, whatever its kind."""

    Kind: TypeAlias = LedgerAccountKind

    code = models.CharField(_("code"), max_length=60, primary_key=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("kind", LedgerAccountKind), name="ledger_account_kind"
            )
        ]

    def __str__(self) -> str:
        return self.code


class PostingKind(models.TextChoices):
    """Why money moved between accounts, as staff read it."""

    RECEIPT = "receipt", _("money came in")
    SALE = "sale", _("sale")
    ASSIGNED = "assigned", _("assigned to another order")
    COLLECTED = "collected", _("collected at the door")
    SETTLEMENT = "settlement", _("settlement with the bank or a courier")
    SUFFIX = "suffix", _("last digits of a transfer")
    CREDIT = "credit", _("gift card or store credit")
    REFUND = "refund", _("refund owed")
    REFUND_TAKEN_BACK = "refund_taken_back", _("refund that did not take place")
    REFUND_PAID = "refund_paid", _("refund paid out")
    NEVER_CAME = "never_came", _("money that never came")
    GATEWAY_FEE = "gateway_fee", _("fee of the gateway")
    WITHDRAWAL = "withdrawal", _("withdrawal to the bank")
    CHARGEBACK = "chargeback", _("taken back by the payer's bank")
    GATEWAY_ADJUSTMENT = "gateway_adjustment", _("moved by the gateway")
    SELLER_SHARE = "seller_share", _("seller's share")
    SELLER_PAYOUT = "seller_payout", _("payout to a seller")
    ADJUSTMENT = "adjustment", _("adjustment by hand")


class LedgerTransaction(models.Model):
    """Why money moved between accounts. `external_key` makes the same fact book once."""

    Kind: TypeAlias = PostingKind

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    external_key = models.CharField(_("key"), max_length=220, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", null=True)
    occurred_at = models.DateTimeField(_("occurred"))
    booked_at = models.DateTimeField(_("booked"), db_default=Now())
    reversal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="reversed_by", null=True
    )

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")

    def __str__(self) -> str:
        return self.external_key


class LedgerEntry(models.Model):
    transaction = models.ForeignKey(
        LedgerTransaction, on_delete=models.PROTECT, related_name="entries"
    )
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries")
    amount_minor = models.BigIntegerField(_("debit (+) or credit (−)"))
    currency = currency_field()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_entry_not_zero")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount_minor:+d}"

    @property
    def credit_minor(self) -> int:
        return -self.amount_minor
