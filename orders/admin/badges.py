"""A status as a word with a shape: nobody has to tell colours apart."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.models import Order, OrderStatus, Review, ReviewState, ShipmentStatus
from orders.status import FulfilmentStatus


class Shape(StrEnum):
    """The shape is the meaning; the style sheet only colours it."""

    OPEN = "○"
    HALF = "◐"
    DONE = "●"
    OVER = "✓"
    ENDED = "✕"
    ALERT = "▲"


ORDER_SHAPES: dict[OrderStatus, Shape] = {
    OrderStatus.PENDING: Shape.OPEN,
    OrderStatus.CONFIRMED: Shape.DONE,
    OrderStatus.CLOSED: Shape.OVER,
    OrderStatus.CANCELLED: Shape.ENDED,
    OrderStatus.EXPIRED: Shape.ENDED,
}
FULFILMENT_SHAPES: dict[FulfilmentStatus, Shape] = {
    FulfilmentStatus.UNFULFILLED: Shape.OPEN,
    FulfilmentStatus.PARTIALLY_SHIPPED: Shape.HALF,
    FulfilmentStatus.SHIPPED: Shape.DONE,
    FulfilmentStatus.DELIVERED: Shape.OVER,
    FulfilmentStatus.RETURNED: Shape.ALERT,
}
SHIPMENT_SHAPES: dict[ShipmentStatus, Shape] = {
    ShipmentStatus.PACKED: Shape.HALF,
    ShipmentStatus.SHIPPED: Shape.DONE,
    ShipmentStatus.DELIVERED: Shape.OVER,
    ShipmentStatus.LOST: Shape.ALERT,
    ShipmentStatus.RETURNED_TO_SENDER: Shape.ALERT,
}
REVIEW_SHAPES: dict[ReviewState, Shape] = {
    ReviewState.PENDING: Shape.OPEN,
    ReviewState.PUBLISHED: Shape.DONE,
    ReviewState.REJECTED: Shape.ENDED,
    ReviewState.HIDDEN: Shape.ENDED,
}


def badge(label: str | Promise, shape: Shape) -> SafeString:
    return format_html(
        '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>',
        shape.name.lower(),
        shape.value,
        label,
    )


def order_badge(order: Order) -> SafeString:
    status = OrderStatus(order.status)
    return badge(status.label, ORDER_SHAPES[status])


def fulfilment_badge(order: Order, status: FulfilmentStatus) -> SafeString | str:
    """Nothing to say about goods that nobody is owed."""
    if status == FulfilmentStatus.UNFULFILLED and order.status != OrderStatus.CONFIRMED:
        return "–"
    return badge(status.label, FULFILMENT_SHAPES[status])


def shipment_badge(status: str) -> SafeString:
    known = ShipmentStatus(status)
    return badge(known.label, SHIPMENT_SHAPES[known])


def review_badge(review: Review) -> SafeString:
    state = ReviewState(review.state)
    return badge(state.label, REVIEW_SHAPES[state])
