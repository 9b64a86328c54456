"""Packing slips: what goes into the parcels of an order, and where they go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import QueryDict

from orders.fulfilment import unshipped_of
from orders.holding import held_back
from orders.models import PAID, FulfilmentGroup, Order, OrderLine
from shop.core.money import Money

# On one page; the next ones follow with a button.
MOST_SLIPS = 200
MOST_CHOSEN = 2000
SIZES = ("a6", "a4")


@dataclass(frozen=True, slots=True)
class Slip:
    """One group of an order: it is packed on its own. `rows`: line and units that are to go."""

    order: Order
    group: FulfilmentGroup
    rows: list[tuple[OrderLine, int]]
    is_reprint: bool = False

    @property
    def to_collect(self) -> Money | None:
        """What the courier has to take at the door; never for what is sent in exchange."""
        is_exchange = any(line.replaces_id for line, _units in self.rows)
        return None if is_exchange or not self.order.collect_minor else self.order.to_collect


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked for: the orders of this page, and those of the next ones."""

    pks: list[int]
    rest: list[int]
    size: str = "a6"
    prints: bool = False

    def shown(self, *, printed: Mapping[int, bool]) -> dict[str, Any]:
        """For the page; `printed` as for `read_slips`."""
        slips = read_slips(self.pks, printed=printed)
        return {
            "slips": slips,
            "size": self.size,
            "ids": ",".join(map(str, self.pks)),
            "rest": ",".join(map(str, self.rest)),
            "left": len(self.rest),
            "next": min(len(self.rest), MOST_SLIPS),
            "held": held_numbers(self.pks),
            "reprints": sum(slip.is_reprint for slip in slips),
            "prints": self.prints,
        }


def asked_batch(data: QueryDict) -> Batch:
    """Of the page's own form, or of a link to it."""
    pks, rest = _pks(data.get("ids", "")), _pks(data.get("rest", ""))
    does = data.get("do", "")
    wanted = does if does in SIZES else data.get("size")
    size = wanted if wanted in SIZES else SIZES[0]
    if does == "next":
        return _batch(rest, size=size)
    return _batch([*pks, *rest], size=size, prints=does == "print")


def chosen_batch(orders: QuerySet[Order]) -> tuple[Batch, bool]:
    """Of the orders ticked in the list, the oldest first; and whether there are too many."""
    chosen = orders.order_by("placed_at", "pk").values_list("pk", flat=True)
    pks = list(chosen[: MOST_CHOSEN + 1])
    return _batch(pks[:MOST_CHOSEN]), len(pks) > MOST_CHOSEN


def _batch(pks: list[int], *, size: str = "a6", prints: bool = False) -> Batch:
    return Batch(pks[:MOST_SLIPS], pks[MOST_SLIPS:MOST_CHOSEN], size, prints)


def _pks(ids: str) -> list[int]:
    return [int(text) for text in ids.split(",") if text.isdecimal() and len(text) < 19]


def read_slips(pks: Sequence[int], *, printed: Mapping[int, bool]) -> list[Slip]:
    """Slips of the orders, in that order; of what is left, or of everything.

    What is not paid or held back has none: it must not be packed. `printed`: what was printed
    before (`orders.slips_printed.printed_of`).
    """
    groups = FulfilmentGroup.objects.order_by("pk").prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("pk"))
    )
    orders = (
        Order.objects.filter(pk__in=pks, status__in=PAID)
        .exclude(pk__in=held_back(pks))
        .select_related("contact")
        .prefetch_related(Prefetch("groups", groups))
        .in_bulk()
    )
    found = [(orders[pk], group) for pk in pks if pk in orders for group in orders[pk].groups.all()]
    left = unshipped_of([group for _order, group in found])
    return [
        Slip(
            order,
            group,
            _rows(group, left[group.pk]),
            is_reprint=_is_reprint(group, left[group.pk], printed),
        )
        for order, group in found
    ]


def held_numbers(pks: Sequence[int]) -> list[str]:
    """Of the orders that have no slip because their goods stay here for now."""
    held = Order.objects.filter(pk__in=held_back(pks))
    return list(held.order_by("pk").values_list("number", flat=True))


def _is_reprint(
    group: FulfilmentGroup, left: Mapping[int, int], printed: Mapping[int, bool]
) -> bool:
    if not left:
        return group.pk in printed
    return printed.get(group.pk, False)


def _rows(group: FulfilmentGroup, left: dict[int, int]) -> list[tuple[OrderLine, int]]:
    lines = list(group.lines.all())
    # Once all has left, the slip says what was in the parcels: for looking it up again.
    units = left or {line.pk: line.quantity for line in lines}
    return [(line, units[line.pk]) for line in lines if line.pk in units]
