"""What came into the merchant's bank account, as the bank's own statement says."""

from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models.attempt import PaymentAttempt
from payments.models.receipt import PaymentReceipt
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class BankStatement(models.Model):
    """A file of the bank that staff have read in. Money that left the account is not kept of it."""

    name = models.CharField(_("file"), max_length=120)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("read in by"),
    )
    uploaded_at = models.DateTimeField(_("read in"), db_default=Now())
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to"))
    # What the file held beside the new lines, so that nothing seems lost.
    known = models.PositiveIntegerField(_("known already"), default=0)
    outgoing = models.PositiveIntegerField(_("money that left"), default=0)
    uneven = models.PositiveIntegerField(_("with a part of a rupiah"), default=0)
    pending = models.PositiveIntegerField(_("not booked by the bank yet"), default=0)

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_on__lte=models.F("last_on")), name="statement_period"
            )
        ]

    def __str__(self) -> str:
        return self.name


class LineState(models.TextChoices):
    NEW = "new", _("to be decided")
    BOOKED = "booked", _("booked")
    SET_ASIDE = "set_aside", _("set aside")


class StatementLine(models.Model):
    """Money that came into the account: one line of a statement, kept and booked once.

    `key` is made of what the bank says of it (payments.transfers.reading), so that the same line of
    another file is the same row.
    """

    State: TypeAlias = LineState

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(max_length=64, unique=True, editable=False)
    position = models.PositiveIntegerField(_("line"))
    booked_on = models.DateField(_("day"))
    amount_minor = models.BigIntegerField(_("amount"))
    currency = currency_field()
    # Names people: emptied some time after (payments.transfers.forgetting), and never logged.
    description = models.CharField(_("the bank's words"), max_length=300, blank=True)
    forgotten_at = models.DateTimeField(null=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=LineState.choices, default=LineState.NEW
    )
    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="statement_lines", null=True
    )
    receipt = models.OneToOneField(
        PaymentReceipt, on_delete=models.PROTECT, related_name="statement_line", null=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    read_at = models.DateTimeField(_("read in"), db_default=Now())

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", LineState), name="statement_line_state"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="statement_line_positive"),
            models.CheckConstraint(
                condition=Q(state="booked", receipt__isnull=False)
                | (~Q(state="booked") & Q(receipt=None, attempt=None)),
                name="statement_line_booked",
            ),
        ]
        indexes = [
            models.Index(fields=["booked_on", "amount_minor"], name="statement_line_twins"),
            models.Index(
                fields=["read_at"], condition=~Q(description=""), name="statement_line_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount.format()}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
