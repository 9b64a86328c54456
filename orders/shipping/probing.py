"""What a parcel would cost, said by everybody who could be asked: for staff to see."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise

from orders.models import RateSource
from orders.shipping.quoting import shown_options
from orders.shipping.rates import CourierRates, RateRequest, Rates, ShippingOption
from orders.shipping.services import Offered
from orders.shipping.sources import courier_rates
from orders.shipping.table import TableRates


@dataclass(frozen=True, slots=True)
class Finding:
    """`cause` is why there are no options, in the word of the logs."""

    source: str | Promise
    options: list[ShippingOption]
    cause: str


def probe(request: RateRequest) -> list[Finding]:
    """The courier API's answer where one is configured, then the table's. May call the network."""
    asked: list[CourierRates] = [TableRates()]
    if settings.COURIER_RATES != RateSource.TABLE:
        asked.insert(0, courier_rates())
    return [_finding(rates, request) for rates in asked]


def _finding(rates: CourierRates, request: RateRequest) -> Finding:
    (answer,) = rates.quote([request], timeout=settings.COURIER_TIMEOUT.total_seconds())
    label = RateSource(rates.source).label
    if not isinstance(answer, Rates):
        return Finding(label, [], answer.cause)
    if rates.source != RateSource.TABLE:
        answer = Offered.load().of(answer)
    options = shown_options(answer, today=timezone.localdate())
    return Finding(label, options, "" if options else "nothing offered")
