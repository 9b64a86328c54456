"""A gateway's own books, mirrored: one row for each movement of money that it lists."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.gateways.statements import Settlement, TransactionKind, TransactionState
from payments.models.receipt import PaymentReceipt
from payments.models.refund import Refund
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money

TAKEN_BACK = (TransactionState.VOIDED, TransactionState.REVERSED)


class GatewayTransaction(models.Model):
    """What the gateway says, and what it was matched with here. Only reconciliation writes it."""

    gateway = models.CharField(_("gateway"), max_length=20)
    transaction_id = models.CharField(_("transaction"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=TransactionKind.choices)
    kind_given = models.CharField(_("the gateway's word for it"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=TransactionState.choices)
    product_id = models.CharField(_("payment or refund"), max_length=80, blank=True)
    gateway_ref = models.CharField(_("payment request"), max_length=80, blank=True)
    reference = models.CharField(_("our reference"), max_length=255, blank=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    is_incoming = models.BooleanField(_("money in"))
    amount_minor = models.BigIntegerField(_("amount"))
    fee_minor = models.BigIntegerField(_("fee"))
    fee_tax_minor = models.BigIntegerField(_("tax in the fee"))
    currency = currency_field()
    settlement = models.CharField(
        _("settlement"), max_length=10, choices=Settlement.choices, blank=True
    )
    settles_at = models.DateTimeField(_("to be settled"), null=True)
    # When it was first listed as settled; the gateway does not say more.
    settled_at = models.DateTimeField(_("settled"), null=True)
    created_at = models.DateTimeField(_("made at the gateway"))
    updated_at = models.DateTimeField(_("changed at the gateway"))
    seen_at = models.DateTimeField(_("first seen here"), db_default=Now())

    # The first capture of the payment: one row is of all of them.
    receipt = models.ForeignKey(
        PaymentReceipt, on_delete=models.PROTECT, related_name="transactions", null=True
    )
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, related_name="transactions", null=True
    )
    # Ledger transactions made of it: each has a number of its own in its key.
    postings = models.PositiveSmallIntegerField(default=0)
    next_match_at = models.DateTimeField(_("to be matched"), null=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("gateway transaction")
        verbose_name_plural = _("gateway transactions")
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "transaction_id"], name="gateway_transaction_once"
            ),
            models.CheckConstraint(
                condition=in_choices("kind", TransactionKind), name="gateway_transaction_kind"
            ),
            models.CheckConstraint(
                condition=in_choices("state", TransactionState), name="gateway_transaction_state"
            ),
            models.CheckConstraint(
                condition=in_choices("settlement", Settlement),
                name="gateway_transaction_settlement",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, fee_minor__gte=0, fee_tax_minor__gte=0),
                name="gateway_transaction_amounts",
            ),
            models.CheckConstraint(
                condition=Q(is_incoming=False)
                | Q(amount_minor__gte=F("fee_minor") + F("fee_tax_minor")),
                name="gateway_transaction_net",
            ),
        ]
        indexes = [
            models.Index(fields=["product_id"], name="gateway_transaction_product"),
            models.Index(fields=["reference"], name="gateway_transaction_reference"),
            models.Index(fields=["created_at"], name="gateway_transaction_created"),
            models.Index(
                fields=["settled_at"],
                condition=Q(settled_at__isnull=False),
                name="gateway_transaction_settled",
            ),
            models.Index(
                fields=["next_match_at"],
                condition=Q(next_match_at__isnull=False),
                name="gateway_transaction_due",
            ),
        ]

    def __str__(self) -> str:
        return self.transaction_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def fee_tax(self) -> Money:
        return Money(self.fee_tax_minor, self.currency)

    @property
    def kept_minor(self) -> int:
        """Fee and its tax."""
        return self.fee_minor + self.fee_tax_minor

    @property
    def net(self) -> Money:
        """What it adds to our balance at the gateway, or takes from it."""
        kept = -self.kept_minor if self.is_incoming else self.kept_minor
        return Money(self.amount_minor + kept, self.currency)

    @property
    def is_done(self) -> bool:
        return self.state == TransactionState.SUCCEEDED

    @property
    def is_taken_back(self) -> bool:
        return self.state in TAKEN_BACK

    @property
    def is_over(self) -> bool:
        """It has ended, and its money is where it was before."""
        return self.is_taken_back or self.state == TransactionState.FAILED

    @property
    def is_fee_kept(self) -> bool:
        """Of money in the fee is kept when it is settled, of all other money at once."""
        return self.is_done and (not self.is_incoming or self.settlement == Settlement.SETTLED)


class StatementReading(models.Model):
    """A gateway's list that is read again and again; a run goes on where the last page ended."""

    class Name(models.TextChoices):
        HOURLY = "hourly", _("every hour")
        NIGHTLY = "nightly", _("every night")

    gateway = models.CharField(_("gateway"), max_length=20)
    name = models.CharField(_("run"), max_length=10, choices=Name.choices)
    next_run_at = models.DateTimeField(_("next run"))
    # Of the run under way; None between runs.
    began_at = models.DateTimeField(_("began"), null=True)
    since = models.DateTimeField(_("changes since"), null=True)
    after = models.CharField(max_length=80, blank=True)
    counts = models.JSONField(_("counts"), default=dict)
    tries = models.PositiveIntegerField(default=0)
    # Of the last run that reached the end.
    ended_at = models.DateTimeField(_("last complete run"), null=True)
    complete_until = models.DateTimeField(null=True)
    last_counts = models.JSONField(_("what it found"), default=dict)
    trouble = models.CharField(_("what stopped it"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("reading of a gateway's list")
        verbose_name_plural = _("readings of gateways' lists")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "name"], name="statement_reading_once"),
            models.CheckConstraint(
                condition=Q(name__in=["hourly", "nightly"]), name="statement_reading_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.name}"
