"""What a customer sees of a placed order, found by the unguessable token of its link."""

import re
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
from orders.emails import tracking_url
from orders.models import (
    FulfilmentGroup,
    Order,
    OrderContact,
    OrderLine,
    OrderStatus,
    ParcelDecision,
    RefundDue,
    Return,
    ReturnLine,
    ReturnState,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
)
from orders.models.order import NUMBER_ALPHABET
from orders.returns.quantities import returnable
from orders.reviews.own import LineReview, line_reviews
from orders.status import FulfilmentStatus, fulfilment_status
from shop.core.errors import NotFound

# Events that mean something to a customer; all others are the shop's own affair.
EVENT_TEXTS: dict[str, str | Promise] = {
    "placed": _("Order placed"),
    "confirmed": _("Payment received"),
    "confirmed_late": _("Payment received, after the deadline but in time for your goods"),
    "superseded": _("Replaced by a newer order of the same cart"),
    "expired": _("Not paid in time, order closed"),
    "cancelled": _("Order cancelled"),
    "shipped": _("Sent with {courier}, tracking number {tracking_number}"),
    "tracking_corrected": _("Corrected: sent with {courier}, tracking number {tracking_number}"),
    "delivered": _("Parcel {tracking_number} has arrived"),
    "delivered_assumed": _("Parcel {tracking_number} should have arrived by now"),
    "delivery_undone": _("Parcel {tracking_number} is still on its way"),
    "parcel_lost": _("Parcel {tracking_number} was lost on its way"),
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


PARCEL_TEXTS: dict[ShipmentStatus, str | Promise] = {
    ShipmentStatus.SHIPPED: _("On its way to you"),
    ShipmentStatus.DELIVERED: _("Arrived"),
    ShipmentStatus.LOST: _("Lost on its way; we will write to you"),
    ShipmentStatus.RETURNED_TO_SENDER: _("Came back to us; we will write to you"),
}
DECISION_TEXTS: dict[ParcelDecision, str | Promise] = {
    ParcelDecision.RESEND: _("Did not arrive; its goods are sent again"),
    ParcelDecision.REFUND: _("Did not arrive; you get your money back"),
}
RETURN_STEPS: dict[ReturnState, str | Promise] = {
    ReturnState.REQUESTED: _("We look at it and answer soon. Please do not send anything yet."),
    ReturnState.APPROVED: _("Please send it to us, with the number of the return on the parcel."),
    ReturnState.REJECTED: _("We cannot accept it."),
    ReturnState.RECEIVED: _("It has reached us. We look at it and write to you soon."),
    ReturnState.SETTLED: _("Settled."),
    ReturnState.CANCELLED: _("It has ended; nothing needs to be sent."),
}

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
class Progress:
    """Where the order stands: one short label, its tone, and what happens next."""

    label: str
    tone: str
    next_step: str


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
    state: str | Promise
    lines: list[tuple[int, OrderLine]]
    tracking_url: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return and what the customer has to do next."""

    goods_return: Return
    lines: list[ReturnLine]
    next_step: str | Promise
    refund: RefundDue | None


@dataclass(frozen=True, slots=True)
class OrderView:
    contact: OrderContact | None
    groups: list[GroupView]
    parcels: list[ParcelView]
    returns: list[ReturnView]
    happenings: list[Happening]
    progress: Progress
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
        parcels=[_parcel(parcel) for group in groups for parcel in group.shipments.all()],
        returns=_returns(order),
        happenings=[
            Happening(str(EVENT_TEXTS[event.kind]).format(**event.data), event.created_at)
            for event in order.events.order_by("-created_at", "-pk")
            if event.kind in EVENT_TEXTS
        ],
        progress=progress_of(order, fulfilment_status(order=order)),
        can_return=bool(returnable(order, at=timezone.now())),
        return_address=settings.RETURN_ADDRESS,
    )


def _parcel(shipment: Shipment) -> ParcelView:
    status = ShipmentStatus(shipment.status)
    state = PARCEL_TEXTS[status]
    if shipment.decision:
        state = DECISION_TEXTS[ParcelDecision(shipment.decision)]
    return ParcelView(
        shipment,
        state,
        [(line.quantity, line.order_line) for line in shipment.lines.all()],
        tracking_url(shipment.courier, shipment.tracking_number),
    )


def _returns(order: Order) -> list[ReturnView]:
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
    refunds = {due.goods_return_id: due for due in RefundDue.objects.filter(order=order)}
    for goods_return in returns:
        goods_return.order = order
    return [
        ReturnView(
            each,
            list(each.lines.all()),
            RETURN_STEPS[ReturnState(each.state)],
            refunds.get(each.pk),
        )
        for each in returns
    ]


def progress_of(order: Order, fulfilment: FulfilmentStatus) -> Progress:
    match order.status:
        case OrderStatus.PENDING:
            return Progress(
                str(_("Awaiting payment")),
                "wait",
                str(_("Your goods are reserved for you until the deadline. Please pay before it.")),
            )
        case OrderStatus.CANCELLED:
            return Progress(
                str(_("Cancelled")),
                "bad",
                str(
                    _(
                        "This order was cancelled or replaced. Its goods are for sale again. Money"
                        " that still reaches us is booked and answered, never lost."
                    )
                ),
            )
        case OrderStatus.EXPIRED:
            return Progress(
                str(_("Closed")),
                "bad",
                str(
                    _(
                        "This order was not paid in time. Its goods are for sale again. Money that"
                        " still reaches us is booked and answered, never lost."
                    )
                ),
            )
        case _other:
            return _progress_of_paid(fulfilment)


def _progress_of_paid(fulfilment: FulfilmentStatus) -> Progress:
    texts: dict[FulfilmentStatus, tuple[str | Promise, str | Promise]] = {
        FulfilmentStatus.UNFULFILLED: (
            _("Paid, being packed"),
            _("Thank you. We are packing your order and write to you as soon as it is on its way."),
        ),
        FulfilmentStatus.PARTIALLY_SHIPPED: (
            _("Partly sent"),
            _("A part of your order is on its way, the rest follows."),
        ),
        FulfilmentStatus.SHIPPED: (
            _("On its way"),
            _("Your order is with the courier. Follow it with the tracking number."),
        ),
        FulfilmentStatus.DELIVERED: (_("Delivered"), _("Your order has arrived. Enjoy it.")),
        FulfilmentStatus.RETURNED: (
            _("Came back to us"),
            _("The courier could not deliver the parcel. We will contact you."),
        ),
    }
    label, next_step = texts[fulfilment]
    tone = "bad" if fulfilment == FulfilmentStatus.RETURNED else "good"
    return Progress(str(label), tone, str(next_step))
