"""The end of an order's life: its goods have arrived, and the time to return them is over."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from orders.models import (
    OWING,
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderStatus,
    Return,
    Shipment,
)
from orders.status import fulfilment_status
from shop.core.due import claim_due

LEASE = timedelta(minutes=10)
AT_ONCE = 200


def follow_goods(order: Order) -> None:
    """Write down what became of the goods, after any change to parcels or returns.

    Inside the caller's transaction, which holds the order's lock.
    """
    order.fulfilment = fulfilment_status(order=order)
    order.close_due_at = _close_due_at(order)
    order.save(update_fields=["fulfilment", "close_due_at"])


def _close_due_at(order: Order) -> datetime | None:
    if order.status != OrderStatus.CONFIRMED or order.fulfilment in (
        *OWING,
        FulfilmentStatus.SHIPPED,
    ):
        return None
    if Return.objects.open().filter(order=order).exists():
        return None
    parcels = list(Shipment.objects.filter(group__order=order))
    if any(parcel.is_undecided for parcel in parcels):
        return None
    ends = [end for parcel in parcels for end in (parcel.delivered_at, parcel.decided_at) if end]
    return max(ends, default=timezone.now()) + settings.RETURN_WINDOW


def close_due(*, within: timedelta) -> int:
    """Close what has fallen due, each order in a transaction of its own, until the time is up.

    Any number of workers may run it at once. Returns how many orders it closed.
    """
    give_up_at = time.monotonic() + within.total_seconds()
    orders = Order.objects.filter(status=OrderStatus.CONFIRMED)
    closed = 0
    while time.monotonic() < give_up_at:
        due = claim_due(orders, "close_due_at", lease=LEASE, limit=AT_ONCE)
        closed += sum(close_order(order_id=pk) for pk in due)
        if len(due) < AT_ONCE:
            break
    return closed


@transaction.atomic
def close_order(*, order_id: int) -> bool:
    """confirmed → closed, once, where nothing is open any more. Returns whether it did.

    Reverses nothing: what is returned later is for staff to accept.
    """
    order = Order.objects.locked().get(pk=order_id)
    due_at = _close_due_at(order)
    if due_at is None or due_at > timezone.now():
        # Something has begun since it was claimed.
        if order.status == OrderStatus.CONFIRMED and order.close_due_at != due_at:
            order.close_due_at = due_at
            order.save(update_fields=["close_due_at"])
        return False
    order.move_to(OrderStatus.CLOSED)
    order.close_due_at = None
    order.save(update_fields=["status", "close_due_at"])
    OrderEvent.objects.create(order=order, kind="closed", actor=OrderEvent.Actor.SYSTEM)
    return True
