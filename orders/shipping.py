"""What it costs to send a cart: one parcel per seller and origin, from the rate table."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Location, StockItem
from orders.models import ShippingRate
from orders.priced_cart import PricedCart, PricedLine
from shop.core.errors import DomainError
from shop.core.money import Money


class NoShipping(DomainError):
    code = "no_shipping"
    message = _("We do not deliver this to that address. Please check the address.")


class ShippingNotOffered(DomainError):
    code = "shipping_not_offered"
    status = 422
    message = _("Choose a courier for every parcel.")


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A courier's service. `code` is stable: `jne:reg`."""

    code: str
    courier: str
    service: str
    name: str
    amount: Money
    eta_min_days: int
    eta_max_days: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one seller sends from one place: line → stock item it is taken from."""

    seller_pk: int
    location: Location
    lines: list[tuple[PricedLine, int]]

    @property
    def key(self) -> str:
        return f"{self.seller_pk}-{self.location.pk}"

    @property
    def weight_grams(self) -> int:
        return sum(line.weight_grams * line.quantity for line, _stock_item in self.lines)


@dataclass(frozen=True, slots=True)
class GroupQuote:
    key: str
    seller_name: str
    ships_from: str
    weight_grams: int
    options: list[ShippingOption]


def split_into_parcels(priced: PricedCart) -> list[Parcel]:
    """Each line leaves from the one place that has the most of it, the lower pk if equal.

    A line is never split between places. What no place has enough of is given to the fullest:
    reserving it will then say that it is out of stock.
    """
    best: dict[int, StockItem] = {}
    items = (
        StockItem.objects.filter(variant__in=[line.variant_pk for line in priced.lines])
        .select_related("location__seller")
        .order_by(F("on_hand") - F("reserved"), "-pk")
    )
    for item in items:
        best[item.variant_id] = item
    parcels: dict[tuple[int, int], Parcel] = {}
    for line in priced.lines:
        source = best.get(line.variant_pk)
        if source is None:
            continue
        key = (line.seller_pk, source.location_id)
        parcel = parcels.setdefault(key, Parcel(line.seller_pk, source.location, []))
        parcel.lines.append((line, source.pk))
    return [parcels[key] for key in sorted(parcels)]


def quote_shipping(
    *, parcels: list[Parcel], currency: str, country: str, province: str
) -> list[GroupQuote]:
    """Every parcel with the services that reach the province, cheapest first.

    A zone without regions is the whole country, abroad the only kind; a zone that names the
    province goes before it. Raises NoShipping where a parcel cannot be sent there at all.
    """
    rates = list(
        ShippingRate.objects.filter(
            Q(zone__regions=province) | Q(zone__regions=None),
            zone__country=country,
            currency=currency,
            is_active=True,
        ).order_by(F("zone__regions").asc(nulls_first=True), "pk")
    )
    quotes = [
        GroupQuote(
            key=parcel.key,
            seller_name=parcel.location.seller.name,
            ships_from=parcel.location.city,
            weight_grams=parcel.weight_grams,
            options=_options(rates, parcel.weight_grams),
        )
        for parcel in parcels
    ]
    if not all(quote.options for quote in quotes):
        raise NoShipping
    return quotes


def _options(rates: list[ShippingRate], grams: int) -> list[ShippingOption]:
    options = {
        # The later of two goes before the earlier: see the order of the rates.
        (code := f"{rate.courier}:{rate.service}".lower()): ShippingOption(
            code=code,
            courier=rate.courier,
            service=rate.service,
            name=rate.name,
            amount=Money(rate.amount_minor(grams=grams), rate.currency),
            eta_min_days=rate.eta_min_days,
            eta_max_days=rate.eta_max_days,
        )
        for rate in rates
        if grams <= rate.max_grams
    }
    return sorted(options.values(), key=lambda option: (option.amount.minor, option.code))


def chosen(quotes: list[GroupQuote], choice: Mapping[str, str]) -> dict[str, ShippingOption]:
    """The option picked for each group.

    Raises ShippingNotOffered.
    """
    picked: dict[str, ShippingOption] = {}
    for quote in quotes:
        by_code = {option.code: option for option in quote.options}
        option = by_code.get(choice.get(quote.key, ""))
        if option is None:
            raise ShippingNotOffered(f"group {quote.key}: {choice.get(quote.key)!r}")
        picked[quote.key] = option
    return picked
