"""Prices from the merchant's own table: always there, and nobody has to be asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from orders.models import RateSource, ShippingBracket, ShippingRate
from orders.places import Place
from orders.shipping.rates import RateRequest, Rates, ShippingOption, Unavailable
from shop.core.kept import Kept, among, among_words
from shop.core.money import Money


class TableRates:
    """`rates.CourierRates` is the contract. All requests of a call have one destination."""

    source = RateSource.TABLE
    identity = "table"

    def quote(
        self, requests: Sequence[RateRequest], *, timeout: float
    ) -> list[Rates | Unavailable]:
        """Two queries, however many parcels."""
        now = timezone.now()
        rates = _reaching(requests, at=now) if requests else []
        brackets: dict[int, list[ShippingBracket]] = {rate.pk: [] for rate in rates}
        for bracket in _BRACKETS.fetch(rates=list(brackets)):
            brackets[bracket.rate_id].append(bracket)
        return [Rates(tuple(_options(rates, brackets, request, at=now))) for request in requests]


def _reaching(requests: Sequence[RateRequest], *, at: datetime) -> list[ShippingRate]:
    """The rates that may concern any of the parcels, the least specific first."""
    destination = _only_one({request.destination for request in requests})
    origins = [request.location_pk for request in requests]
    rates: list[ShippingRate] = _RATES.fetch(
        on=timezone.localdate(at),
        country=destination.country,
        codes=destination.codes,
        origins=origins,
        currencies=sorted({request.currency for request in requests}),
    )
    return sorted(rates, key=lambda rate: (rate.nearness, rate.origin_id is not None, rate.pk))


_RATES = Kept(
    lambda *, on, country, codes, origins, currencies: (
        ShippingRate.objects.valid(on=on)
        .reaching(country=country, codes=codes)
        .filter(Q(origin=None) | Q(among("origin", origins)), among_words("currency", currencies))
    ),
    on=date(1999, 1, 1),
    country="a country",
    codes=["a code"],
    origins=[-1],
    currencies=["a currency"],
)
_BRACKETS = Kept(
    lambda *, rates: ShippingBracket.objects.filter(among("rate", rates)).order_by("up_to_grams"),
    rates=[-1],
)


def _only_one(places: set[Place]) -> Place:
    (place,) = places
    return place


def _options(
    rates: Sequence[ShippingRate],
    brackets: Mapping[int, Sequence[ShippingBracket]],
    request: RateRequest,
    *,
    at: datetime,
) -> list[ShippingOption]:
    """For every service its price in the most specific zone; there, that of this origin."""
    by_service: dict[str, ShippingRate] = {}
    for rate in rates:
        if rate.currency == request.currency and rate.origin_id in (None, request.location_pk):
            # What comes later is more specific.
            by_service[f"{rate.courier}:{rate.service}".lower()] = rate
    options = []
    for rate in by_service.values():
        grams = rate.charged_grams(grams=request.weight_grams, volume_cm3=request.volume_cm3)
        minor = rate.amount_minor(grams=grams, brackets=brackets[rate.pk])
        if minor is not None:
            options.append(
                ShippingOption(
                    courier=rate.courier,
                    service=rate.service,
                    name=rate.name,
                    amount=Money(minor, rate.currency),
                    eta_min_days=rate.eta_min_days,
                    eta_max_days=rate.eta_max_days,
                    charged_grams=grams,
                    source=RateSource.TABLE,
                    quoted_at=at,
                )
            )
    return options
