"""Stock is taken and given back here, and nowhere else.

Every change is one conditional UPDATE per stock item, in the order of primary keys, as the last
statements before COMMIT: buyers of a hot product queue shortly instead of deadlocking.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog.handing_over import hand_over
from catalog.models import Reservation, StockItem, StockMovement
from shop.core.errors import DomainError
from shop.core.prepared import read_prepared

MAX_REASON = 200
# A second caller waits for the held rows, then finds them no longer held: nothing ends twice. Stock
# is locked in the order of keys, as everywhere.
COMMIT_RESERVATION = """
WITH held AS MATERIALIZED (
    SELECT id, stock_item_id, quantity FROM catalog_reservation
    WHERE holder = %(holder)s AND state = 'held' ORDER BY stock_item_id FOR NO KEY UPDATE
), ended AS (
    UPDATE catalog_reservation AS reservation SET state = 'committed'
    FROM held WHERE reservation.id = held.id
), sold AS (
    INSERT INTO catalog_stockmovement (stock_item_id, kind, quantity, reason, reference)
    SELECT stock_item_id, 'sold', -quantity, '', %(holder)s FROM held
), locked AS MATERIALIZED (
    SELECT id FROM catalog_stockitem WHERE id IN (SELECT stock_item_id FROM held)
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE catalog_stockitem AS stock SET on_hand = on_hand - quantity, reserved = reserved - quantity
FROM held JOIN locked ON locked.id = stock_item_id WHERE stock.id = locked.id
RETURNING stock.id
"""


class OutOfStock(DomainError):
    """Not enough units. `stock_item_ids` are internal; callers translate them into variants."""

    code = "out_of_stock"
    message = _("Someone was faster: not enough of it is left. Your cart shows what is available.")

    def __init__(self, stock_item_ids: list[int]) -> None:
        super().__init__(f"not enough in stock items {stock_item_ids}")
        self.stock_item_ids = stock_item_ids


class BelowReserved(OutOfStock):
    """A correction would leave fewer units than are spoken for."""

    code = "stock_below_reserved"
    message = _("More than that is reserved for open orders.")


def reserve(
    *,
    holder: UUID,
    quantities: Mapping[int, int],
    until: datetime,
    replacing: Collection[UUID] = (),
) -> None:
    """Reserve all of the quantities (stock item pk → units) or none.

    `replacing` names holders whose claims end in the same stroke, as when a buyer places the cart
    again. Call it last, inside the order's transaction. Raises OutOfStock; the caller's
    transaction must then roll back.
    """
    Reservation.objects.bulk_create(
        draft_reservations(holder=holder, quantities=quantities, until=until)
    )
    take(quantities=quantities, replacing=replacing)


def prolong(*, holder: UUID, until: datetime) -> None:
    """What is held stays held until later: for whoever waits for it, and for the records."""
    held = Reservation.objects.filter(holder=holder, state=Reservation.State.HELD)
    held.update(expires_at=until)


def are_free(quantities: Mapping[int, int]) -> bool:
    """Whether all of it could be reserved at this moment; only reserving it makes it sure."""
    items = StockItem.objects.filter(pk__in=quantities).values_list("pk", "on_hand", "reserved")
    return all(on_hand - reserved >= quantities[pk] for pk, on_hand, reserved in items)


def draft_reservations(
    *, holder: UUID, quantities: Mapping[int, int], until: datetime
) -> list[Reservation]:
    """The rows of a claim, for a caller that writes them together with others; then it calls
    `take`."""
    return [
        Reservation(holder=holder, stock_item_id=pk, quantity=quantity, expires_at=until)
        for pk, quantity in sorted(quantities.items())
    ]


def take(*, quantities: Mapping[int, int], replacing: Collection[UUID] = ()) -> None:
    """Count a claim whose reservations are written. The last statement before COMMIT.

    What the replaced holders had more goes to the queue. Raises OutOfStock with all items that
    fall short.
    """
    deltas = Counter(quantities)
    for holder in replacing:
        deltas.subtract(dict(_end(holder, Reservation.State.RELEASED)))
    if len(deltas) == 1:
        [(pk, delta)] = deltas.items()
        short = [] if read_prepared(_TAKE, {"item": pk, "units": delta}) else [pk]
    else:
        short = _take_each(deltas)
    if short:
        raise OutOfStock(short)
    freed = [pk for pk, delta in deltas.items() if delta < 0]
    if freed:
        hand_over(stock_item_ids=freed)


_TAKE = """
    UPDATE catalog_stockitem SET reserved = reserved + %(units)s
    WHERE id = %(item)s AND on_hand >= reserved + %(units)s RETURNING id
"""


def _take_each(deltas: Mapping[int, int]) -> list[int]:
    """Change `reserved` of each item (pk → units) that has as many; returns those that have not.

    One pass in pk order for what is taken and what is given back: two passes could deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
                SELECT * FROM unnest(%s::bigint[], %s::integer[]) AS wanted (item, delta)
            ), locked AS MATERIALIZED (
                SELECT id FROM catalog_stockitem WHERE id = ANY (%s)
                ORDER BY id FOR NO KEY UPDATE
            ), taken AS (
                UPDATE catalog_stockitem AS stock SET reserved = reserved + delta
                FROM wanted JOIN locked ON locked.id = item
                WHERE stock.id = locked.id AND on_hand >= reserved + delta
                RETURNING stock.id
            )
            SELECT item FROM wanted WHERE item NOT IN (SELECT id FROM taken) ORDER BY item
            """,
            [list(deltas), list(deltas.values()), list(deltas)],
        )
        return [pk for (pk,) in cursor.fetchall()]


def commit_reservation(*, holder: UUID) -> bool:
    """The goods are sold: they leave `on_hand` and the reservation ends. Safe to call twice.

    Returns whether this call did it; False when nothing was held. One statement.
    """
    return bool(read_prepared(COMMIT_RESERVATION, {"holder": holder}))


@transaction.atomic
def release(*, holder: UUID) -> bool:
    """Give the reserved units back. Safe to call twice; a second call changes nothing."""
    held = _end(holder, Reservation.State.RELEASED)
    for pk, quantity in held:
        StockItem.objects.filter(pk=pk).update(reserved=F("reserved") - quantity)
    if held:
        hand_over(stock_item_ids=[pk for pk, _quantity in held])
    return bool(held)


def _end(holder: UUID, state: Reservation.State) -> list[tuple[int, int]]:
    """End the holder's open reservations; returns (stock item pk, units) of what it ended."""
    # A second caller waits here, then finds the rows no longer held: nothing ends twice.
    held = list(
        Reservation.objects.select_for_update(of=("self",), no_key=True)
        .filter(holder=holder, state=Reservation.State.HELD)
        .order_by("stock_item_id")
    )
    Reservation.objects.filter(pk__in=[row.pk for row in held]).update(state=state)
    return [(row.stock_item_id, row.quantity) for row in held]


