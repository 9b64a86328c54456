"""Which parcels a cart becomes: one for each seller and place that its goods leave from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from catalog.models import Location, StockItem
from orders.priced_cart import PricedCart, PricedLine
from shop.core.kept import Kept, among


def parcel_key(seller_pk: int, location_pk: int) -> str:
    return f"{seller_pk}-{location_pk}"


@dataclass(slots=True)
class Parcel:
    """What one seller sends from one place: line → stock item it is taken from."""

    seller_pk: int
    location: Location
    lines: list[tuple[PricedLine, int]] = field(default_factory=list)
    volume_mm3: int = 0

    @property
    def key(self) -> str:
        return parcel_key(self.seller_pk, self.location.pk)

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


def split_into_parcels(priced: PricedCart, *, chosen: Collection[str] = ()) -> list[Parcel]:
    """Each line leaves from the one place that can give this cart most of it (orders.supplies).

    `chosen` are the keys of the parcels that a courier was chosen for: as long as their places have
    enough, the parcels stay as they were shown, whatever others buy meanwhile. A line is never
    split between places. What no place has enough of is given to the fullest: reserving it will
    then say that it is out of stock.
    """
    places = sorted({pk for line in priced.lines for pk in line.supply.units})
    items: dict[int, StockItem] = {item.pk: item for item in _ITEMS.fetch(items=places)}
    parcels: dict[tuple[int, int], Parcel] = {}
    for line in priced.lines:
        shown = [
            pk
            for pk in line.supply.units
            if parcel_key(line.seller_pk, items[pk].location_id) in chosen
        ]
        source = items.get(line.supply.source(line.quantity, rather=shown) or 0)
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


def carried_over(choice: Mapping[str, str], parcels: Collection[Parcel]) -> dict[str, str]:
    """Parcel key → option, also where a seller's one parcel leaves from another place by now.

    It is the same service then; that its price is the same is for the caller to see.
    """
    carried = dict(choice)
    keys = {parcel.key for parcel in parcels}
    for seller in {parcel.seller_pk for parcel in parcels}:
        of_seller = parcel_key(seller, 0)[:-1]
        new = [key for key in keys - choice.keys() if key.startswith(of_seller)]
        gone = [key for key in choice.keys() - keys if key.startswith(of_seller)]
        if len(new) == len(gone) == 1:
            carried[new[0]] = choice[gone[0]]
    return carried
