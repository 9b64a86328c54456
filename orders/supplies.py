"""What one cart can have of its goods, place by place: a line never leaves from two places.

What the cart says and where its goods leave from are these same numbers, so that placing it keeps
what the cart has promised.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from catalog.waiting import Hold
from shop.core.prepared import read_prepared


@dataclass(frozen=True, slots=True)
class Supply:
    """Of one variant: stock item pk → units that are free for all or reserved for the cart."""

    units: Mapping[int, int] = field(default_factory=dict)

    def source(self, quantity: int, *, rather: Collection[int] = ()) -> int | None:
        """The stock item that a line is taken from: the one that has the most, the lower pk if
        equal; before all others one of `rather` that has enough."""
        enough = [pk for pk in rather if self.units[pk] >= quantity]
        return min(enough or self.units, key=lambda pk: (-self.units[pk], pk), default=None)

    @property
    def available(self) -> int:
        """How many one line can have."""
        return max(self.units.values(), default=0)


NOTHING = Supply()


def supplies_of(
    variant_pks: Iterable[int], *, cart_token: UUID | None = None, holds: Iterable[Hold] = ()
) -> dict[int, Supply]:
    """Variant pk → what a cart can have; of a variant without stock items there is no entry.

    Its own are the units that the queue holds for it, and those of its unpaid order, which placing
    it again replaces. One query.
    """
    values = {
        "variants": list(variant_pks),
        "cart": cart_token,
        "holders": [hold.holder for hold in holds],
    }
    units: dict[int, dict[int, int]] = {}
    for pk, variant_pk, number in read_prepared(_UNITS, values):
        units.setdefault(variant_pk, {})[pk] = number
    return {variant_pk: Supply(places) for variant_pk, places in units.items()}


# In one statement: read apart, units that are released between would be counted twice. Its own
# reservations are looked for by their holders: of a hot item there are hundreds.
_UNITS = """
    WITH holder AS MATERIALIZED (
        SELECT holder AS id FROM orders_order WHERE cart_token = %(cart)s AND status = 'pending'
        UNION SELECT unnest(%(holders)s::uuid[])
    ), own AS MATERIALIZED (
        SELECT stock_item_id, sum(quantity) AS units
        FROM holder JOIN catalog_reservation ON catalog_reservation.holder = holder.id
        WHERE state = 'held' GROUP BY stock_item_id
    )
    SELECT item.id, variant_id, on_hand - reserved + coalesce(units, 0)::integer
    FROM catalog_stockitem AS item LEFT JOIN own ON own.stock_item_id = item.id
    WHERE variant_id = ANY (%(variants)s::bigint[])
"""
