"""Goods that come back from a customer, and the money that is owed for goods."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from orders.models.fulfilment import Shipment
from orders.models.order import Order, OrderLine
from shop.core.errors import InvalidTransition
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class ReturnState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved, on its way back")
    REJECTED = "rejected", _("rejected")
    RECEIVED = "received", _("received, to be settled")
    SETTLED = "settled", _("settled")
    CANCELLED = "cancelled", _("cancelled")


RETURN_TRANSITIONS: dict[ReturnState, frozenset[ReturnState]] = {
    ReturnState.REQUESTED: frozenset(
        {ReturnState.APPROVED, ReturnState.REJECTED, ReturnState.CANCELLED}
    ),
    # Cancelled also where the goods never come.
    ReturnState.APPROVED: frozenset({ReturnState.RECEIVED, ReturnState.CANCELLED}),
    ReturnState.RECEIVED: frozenset({ReturnState.SETTLED}),
    ReturnState.REJECTED: frozenset(),
    ReturnState.SETTLED: frozenset(),
    ReturnState.CANCELLED: frozenset(),
}
OPEN_RETURNS = (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.RECEIVED)
# Their units are still with the customer and may be asked for again.
VOID_RETURNS = (ReturnState.REJECTED, ReturnState.CANCELLED)


class ReturnReason(models.TextChoices):
    TOO_SMALL = "too_small", _("Too small")
    TOO_LARGE = "too_large", _("Too large")
    DAMAGED = "damaged", _("Damaged or faulty")
    WRONG_ITEM = "wrong_item", _("Not what I ordered")
    NOT_AS_SHOWN = "not_as_shown", _("Looks different from the pictures")
    CHANGED_MIND = "changed_mind", _("I changed my mind")
    OTHER = "other", _("Another reason")


class ReturnOutcome(models.TextChoices):
    REFUND = "refund", _("Money back")
    EXCHANGE = "exchange", _("Another size or colour")


class GoodsCondition(models.TextChoices):
    AS_NEW = "as_new", _("as new")
    WORN = "worn", _("worn or washed")
    DAMAGED = "damaged", _("damaged")
    WRONG = "wrong", _("not ours")


class ReturnQuerySet(models.QuerySet["Return"]):
    def open(self) -> "ReturnQuerySet":
        return self.filter(state__in=OPEN_RETURNS)


class Return(models.Model):
    """Some units of an order on their way back. Changed only under the order's lock."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seq = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=10, choices=ReturnState.choices, default=ReturnState.REQUESTED
    )
    outcome = models.CharField(_("wanted"), max_length=10, choices=ReturnOutcome.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=ReturnReason.choices)
    # Both are people's words: `orders.notes.erase_words` empties them.
    note = models.CharField(_("note of the customer"), max_length=500, blank=True)
    answer = models.CharField(_("answer of the shop"), max_length=500, blank=True)
    # Who holds the exchange goods; a new one when the hold is renewed.
    holder = models.UUIDField(default=uuid.uuid4, editable=False)
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    # An approved return whose goods have not come by then lapses.
    due_at = models.DateTimeField(_("to arrive by"), null=True)
    received_at = models.DateTimeField(_("received at"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            models.UniqueConstraint(fields=["order", "seq"], name="return_number_once"),
            models.CheckConstraint(condition=in_choices("state", ReturnState), name="return_state"),
            models.CheckConstraint(
                condition=in_choices("outcome", ReturnOutcome), name="return_outcome"
            ),
            models.CheckConstraint(
                condition=in_choices("reason", ReturnReason), name="return_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "settled"]) | Q(received_at__isnull=False),
                name="return_received_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(settled_at__isnull=False),
                name="return_settled_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order"],
                condition=Q(state__in=["requested", "approved", "received"]),
                name="return_open",
            ),
            models.Index(fields=["due_at"], condition=Q(state="approved"), name="return_due"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What to write on the parcel: `R7K4-9MQX-R1`."""
        return f"{self.order.number}-R{self.seq}"

    def move_to(self, target: ReturnState) -> None:
        """Change the state in memory; the caller holds the order's lock and saves."""
        if target not in RETURN_TRANSITIONS[ReturnState(self.state)]:
            raise InvalidTransition(f"return {self.pk}: {self.state} to {target}")
        self.state = target

    def is_late(self, *, at: datetime) -> bool:
        """Whether its goods should have come by now."""
        return self.state == ReturnState.APPROVED and self.due_at is not None and self.due_at <= at


class ReturnLine(models.Model):
    """Units of one order line; for an exchange also what goes out in their place."""

    goods_return = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    exchange_variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="+", null=True
    )
    exchange_name = models.CharField(_("exchanged for"), max_length=120, blank=True)
    received_quantity = models.PositiveIntegerField(_("received"), null=True)
    condition = models.CharField(
        _("condition"), max_length=10, choices=GoodsCondition.choices, blank=True
    )
    restocked_quantity = models.PositiveIntegerField(_("put back into stock"), default=0)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        constraints = [
            models.UniqueConstraint(fields=["goods_return", "order_line"], name="return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_positive"),
            models.CheckConstraint(
                condition=Q(received_quantity=None) | Q(received_quantity__lte=F("quantity")),
                name="return_line_no_more_than_asked",
            ),
            models.CheckConstraint(
                condition=Q(restocked_quantity=0)
                | Q(received_quantity__gte=F("restocked_quantity")),
                name="return_line_restocked_what_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_id}"


class RefundDue(models.Model):
    """Money that the shop owes for goods: of a settled return, of a parcel that went astray, or,
    without either, of an order that was called off before anything of it was sent.

    `payments.refunds` gives it back; nothing to pay is paid at once.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds_due")
    goods_return = models.OneToOneField(
        Return, on_delete=models.PROTECT, related_name="refund_due", null=True
    )
    shipment = models.OneToOneField(
        Shipment, on_delete=models.PROTECT, related_name="refund_due", null=True
    )
    amount_minor = models.BigIntegerField(_("amount"))
    # What of the goods' worth was never paid: their parcel was to be paid at the door.
    uncollected_minor = models.BigIntegerField(_("never paid"), default=0, db_default=0)
    # What of it is not there: taken back by the payer's bank, or never come.
    absent_minor = models.BigIntegerField(_("not there"), default=0, db_default=0)
    currency = currency_field()
    # Why it is less than the goods are worth, as the customer reads it; people's words.
    reason = models.CharField(
        _("why not all of it"), max_length=500, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(_("owed since"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # When it was recorded, and the day on which the money left.
    paid_at = models.DateTimeField(_("paid at"), null=True)
    paid_on = models.DateField(_("paid on"), null=True)
    paid_reference = models.CharField(
        _("reference of the transfer"), max_length=60, blank=True, default="", db_default=""
    )
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        verbose_name = _("refund due")
        verbose_name_plural = _("refunds due")
        constraints = [
            models.CheckConstraint(
                condition=Q(goods_return=None) | Q(shipment=None), name="refund_due_for_one_thing"
            ),
            # An order is called off once.
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(goods_return=None, shipment=None),
                name="refund_due_called_off_once",
            ),
            models.CheckConstraint(
                condition=Q(paid_at=None) | Q(amount_minor=0) | Q(paid_on__isnull=False),
                name="refund_due_paid_on",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="refund_due_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(uncollected_minor__gte=0), name="refund_due_never_paid"
            ),
            models.CheckConstraint(condition=Q(absent_minor__gte=0), name="refund_due_not_there"),
        ]
        indexes = [
            models.Index(fields=["order"], condition=Q(paid_at=None), name="refund_due_open")
        ]

    def __str__(self) -> str:
        return self.amount.format()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def worth_minor(self) -> int:
        """What the goods were sold for, paid or not."""
        return self.amount_minor + self.uncollected_minor + self.absent_minor


class RefundDueLine(models.Model):
    """How much of it is for which line of the order; never for more units than were bought."""

    refund_due = models.ForeignKey(RefundDue, on_delete=models.CASCADE, related_name="lines")
    # The line that was paid for, also where a replacement of it came back.
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="refund_due_lines"
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("refund due for a line")
        verbose_name_plural = _("refunds due for lines")
        constraints = [
            models.UniqueConstraint(
                fields=["refund_due", "order_line"], name="refund_due_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, amount_minor__gte=0), name="refund_due_line_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} for {self.quantity} × {self.order_line_id}"
