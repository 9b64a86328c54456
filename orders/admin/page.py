"""All that staff see of one order, on one page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from orders.admin.badges import fulfilment_badge, order_badge, shipment_badge
from orders.admin.forms import ShipForm, line_label
from orders.fulfilment import unshipped
from orders.models import (
    Adjustment,
    FulfilmentGroup,
    Order,
    OrderContact,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Shipment,
    ShipmentLine,
)
from orders.order_page import EVENT_TEXTS
from orders.status import fulfilment_status
from shop.core.money import Money

STAFF_EVENT_TEXTS: dict[str, str | Promise] = EVENT_TEXTS | {
    "payment_tried": _("Another payment method tried: {method}"),
    "partly_paid": _("Only {amount} came, {missing} missing"),
    "paid_too_late": _("Paid after the goods were sold out"),
    "review_written": _("Review written, {rating} of 5 stars"),
    "review_changed": _("Review changed by its author"),
    "review_published": _("Review published"),
    "review_rejected": _("Review rejected"),
    "review_hidden": _("Review hidden"),
    "review_answered": _("Review answered"),
    "review_answer_removed": _("Answer to the review removed"),
    "review_photo_removed": _("Photo of the review removed"),
    "review_erased": _("Words and photos of the review erased"),
}


@dataclass(frozen=True, slots=True)
class LineRow:
    line: OrderLine
    left: int

    @property
    def shipped(self) -> int:
        return self.line.quantity - self.left


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    shipment: Shipment
    status: SafeString
    contents: str


@dataclass(frozen=True, slots=True)
class GroupCard:
    """`form` is there while something can be sent, and the reader may send it."""

    group: FulfilmentGroup
    lines: list[LineRow]
    shipments: list[ShipmentRow]
    form: ShipForm | None


@dataclass(frozen=True, slots=True)
class Happening:
    text: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderPage:
    order: Order
    status: SafeString
    fulfilment: SafeString | str
    contact: OrderContact | None
    groups: list[GroupCard]
    steps: list[Adjustment]
    happenings: list[Happening]

    @property
    def whatsapp_url(self) -> str:
        return f"https://wa.me/{self.contact.phone.lstrip('+')}" if self.contact else ""


def show_order(
    order: Order, *, may_ship: bool, typed: Mapping[int, ShipForm] | None = None
) -> OrderPage:
    """`typed`: group pk → a form that was refused, to be shown again as it was filled in."""
    groups = order.groups.order_by("pk").prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("pk")),
        Prefetch("shipments", Shipment.objects.order_by("pk").select_related("created_by")),
        Prefetch("shipments__lines", ShipmentLine.objects.select_related("order_line")),
    )
    can_ship = may_ship and order.status == OrderStatus.CONFIRMED
    return OrderPage(
        order=order,
        status=order_badge(order),
        fulfilment=fulfilment_badge(order, fulfilment_status(order=order)),
        contact=getattr(order, "contact", None),
        groups=[_card(group, can_ship=can_ship, typed=typed or {}) for group in groups],
        steps=list(order.adjustments.order_by("step")),
        happenings=[
            _happening(event, order.currency)
            for event in order.events.select_related("user").order_by("-created_at", "-pk")
        ],
    )


def _card(group: FulfilmentGroup, *, can_ship: bool, typed: Mapping[int, ShipForm]) -> GroupCard:
    left = unshipped(group)
    form = typed.get(group.pk) or ShipForm(group=group, left=left)
    return GroupCard(
        group=group,
        lines=[LineRow(line, left.get(line.pk, 0)) for line in group.lines.all()],
        shipments=[
            ShipmentRow(shipment, shipment_badge(shipment.status), _contents(shipment))
            for shipment in group.shipments.all()
        ],
        form=form if can_ship and left else None,
    )


def _contents(shipment: Shipment) -> str:
    return ", ".join(
        f"{line.quantity} × {line_label(line.order_line)}" for line in shipment.lines.all()
    )


def _happening(event: OrderEvent, currency: str) -> Happening:
    text = str(STAFF_EVENT_TEXTS.get(event.kind, event.kind))
    facts = {
        name: Money(value, currency).format() if name in ("amount", "missing") else value
        for name, value in event.data.items()
    }
    actor = event.user.email if event.user else event.get_actor_display()
    return Happening(text.format(**facts), actor, event.created_at)
