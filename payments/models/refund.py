"""Money on its way back: one row for each way and each receipt that it is taken from."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order, RefundDue
from payments.gateways.base import RefundReason
from payments.models.exception import PaymentException
from payments.models.receipt import PaymentReceipt
from shop.core.errors import InvalidTransition
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class RefundChannel(models.TextChoices):
    GATEWAY = "gateway", _("back the way it came")
    BANK_TRANSFER = "bank_transfer", _("by bank transfer")
    STORE_CREDIT = "store_credit", _("as credit")


class RefundState(models.TextChoices):
    DRAFT = "draft", _("to be approved")
    APPROVED = "approved", _("approved")
    SUBMITTING = "submitting", _("being submitted")
    UNKNOWN = "unknown", _("unknown, being looked up")
    PENDING = "pending", _("on its way")
    AWAITING_TRANSFER = "awaiting_transfer", _("to be transferred")
    SUCCEEDED = "succeeded", _("given back")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


_ENDED = frozenset({RefundState.SUCCEEDED, RefundState.FAILED})
REFUND_TRANSITIONS: dict[RefundState, frozenset[RefundState]] = {
    RefundState.DRAFT: frozenset({RefundState.APPROVED, RefundState.CANCELLED}),
    RefundState.APPROVED: _ENDED
    | {RefundState.SUBMITTING, RefundState.AWAITING_TRANSFER, RefundState.CANCELLED},
    # Back to approved where the gateway certainly did nothing, and may later.
    RefundState.SUBMITTING: _ENDED
    | {RefundState.APPROVED, RefundState.UNKNOWN, RefundState.PENDING},
    RefundState.UNKNOWN: _ENDED | {RefundState.PENDING},
    RefundState.PENDING: _ENDED,
    RefundState.AWAITING_TRANSFER: frozenset({RefundState.SUCCEEDED, RefundState.CANCELLED}),
    # What seemed never to have arrived may show up after all.
    RefundState.FAILED: frozenset({RefundState.SUCCEEDED}),
    # The customer's bank sends it back.
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.CANCELLED: frozenset(),
}
# Its money is held back for it, at the receipt that it is taken from.
OPEN_REFUNDS = (
    RefundState.DRAFT,
    RefundState.APPROVED,
    RefundState.SUBMITTING,
    RefundState.UNKNOWN,
    RefundState.PENDING,
    RefundState.AWAITING_TRANSFER,
)


class RefundQuerySet(models.QuerySet["Refund"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_REFUNDS)

    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Refund(models.Model):
    """Saved before anybody is asked for it, so that a lost answer is found again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # None for money that belongs to no order.
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", null=True)
    # Why: goods that are made good, or money that did not fit.
    due = models.ForeignKey(RefundDue, on_delete=models.PROTECT, related_name="+", null=True)
    exception = models.ForeignKey(
        PaymentException, on_delete=models.PROTECT, related_name="refunds", null=True
    )
    # None only where goods are made good for which no receipt is left.
    receipt = models.ForeignKey(
        PaymentReceipt, on_delete=models.PROTECT, related_name="refunds", null=True
    )
    channel = models.CharField(_("way"), max_length=15, choices=RefundChannel.choices)
    gateway = models.CharField(_("gateway"), max_length=20, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = currency_field()
    reason = models.CharField(
        _("reason"), max_length=10, choices=[(each.value, each.value) for each in RefundReason]
    )
    reference = models.CharField(_("our reference"), max_length=60, unique=True)
    refund_ref = models.CharField(_("gateway's id"), max_length=80, blank=True)
    state = models.CharField(
        _("state"), max_length=20, choices=RefundState.choices, default=RefundState.DRAFT
    )
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("asked for by"),
    )
    requested_at = models.DateTimeField(_("asked for"), db_default=Now())
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    # The day on which the money left, and the bank's word for it.
    paid_on = models.DateField(_("paid on"), null=True)
    paid_reference = models.CharField(_("reference of the transfer"), max_length=60, blank=True)
    # What tells its bank account from the customer's others, and gives none of it away.
    paid_to = models.CharField(
        _("account ending in"), max_length=4, blank=True, default="", db_default=""
    )
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("transferred by"),
    )
    ended_at = models.DateTimeField(_("ended"), null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    # Look-ups that did not find it; two, far enough apart, mean it never got there.
    first_lookup_at = models.DateTimeField(null=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [("approve_refund", "Can approve a refund that somebody else asked for")]
        constraints = [
            models.CheckConstraint(condition=in_choices("state", RefundState), name="refund_state"),
            models.CheckConstraint(
                condition=in_choices("channel", RefundChannel), name="refund_channel"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=Q(due=None) | Q(exception=None), name="refund_for_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(receipt__isnull=False) | Q(due__isnull=False),
                name="refund_of_something",
            ),
            models.UniqueConstraint(
                fields=["gateway", "refund_ref"],
                condition=~Q(refund_ref=""),
                name="refund_ref_once",
            ),
            # Who asked for it does not approve it too.
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(requested_by=None)
                | ~Q(approved_by=models.F("requested_by")),
                name="refund_two_persons",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="refund_due_try",
            ),
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=["draft", "awaiting_transfer"]),
                name="refund_for_staff",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REFUNDS

    def can_move_to(self, target: RefundState) -> bool:
        return target in REFUND_TRANSITIONS[RefundState(self.state)]

    def move_to(self, target: RefundState) -> None:
        """Change the state in memory; the caller holds the order's lock and saves."""
        if not self.can_move_to(target):
            raise InvalidTransition(f"refund {self.reference}: {self.state} to {target}")
        self.state = target
