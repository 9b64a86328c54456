"""What the customer may choose for each parcel, and which prices count."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import RateSource
from orders.places import Destination, Place
from orders.shipping.arrival import arrival
from orders.shipping.parcels import Parcel
from orders.shipping.rates import RateRequest, Rates, ShippingOption
from orders.shipping.services import Offered
from orders.shipping.sources import courier_rates
from orders.shipping.table import TableRates
from shop.core.errors import DomainError

log = logging.getLogger(__name__)


class NoShipping(DomainError):
    code = "no_shipping"
    message = _("We do not deliver this to that address. Please check the address.")


class ShippingNotOffered(DomainError):
    code = "shipping_not_offered"
    status = 422
    message = _("Choose a courier for every parcel.")


class CourierChanged(DomainError):
    code = "courier_changed"
    message = _("The courier that you chose is not offered any more. Please choose again.")


@dataclass(frozen=True, slots=True)
class GroupQuote:
    key: str
    seller_name: str
    ships_from: str
    weight_grams: int
    options: list[ShippingOption]


def quote_shipping(
    *, parcels: list[Parcel], currency: str, destination: Destination
) -> list[GroupQuote]:
    """Every parcel with the services that take it there, cheapest first.

    It may ask a courier API, for COURIER_TIMEOUT at most, so never call it in a transaction.
    Raises NoShipping where a parcel cannot be sent there at all.
    """
    requests = [_request(parcel, currency, destination) for parcel in parcels]
    today = timezone.localdate()
    quotes = [
        GroupQuote(
            key=parcel.key,
            seller_name=parcel.location.seller.name,
            ships_from=parcel.location.city,
            weight_grams=parcel.weight_grams,
            options=shown_options(rates, today=today),
        )
        for parcel, rates in zip(parcels, best_rates(requests), strict=True)
    ]
    if not all(quote.options for quote in quotes):
        raise NoShipping
    return quotes


def _request(parcel: Parcel, currency: str, destination: Destination) -> RateRequest:
    location = parcel.location
    return RateRequest(
        location_pk=location.pk,
        origin=Place(location.country, location.province, "", location.postal_code),
        destination=destination,
        weight_grams=parcel.weight_grams,
        volume_cm3=parcel.volume_cm3,
        currency=currency,
        value_minor=parcel.value_minor,
    )


def best_rates(requests: Sequence[RateRequest]) -> list[Rates]:
    """The rates of the courier API; of the table, for parcels that it has no price for."""
    if settings.COURIER_RATES == RateSource.TABLE:
        return _from_table(requests)
    offered = Offered.load()
    source = courier_rates()
    answers: list[Rates | None] = []
    for answer in source.quote(requests, timeout=settings.COURIER_TIMEOUT.total_seconds()):
        rates = offered.of(answer) if isinstance(answer, Rates) else None
        answers.append(rates if rates and rates.options else None)
        if answers[-1] is None:
            cause = "nothing offered" if isinstance(answer, Rates) else answer.cause
            log.warning("courier_rates_fallback", extra={"source": source.source, "cause": cause})
    if None not in answers:
        return [answer for answer in answers if answer]
    table = _from_table(requests)
    return [answer or own for answer, own in zip(answers, table, strict=True)]


def _from_table(requests: Sequence[RateRequest]) -> list[Rates]:
    answers = TableRates().quote(requests, timeout=0)
    return [answer for answer in answers if isinstance(answer, Rates)]


def shown_options(rates: Rates, *, today: date) -> list[ShippingOption]:
    """With the dates of arrival, the cheapest first."""
    options = (_dated(option, today=today) for option in rates.options)
    return sorted(options, key=lambda option: (option.amount.minor, option.code))


def _dated(option: ShippingOption, *, today: date) -> ShippingOption:
    if option.eta_min_days is None or option.eta_max_days is None:
        return option
    first, last = arrival(low=option.eta_min_days, high=option.eta_max_days, today=today)
    return replace(option, arrives_from=first, arrives_until=last)


def chosen(quotes: list[GroupQuote], choice: Mapping[str, str]) -> dict[str, ShippingOption]:
    """The option picked for each group.

    Raises ShippingNotOffered where none was picked, CourierChanged where it is gone.
    """
    picked: dict[str, ShippingOption] = {}
    for quote in quotes:
        by_code = {option.code: option for option in quote.options}
        wanted = choice.get(quote.key, "")
        option = by_code.get(wanted)
        if option is None:
            detail = f"group {quote.key}: {wanted!r}"
            raise CourierChanged(detail) if wanted else ShippingNotOffered(detail)
        picked[quote.key] = option
    return picked
