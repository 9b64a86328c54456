"""Which parcels a cart becomes: one for each seller and place that its goods leave from."""

from dataclasses import dataclass, field

from django.conf import settings

from catalog.models import Location, StockItem
from orders.priced_cart import PricedCart, PricedLine
from shop.core.kept import Kept, among


@dataclass(slots=True)
class Parcel:
    """What one seller sends from one place: line → stock item it is taken from."""

    seller_pk: int
    location: Location
    lines: list[tuple[PricedLine, int]] = field(default_factory=list)
    volume_mm3: int = 0

    @property
    def key(self) -> str:
        return f"{self.seller_pk}-{self.location.pk}"

    @property
    def weight_grams(self) -> int:
        """Of the goods and what they are packed in."""
        goods = sum(line.weight_grams * line.quantity for line, _stock_item in self.lines)
        return goods + int(settings.COURIER_PACKING_GRAMS)

    @property
    def volume_cm3(self) -> int:
        """Of all pieces together, begun cubic centimetres; unmeasured goods take no room."""
        return -(-self.volume_mm3 // 1000)

    @property
    def value_minor(self) -> int:
        return sum(line.total.minor for line, _stock_item in self.lines)


def split_into_parcels(priced: PricedCart) -> list[Parcel]:
    """Each line leaves from the one place that can give this cart most of it (orders.supplies).

    A line is never split between places. What no place has enough of is given to the fullest:
    reserving it will then say that it is out of stock.
    """
    sources = [line.supply.source for line in priced.lines if line.supply.source is not None]
    items: dict[int, StockItem] = {item.pk: item for item in _ITEMS.fetch(items=sources)}
    parcels: dict[tuple[int, int], Parcel] = {}
    for line in priced.lines:
        source = items.get(line.supply.source or 0)
        if source is None:
            continue
        key = (line.seller_pk, source.location_id)
        parcel = parcels.setdefault(key, Parcel(line.seller_pk, source.location))
        parcel.lines.append((line, source.pk))
        parcel.volume_mm3 += source.variant.volume_mm3 * line.quantity
    return [parcels[key] for key in sorted(parcels)]


_ITEMS = Kept(
    lambda *, items: StockItem.objects.filter(among("pk", items)).select_related(
        "location__seller", "variant"
    ),
    items=[-1],
)
