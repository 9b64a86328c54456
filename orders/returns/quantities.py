"""How many units of what may still come back."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from orders.models import (
    VOID_RETURNS,
    Order,
    OrderStatus,
    ReturnLine,
    ShipmentLine,
    ShipmentStatus,
)


def returnable(order: Order, *, at: datetime, by_staff: bool = False) -> dict[int, int]:
    """Order line pk → units that arrived and are in no return yet, for lines that have any.

    For a customer only what arrived within the return window, and nothing of a closed order.
    Two queries; for the truth call it under the order's lock.
    """
    if not by_staff and order.status != OrderStatus.CONFIRMED:
        return {}
    since = at - settings.RETURN_WINDOW
    arrived = ShipmentLine.objects.filter(
        order_line__order=order, shipment__status=ShipmentStatus.DELIVERED
    )
    in_time = Q(shipment__delivered_at__gte=since)
    taken = _units_in_returns(ReturnLine.objects.filter(order_line__order=order))
    left = {}
    rows: Iterable[tuple[int, int, int | None]] = (
        arrived.values_list("order_line_id")
        .annotate(all=Sum("quantity"), fresh=Sum("quantity", filter=in_time))
        .order_by()
    )
    for pk, units, fresh in rows:
        free = units - taken.get(pk, 0)
        left[pk] = free if by_staff else min(free, fresh or 0)
    return {pk: units for pk, units in left.items() if units > 0}


def _units_in_returns(lines: QuerySet[ReturnLine]) -> dict[int, int]:
    """Order line pk → units on their way back or here; of received ones what really came."""
    return dict(
        lines.exclude(goods_return__state__in=VOID_RETURNS)
        .values_list("order_line_id")
        .annotate(units=Sum(Coalesce(F("received_quantity"), F("quantity"))))
        .order_by()
    )