@transaction.atomic
def receive_stock(
    *,
    stock_item_id: int,
    quantity: int,
    kind: StockMovement.Kind = StockMovement.Kind.RECEIVED,
    reason: str = "",
    actor_id: int | None = None,
) -> None:
    """Put units into stock, or take them out with a negative correction.

    Raises OutOfStock where a correction would take units that are reserved.
    """
    book_movements(
        quantities={stock_item_id: quantity}, kind=kind, reason=reason, actor_id=actor_id
    )


@transaction.atomic
def book_movements(
    *,
    quantities: Mapping[int, int],
    kind: StockMovement.Kind,
    reason: str = "",
    actor_id: int | None = None,
) -> dict[int, StockItem]:
    """As `receive_stock`, for many stock items (pk → units) at once: all or none. Two queries.

    Returns the items as they are now. Raises OutOfStock with all items that fall short.
    """
    items = _locked(quantities)
    short = []
    for pk, quantity in quantities.items():
        if pk not in items or items[pk].on_hand + quantity < items[pk].reserved:
            short.append(pk)
        else:
            items[pk].on_hand += quantity
    if short:
        raise OutOfStock(short)
    _move(quantities, kind=kind, reason=reason, reference=None, actor_id=actor_id)
    hand_over(stock_item_ids=quantities)
    return items


def _locked(pks: Iterable[int]) -> dict[int, StockItem]:
    # In the order of keys, in which buyers take items one by one: they wait instead of deadlocking.
    items = StockItem.objects.select_for_update(of=("self",), no_key=True)
    return {item.pk: item for item in items.filter(pk__in=list(pks)).order_by("pk")}


@transaction.atomic
def open_stock_in_bulk(
    items: Sequence[tuple[int, int, int]],
    *,
    reason: str = "",
    reference: UUID | None = None,
    actor_id: int | None = None,
) -> None:
    """First stock of (variant pk, location pk, units), received with a movement each.

    Raises IntegrityError where a variant already has stock at the location.
    """
    if not items:
        return
    variants, locations, units = zip(*items, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH opened AS (
                INSERT INTO catalog_stockitem (variant_id, location_id, on_hand, reserved)
                SELECT variant, location, units, 0
                FROM unnest(%s::bigint[], %s::bigint[], %s::integer[])
                    WITH ORDINALITY AS item (variant, location, units, place)
                ORDER BY place
                RETURNING id, on_hand
            )
            INSERT INTO catalog_stockmovement
                (stock_item_id, kind, quantity, reason, reference, actor_id)
            SELECT id, %s, on_hand, %s, %s, %s FROM opened WHERE on_hand > 0
            """,
            [
                list(variants),
                list(locations),
                list(units),
                StockMovement.Kind.RECEIVED,
                reason[:MAX_REASON],
                reference,
                actor_id,
            ],
        )


@transaction.atomic
def correct_stock_in_bulk(
    targets: Mapping[int, int],
    *,
    reason: str = "",
    reference: UUID | None = None,
    actor_id: int | None = None,
) -> None:
    """Set `on_hand` of stock items (pk → units), with a movement for each that differs.

    Call it last, inside the caller's transaction. Raises BelowReserved with all items for which
    more is reserved than that; nothing has changed then.
    """
    items = _locked(targets)
    short = [pk for pk, item in items.items() if targets[pk] < item.reserved]
    if short:
        raise BelowReserved(short)
    changes = {
        pk: targets[pk] - item.on_hand for pk, item in items.items() if targets[pk] != item.on_hand
    }
    kind = StockMovement.Kind.CORRECTED
    _move(changes, kind=kind, reason=reason, reference=reference, actor_id=actor_id)
    hand_over(stock_item_ids=changes)


def _move(
    changes: Mapping[int, int],
    *,
    kind: StockMovement.Kind,
    reason: str,
    reference: UUID | None,
    actor_id: int | None,
) -> None:
    """Change `on_hand` of items that are locked (pk → units more or less), and say why."""
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH change AS (
                SELECT * FROM unnest(%s::bigint[], %s::integer[]) AS change (item, delta)
            ), moved AS (
                INSERT INTO catalog_stockmovement
                    (stock_item_id, kind, quantity, reason, reference, actor_id)
                SELECT item, %s, delta, %s, %s, %s FROM change
            )
            UPDATE catalog_stockitem SET on_hand = on_hand + delta FROM change WHERE id = item
            """,
            [
                list(changes),
                list(changes.values()),
                kind,
                reason[:MAX_REASON],
                reference,
                actor_id,
            ],
        )
