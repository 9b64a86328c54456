"""Packing slips: what goes into the parcels of an order, and where they go."""

from dataclasses import dataclass

from django.db.models import Prefetch

from orders.fulfilment import unshipped_of
from orders.models import PAID, FulfilmentGroup, Order, OrderLine

MOST_SLIPS = 200


@dataclass(frozen=True, slots=True)
class Slip:
    """One group of an order: it is packed on its own. `rows`: line and units that are to go."""

    order: Order
    group: FulfilmentGroup
    rows: list[tuple[OrderLine, int]]


def read_slips(ids: str) -> list[Slip]:
    """Slips of the orders (pks with commas), in that order; of what is left, or of everything.

    What is not paid has none: it must not be packed.
    """
    pks = [int(text) for text in ids.split(",") if text.isdecimal() and len(text) < 19]
    groups = FulfilmentGroup.objects.order_by("pk").prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("pk"))
    )
    orders = (
        Order.objects.filter(pk__in=pks[:MOST_SLIPS], status__in=PAID)
        .select_related("contact")
        .prefetch_related(Prefetch("groups", groups))
        .in_bulk()
    )
    found = [(orders[pk], group) for pk in pks if pk in orders for group in orders[pk].groups.all()]
    left = unshipped_of([group for _order, group in found])
    return [Slip(order, group, _rows(group, left[group.pk])) for order, group in found]


def _rows(group: FulfilmentGroup, left: dict[int, int]) -> list[tuple[OrderLine, int]]:
    lines = list(group.lines.all())
    # Once all has left, the slip says what was in the parcels: for looking it up again.
    units = left or {line.pk: line.quantity for line in lines}
    return [(line, units[line.pk]) for line in lines if line.pk in units]
