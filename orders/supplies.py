"""What one cart can have of its goods, place by place: a line never leaves from two places.

What the cart says and where its goods leave from are these same numbers, so that placing it keeps
what the cart has promised.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import Reservation, StockItem
from catalog.waiting import Hold
from orders.models import Order, OrderStatus
from shop.core.kept import Kept, among


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
    it again replaces. Two queries; one without a cart.
    """
    own = [hold.holder for hold in holds]
    if cart_token:
        own += _UNPAID.fetch(cart_token=cart_token)
    units: dict[int, dict[int, int]] = {}
    # In one statement: read apart, units that are released between would be counted twice.
    for pk, variant_pk, free, reserved in _items(variant_pks, own):
        units.setdefault(variant_pk, {})[pk] = free + reserved
    return {variant_pk: Supply(places) for variant_pk, places in units.items()}


def _items(variant_pks: Iterable[int], own: list[UUID]) -> Iterable[tuple[int, int, int, int]]:
    """(stock item pk, variant pk, units free for all, units reserved for these holders)."""
    if not own:
        return ((*row, 0) for row in _FREE.fetch(variants=list(variant_pks)))
    items = StockItem.objects.filter(variant__in=list(variant_pks))
    free = F("on_hand") - F("reserved")
    held = (
        Reservation.objects.filter(
            Q(holder__in=own), stock_item=OuterRef("pk"), state=Reservation.State.HELD
        )
        .values("stock_item")
        .values_list(Sum("quantity"))
    )
    return items.values_list("pk", "variant_id", free, Coalesce(Subquery(held), 0))


_UNPAID = Kept(
    lambda *, cart_token: Order.objects.filter(
        cart_token=cart_token, status=OrderStatus.PENDING
    ).values_list("holder", flat=True),
    cart_token=UUID(int=1),
)
_FREE = Kept(
    lambda *, variants: StockItem.objects.filter(among("variant", variants)).values_list(
        "pk", "variant_id", F("on_hand") - F("reserved")
    ),
    variants=[-1],
)
