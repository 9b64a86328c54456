"""What an account has ordered, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """`next_position`: where the following page begins; None on the last one."""

    orders: Sequence[Order]
    next_position: tuple[datetime, int] | None


def own_orders(
    *, customer_id: int, after: tuple[datetime | int, int] | None, size: int
) -> OrdersPage:
    """The customer's orders behind a position, the newest first, with their lines. Two queries."""
    orders = Order.objects.filter(customer=customer_id)
    if after is not None:
        placed_at, pk = after
        orders = orders.filter(Q(placed_at__lt=placed_at) | Q(placed_at=placed_at, pk__lt=pk))
    lines = OrderLine.objects.select_related("variant").order_by("pk")
    found = list(
        orders.order_by("-placed_at", "-pk").prefetch_related(Prefetch("lines", lines))[: size + 1]
    )
    page = found[:size]
    last = page[-1] if len(found) > size else None
    return OrdersPage(page, (last.placed_at, last.pk) if last else None)
