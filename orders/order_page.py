"""What a customer sees of a placed order, found by the unguessable token of its link."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.catalogue import ImageView
from catalog.pictures import variant_pictures
from orders.calling_off import may_call_off
from orders.emails import tracking_url
from orders.models import (
    FulfilmentGroup,
    Invoice,
    Order,
    OrderContact,
    OrderEvent,
    OrderLine,
    ParcelDecision,
    RefundDue,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
)
from orders.models.order import NUMBER_ALPHABET
from orders.progress import Facts, Progress, parcel_text, progress_of, refund_text, return_step
from orders.receipts.credit_note import credit_notes_of
from orders.returns.quantities import returnable
from orders.reviews.own import LineReview, line_reviews
from orders.status import fulfilment_status
from shop.core.errors import NotFound
from shop.core.money import Money

# Events that mean something to a customer; all others are the shop's own affair.
EVENT_TEXTS: dict[str, str | Promise] = {
    "placed": _("Order placed"),
    "credit_used": _("{amount} paid with a gift card or store credit"),
    "confirmed": _("Payment received"),
    "confirmed_to_collect": _("Order confirmed; the courier collects {amount} in cash"),
    "collected": _("The courier has handed over {amount}"),
    "called_off": _("Order cancelled; its money goes back to you"),
    "refund_paid": _("{amount} sent back to you"),
    "confirmed_late": _("Payment received, after the deadline but in time for your goods"),
    "superseded": _("Replaced by a newer order of the same cart"),
    "expired": _("Not paid in time, order closed"),
    "cancelled": _("Order cancelled"),
    "shipped": _("Sent with {courier}, tracking number {tracking_number}"),
    "tracking_corrected": _("Corrected: sent with {courier}, tracking number {tracking_number}"),
    "delivered": _("Parcel {tracking_number} has arrived"),
    "delivered_assumed": _("Parcel {tracking_number} should have arrived by now"),
    "delivery_undone": _("Parcel {tracking_number} is still on its way"),
    "parcel_on_its_way": _("Parcel {tracking_number} is on its way again"),
    "parcel_lost": _("Parcel {tracking_number} was lost on its way"),
    "parcel_lost_after_all": _("Parcel {tracking_number} has not reached you"),
    "parcel_came_back_after_all": _("Parcel {tracking_number} has come back to us"),
    "parcel_came_back": _("Parcel {tracking_number} could not be delivered and came back to us"),
    "parcel_resend": _("The goods of parcel {tracking_number} are sent again"),
    "parcel_refund": _("The money for parcel {tracking_number} is given back"),
    "return_requested": _("Return {return} asked for"),
    "return_approved": _("Return {return} approved"),
    "return_rejected": _("Return {return} not accepted"),
    "return_received": _("Return {return} has reached us"),
    "return_settled": _("Return {return} settled"),
    "return_cancelled": _("Return {return} ended"),
    "closed": _("Order completed"),
}


# Where the event is about no money.
WITHOUT_MONEY: dict[str, str | Promise] = {
    "called_off": _("Order cancelled"),
    "parcel_refund": _("The goods of parcel {tracking_number} are not sent again"),
}
AMOUNTS = ("amount", "missing")
# A number is told on the phone and copied from a mail with whatever stands around it.
NOT_IN_NUMBERS = re.compile(f"[^{NUMBER_ALPHABET}]")


class OrderNotFound(NotFound):
    code = "order_not_found"
    message = _("We could not find that order. Please check the link in your mail.")


@dataclass(frozen=True, slots=True)
class Happening:
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LineView:
    line: OrderLine
    image: ImageView | None
    review: LineReview | None


@dataclass(frozen=True, slots=True)
class GroupView:
    group: FulfilmentGroup
    lines: list[LineView]


@dataclass(frozen=True, slots=True)
class ParcelView:
    """One parcel on its own: where it is in words, and what is in it."""

    shipment: Shipment
    state: str
    lines: list[tuple[int, OrderLine]]
    tracking_url: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return and what the customer has to do next."""

    goods_return: Return
    lines: list[ReturnLine]
    next_step: str
    refund: RefundDue | None


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money that goes back, and whether it has been sent."""

    refund: RefundDue
    text: str


@dataclass(frozen=True, slots=True)
class OrderView:
    contact: OrderContact | None
    groups: list[GroupView]
    parcels: list[ParcelView]
    returns: list[ReturnView]
    happenings: list[Happening]
    refunds: list[RefundView]
    credit_notes: list[Invoice]
    progress: Progress
    can_call_off: bool
    can_return: bool
    return_address: str

    @property
    def shipments(self) -> list[Shipment]:
        return [parcel.shipment for parcel in self.parcels]


def find_order(*, token: str) -> Order:
    """Raises OrderNotFound."""
    order = Order.objects.select_related("contact").filter(token=token).first()
    if order is None:
        raise OrderNotFound
    return order


def find_order_of(*, number: str, email: str) -> Order:
    """The order with this number if it was placed with this e-mail, however they are written.

    Raises OrderNotFound, the same and after the same work whether the number or the e-mail is
    wrong.
    """
    letters = NOT_IN_NUMBERS.sub("", number.upper())
    typed = f"{letters[:4]}-{letters[4:]}"
    order = Order.objects.select_related("contact").filter(number=typed).first()
    contact = getattr(order, "contact", None)
    placed_with = contact.email if contact else ""
    is_right = constant_time_compare(placed_with.lower(), email.strip().lower())
    if order is None or not placed_with or not is_right:
        raise OrderNotFound
    return order


def show_order(order: Order) -> OrderView:
    """A number of queries that does not depend on the length of the order."""
    lines = OrderLine.objects.order_by("pk").select_related("variant", "replaces")
    parcels = Prefetch(
        "shipments",
        # What is only packed is the shop's own affair.
        Shipment.objects.exclude(status=ShipmentStatus.PACKED)
        .order_by("pk")
        .prefetch_related(
            Prefetch(
                "lines",
                ShipmentLine.objects.order_by("pk").select_related("order_line__variant"),
            )
        ),
    )
    groups = list(order.groups.order_by("pk").prefetch_related(Prefetch("lines", lines), parcels))
    bought = [line for group in groups for line in group.lines.all()]
    pictures = variant_pictures([line.variant_id for line in bought])
    reviews = line_reviews(order)
    facts = _facts(order, groups)
    of_parcels = {due.shipment_id: due for due in facts.refunds if due.shipment_id}
    return OrderView(
        contact=getattr(order, "contact", None),
        groups=[
            GroupView(
                group,
                [
                    LineView(line, pictures.get(line.variant_id), reviews.get(line.pk))
                    for line in group.lines.all()
                ],
            )
            for group in groups
        ],
        parcels=[_parcel(parcel, of_parcels.get(parcel.pk)) for parcel in facts.parcels],
        returns=_returns(facts),
        refunds=[RefundView(due, refund_text(due)) for due in facts.refunds if due.amount_minor],
        credit_notes=credit_notes_of(order) if order.confirmed_at else [],
        happenings=[
            Happening(happening_text(EVENT_TEXTS, event, order), event.created_at)
            for event in order.events.order_by("-created_at", "-pk")
            if event.kind in EVENT_TEXTS
        ],
        progress=progress_of(order, fulfilment_status(order=order), facts),
        can_call_off=may_call_off(order),
        can_return=bool(returnable(order, at=timezone.now())),
        return_address=settings.RETURN_ADDRESS,
    )


def happening_text(texts: Mapping[str, str | Promise], event: OrderEvent, order: Order) -> str:
    """The text for the event with its facts; amounts as money."""
    text = texts.get(event.kind, event.kind)
    if event.data.get("amount") == 0:
        text = WITHOUT_MONEY.get(event.kind, text)
    facts = {
        name: Money(value, order.currency).format() if name in AMOUNTS else value
        for name, value in event.data.items()
    }
    return str(text).format(**facts)


def _facts(order: Order, groups: list[FulfilmentGroup]) -> Facts:
    parcels = [parcel for group in groups for parcel in group.shipments.all()]
    returns = list(
        order.returns.order_by("-seq").prefetch_related(
            Prefetch(
                "lines",
                ReturnLine.objects.order_by("pk").select_related(
                    "order_line__variant", "exchange_variant"
                ),
            )
        )
    )
    for goods_return in returns:
        goods_return.order = order
    return Facts(
        parcels=parcels,
        unsent=_unsent([line for group in groups for line in group.lines.all()], parcels),
        returns=returns,
        refunds=list(RefundDue.objects.filter(order=order).order_by("pk")),
    )


def _unsent(lines: list[OrderLine], parcels: list[Shipment]) -> list[OrderLine]:
    """Those of which units have yet to leave. `parcels`: what has left; the goods of one that is
    to be sent again have not."""
    sent: Counter[int] = Counter()
    for parcel in parcels:
        if parcel.decision != ParcelDecision.RESEND:
            for row in parcel.lines.all():
                sent[row.order_line_id] += row.quantity
    return [line for line in lines if line.quantity > sent[line.pk]]


def _parcel(shipment: Shipment, refund: RefundDue | None) -> ParcelView:
    return ParcelView(
        shipment,
        parcel_text(shipment, refund),
        [(line.quantity, line.order_line) for line in shipment.lines.all()],
        tracking_url(shipment.courier, shipment.tracking_number),
    )


def _returns(facts: Facts) -> list[ReturnView]:
    refunds = {due.goods_return_id: due for due in facts.refunds if due.goods_return_id}
    return [
        ReturnView(
            each,
            list(each.lines.all()),
            return_step(each, refunds.get(each.pk), facts),
            refunds.get(each.pk),
        )
        for each in facts.returns
    ]
