"""Who is asked for prices and parcels: one object per process for each configuration."""

import os

from django.conf import settings

from orders.models import RateSource
from orders.shipping.biteship import Biteship
from orders.shipping.biteship_tracking import BiteshipTracking
from orders.shipping.config import CourierConfig
from orders.shipping.keeping import Kept
from orders.shipping.rajaongkir import RajaOngkir
from orders.shipping.rajaongkir_tracking import RajaOngkirTracking
from orders.shipping.rates import CourierRates
from orders.shipping.table import TableRates
from orders.shipping.tracking import CourierTracking
from shop.core import outgoing
from shop.core.breaker import Breaker

_APIS: dict[str, type[Biteship] | type[RajaOngkir]] = {
    RateSource.BITESHIP: Biteship,
    RateSource.RAJAONGKIR: RajaOngkir,
}
_TRACKING: dict[str, type[BiteshipTracking] | type[RajaOngkirTracking]] = {
    RateSource.BITESHIP: BiteshipTracking,
    RateSource.RAJAONGKIR: RajaOngkirTracking,
}
# Keyed by process: a forked child must not share a lock that was held meanwhile.
_known: dict[tuple[int, str, CourierConfig], CourierRates] = {}
_known_tracking: dict[tuple[int, str, CourierConfig], CourierTracking] = {}


def courier_rates() -> CourierRates:
    """What COURIER_RATES names."""
    if settings.COURIER_RATES == RateSource.TABLE:
        return TableRates()
    key = (os.getpid(), settings.COURIER_RATES, CourierConfig.from_settings())
    found = _known.get(key)
    if found is None:
        # A few customers wait for a time-out; then nobody does for half a minute.
        breaker = Breaker(failures=3, within=60, pause=30)
        api = _APIS[key[1]](key[2], client=outgoing.client(), breaker=breaker)
        # setdefault is atomic: threads that come here together all leave with the same object.
        found = _known.setdefault(key, Kept(api))
    return found


def courier_tracking() -> CourierTracking | None:
    """Whom to ask about parcels: the API of COURIER_RATES. None: nobody, the table knows none."""
    if settings.COURIER_RATES == RateSource.TABLE:
        return None
    key = (os.getpid(), settings.COURIER_RATES, CourierConfig.from_settings())
    found = _known_tracking.get(key)
    if found is None:
        # Its own: trouble with parcels says nothing about prices, for which customers wait.
        breaker = Breaker(failures=3, within=60, pause=30)
        api = _TRACKING[key[1]](key[2], client=outgoing.client(), breaker=breaker)
        found = _known_tracking.setdefault(key, api)
    return found
