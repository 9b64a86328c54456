"""Stock that staff typed: the difference to what the page showed is booked, never the number.

What was sold while the page was open stays sold.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.editing.products import lock_products_of
from catalog.editing.typed import Row, StockCell
from catalog.inventory import OutOfStock, book_movements
from catalog.models import Location, StockItem, StockMovement, Variant
from shop.core.errors import DomainError

Place = tuple[int, int]
"""Variant pk and location pk."""


@dataclass(frozen=True, slots=True)
class Booking:
    """Why the stock changes. New variants receive theirs, whatever the kind says."""

    kind: StockMovement.Kind
    reason: str
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """`now` is what lies there, of which orders hold `reserved`; the difference takes too much."""

    key: str
    location_pk: int
    cell: StockCell
    now: int
    reserved: int


class StockRefused(DomainError):
    """More would be taken out than is there and free; nothing was changed."""

    code = "stock_refused"
    message = _("Less would be left than orders have reserved.")

    def __init__(self, cells: Sequence[RefusedCell]) -> None:
        super().__init__(f"refused: {cells}")
        self.cells = cells


@dataclass(frozen=True, slots=True)
class SoldMeanwhile:
    """The stock was another than the page showed when the difference was booked."""

    key: str
    location_pk: int
    cell: StockCell
    now: int


@transaction.atomic
def book_rows(*, rows: Mapping[int, Row], booking: Booking) -> tuple[int, list[SoldMeanwhile]]:
    """Book what was typed for the variants (pk → row), in at most ten queries.

    Returns how many places changed, and where the stock was another than shown. Raises
    StockRefused.
    """
    cells = {
        (variant_pk, location_pk): (row, cell)
        for variant_pk, row in rows.items()
        for location_pk, cell in row.stock.items()
        if cell.difference
    }
    if not cells:
        return 0, []
    places = stock_items_at(cells)
    booked: dict[int, StockItem] = {}
    for is_new, kind in ((False, booking.kind), (True, StockMovement.Kind.RECEIVED)):
        quantities = {
            places[place]: cell.difference
            for place, (row, cell) in cells.items()
            if (row.variant_pk is None) == is_new
        }
        try:
            booked |= book_movements(
                quantities=quantities, kind=kind, reason=booking.reason, actor_id=booking.actor_id
            )
        except OutOfStock as error:
            raise StockRefused(_refused(error, places, cells)) from error
    sold = [
        SoldMeanwhile(row.key, location_pk, cell, booked[places[variant_pk, location_pk]].on_hand)
        for (variant_pk, location_pk), (row, cell) in cells.items()
        if booked[places[variant_pk, location_pk]].on_hand != cell.typed
    ]
    return len(cells), sold


class ForeignLocation(DomainError):
    """Goods of one seller do not lie with another. `variant_pks` are those that would."""

    code = "foreign_location"
    status = 422
    message = _(
        "Some of these goods belong to another seller than the location does. Nothing is booked:"
        " choose a location of their own seller, or take them off the list."
    )

    def __init__(self, variant_pks: Collection[int]) -> None:
        super().__init__(f"variants {sorted(variant_pks)}")
        self.variant_pks = variant_pks


@transaction.atomic
def receive_goods(
    *, location_pk: int, units: Mapping[int, int], reason: str, actor_id: int | None
) -> None:
    """Put goods that came in (variant pk → units, more than zero) onto the shelf of a location.

    Raises ForeignLocation; then nothing has changed.
    """
    # A product that changes hands meanwhile waits, or has done so: see `require_nothing_left`.
    lock_products_of(units)
    owner = Location.objects.values_list("seller_id", flat=True).get(pk=location_pk)
    foreign = Variant.objects.filter(pk__in=list(units)).exclude(product__seller=owner)
    if pks := list(foreign.values_list("pk", flat=True)):
        raise ForeignLocation(pks)
    places = stock_items_at([(variant_pk, location_pk) for variant_pk in units])
    book_movements(
        quantities={pk: units[variant_pk] for (variant_pk, _location), pk in places.items()},
        kind=StockMovement.Kind.RECEIVED,
        reason=reason,
        actor_id=actor_id,
    )


def stock_items_at(places: Collection[Place]) -> dict[Place, int]:
    """The stock item at each place, made where there was none. Three queries at most."""
    found = _find_items(places)
    missing = [place for place in places if place not in found]
    if not missing:
        return found
    StockItem.objects.bulk_create(
        (StockItem(variant_id=variant, location_id=location) for variant, location in missing),
        ignore_conflicts=True,
    )
    return _find_items(places)


def _find_items(places: Collection[Place]) -> dict[Place, int]:
    rows = StockItem.objects.filter(
        variant__in={variant for variant, _location in places},
        location__in={location for _variant, location in places},
    )
    return {
        (variant, location): pk
        for pk, variant, location in rows.values_list("pk", "variant_id", "location_id")
        if (variant, location) in places
    }


def _refused(
    error: OutOfStock,
    places: Mapping[Place, int],
    cells: Mapping[Place, tuple[Row, StockCell]],
) -> list[RefusedCell]:
    short = StockItem.objects.in_bulk(error.stock_item_ids)
    return [
        RefusedCell(row.key, place[1], cell, short[pk].on_hand, short[pk].reserved)
        for place, (row, cell) in cells.items()
        if (pk := places[place]) in short
    ]
