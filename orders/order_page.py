"""What a customer sees of a placed order, found by the unguessable token of its link."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.catalogue import ImageView
from catalog.pictures import variant_pictures
from orders.models import (
    FulfilmentGroup,
    Order,
    OrderContact,
    OrderLine,
    OrderStatus,
    Shipment,
)
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
    "delivered": _("Delivered"),
}


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
class OrderView:
    contact: OrderContact | None
    groups: list[GroupView]
    shipments: list[Shipment]
    happenings: list[Happening]
    progress: Progress


def find_order(*, token: str) -> Order:
    """Raises OrderNotFound."""
    order = Order.objects.select_related("contact").filter(token=token).first()
    if order is None:
        raise OrderNotFound
    return order


def find_order_of(*, number: str, email: str) -> Order:
    """The order with this number if it was placed with this e-mail.

    Raises OrderNotFound, the same whether the number or the e-mail is wrong.
    """
    typed = number.strip().upper().replace(" ", "-")
    order = Order.objects.filter(number=typed, contact__email__iexact=email.strip()).first()
    if order is None:
        raise OrderNotFound
    return order


def show_order(order: Order) -> OrderView:
    """Eleven queries, however long the order."""
    lines = OrderLine.objects.order_by("pk").select_related("variant")
    groups = list(
        order.groups.order_by("pk").prefetch_related(
            Prefetch("lines", lines), Prefetch("shipments", Shipment.objects.order_by("pk"))
        )
    )
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
        shipments=[shipment for group in groups for shipment in group.shipments.all()],
        happenings=[
            Happening(str(EVENT_TEXTS[event.kind]).format(**event.data), event.created_at)
            for event in order.events.order_by("-created_at", "-pk")
            if event.kind in EVENT_TEXTS
        ],
        progress=progress_of(order, fulfilment_status(order=order)),
    )


def progress_of(order: Order, fulfilment: FulfilmentStatus) -> Progress:
    match order.status:
        case OrderStatus.PENDING:
            return Progress(
                str(_("Awaiting payment")),
                "wait",
                str(_("Your goods are reserved for you until the deadline. Please pay before it.")),
            )
        case OrderStatus.EXPIRED | OrderStatus.CANCELLED:
            return Progress(
                str(_("Closed")),
                "bad",
                str(
                    _(
                        "This order was not paid in time or was replaced. Its goods are for sale"
                        " again. Money that still reaches us is booked and answered, never lost."
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
