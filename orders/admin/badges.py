"""The statuses of orders, goods and parcels as badges."""

from django.utils.safestring import SafeString

from catalog.admin.badges import Shape, badge
from orders.models import (
    PAID,
    Order,
    OrderStatus,
    Return,
    ReturnState,
    Review,
    ReviewState,
    ShipmentStatus,
)
from orders.status import FulfilmentStatus

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
RETURN_SHAPES: dict[ReturnState, Shape] = {
    ReturnState.REQUESTED: Shape.OPEN,
    ReturnState.APPROVED: Shape.HALF,
    ReturnState.RECEIVED: Shape.ALERT,
    ReturnState.SETTLED: Shape.OVER,
    ReturnState.REJECTED: Shape.ENDED,
    ReturnState.CANCELLED: Shape.ENDED,
}
REVIEW_SHAPES: dict[ReviewState, Shape] = {
    ReviewState.PENDING: Shape.OPEN,
    ReviewState.PUBLISHED: Shape.DONE,
    ReviewState.REJECTED: Shape.ENDED,
    ReviewState.HIDDEN: Shape.ENDED,
}


def order_badge(order: Order) -> SafeString:
    status = OrderStatus(order.status)
    return badge(status.label, ORDER_SHAPES[status])


def fulfilment_badge(order: Order, status: FulfilmentStatus) -> SafeString | str:
    """Nothing to say about goods that nobody is owed."""
    if status == FulfilmentStatus.UNFULFILLED and order.status not in PAID:
        return "–"
    return badge(status.label, FULFILMENT_SHAPES[status])


def shipment_badge(status: str) -> SafeString:
    known = ShipmentStatus(status)
    return badge(known.label, SHIPMENT_SHAPES[known])


def return_badge(goods_return: Return) -> SafeString:
    state = ReturnState(goods_return.state)
    return badge(state.label, RETURN_SHAPES[state])


def review_badge(review: Review) -> SafeString:
    state = ReviewState(review.state)
    return badge(state.label, REVIEW_SHAPES[state])
