"""How often the shop may have couriers asked: every call costs the merchant money."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from orders.models import RateSource
from orders.shipping.config import CourierConfig
from shop.core import throttle
from shop.core.throttle import Limit, Throttled

HOUR = 3600
DAY = 24 * HOUR
# Who goes on for hours gets so many times the hour's in a day.
HOURS_A_DAY = 5

_network: ContextVar[str] = ContextVar("courier_network", default="")


@contextmanager
def asked_from(network: str) -> Iterator[None]:
    """Quotes asked for inside are on the account of this network."""
    token = _network.set(network)
    try:
        yield
    finally:
        _network.reset(token)


def may_quote(source: RateSource, *, calls: int) -> bool:
    """Count so many quotes that are to be asked for; False beyond any limit."""
    config = CourierConfig.from_settings()
    hourly = config.quotes_per_network
    own = (Limit(hourly, HOUR), Limit(hourly * HOURS_A_DAY, DAY))
    network = _network.get()
    try:
        for _ in range(calls):
            # First the network's: what it is refused must not use up what all have together.
            if network:
                throttle.count("courier-quotes", network=network, limits=own)
            throttle.count(
                "courier-quotes-of", network=source, limits=(Limit(config.quotes_a_day, DAY),)
            )
    except Throttled:
        return False
    return True


def seconds_until_tracking(source: RateSource) -> int:
    """Count one question about a parcel: 0, or how long until there may be another."""
    limit = Limit(CourierConfig.from_settings().trackings_a_day, DAY)
    try:
        throttle.count("courier-trackings-of", network=source, limits=(limit,))
    except Throttled as error:
        return error.retry_after
    return 0
