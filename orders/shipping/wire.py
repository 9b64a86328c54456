"""Reading what courier APIs write: nothing doubtful becomes a price."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orders.models import RateSource
from orders.shipping.rates import Rates, ShippingOption, Unavailable
from shop.core.money import Money

log = logging.getLogger(__name__)

# A parcel of 30 kg by air to the far end of Papua costs about half of it.
LARGEST_PRICE = 10_000_000
LONGEST_DAYS = 60
MOST_ROWS = 200
_RANGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?\s*([a-z]*)")
_DAYS = frozenset({"", "d", "day", "days", "hari"})
_HOURS = frozenset({"h", "hour", "hours", "jam"})
# Where nothing else is said, times are those of Jakarta.
_JAKARTA = ZoneInfo("Asia/Jakarta")


class Unreadable(Exception):
    """This row says nothing that a customer could be charged for."""


def text(value: object, *, most: int) -> str:
    """Raises Unreadable for what is no short, printable, non-empty text."""
    if not isinstance(value, str):
        raise Unreadable("not a text")
    clean = value.strip()
    if not clean or len(clean) > most or not clean.isprintable():
        raise Unreadable("not a short text")
    return clean


def mapping(value: object) -> dict[str, Any]:
    """Raises Unreadable."""
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    return value


def is_same_number(value: object, number: str) -> bool:
    """Whether an answer is about the parcel that was asked for. Raises Unreadable."""
    return text(value, most=80).upper() == number.strip().upper()


def moment(value: object) -> datetime | None:
    """`2026-11-22T18:17:00+07:00`, `2026-11-22 18:17`; None for what is no date with a time."""
    if not isinstance(value, str) or len(value.strip()) < len("2026-11-22 18:17"):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=_JAKARTA)


def whole_rupiah(value: object) -> Money:
    """Raises Unreadable for fractions, texts, nothing, less than nothing, and absurd sums."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable("not a whole number")
    if not 0 < value <= LARGEST_PRICE:
        raise Unreadable("no sensible price")
    return Money(value, "IDR")


def working_days(value: object, *, unit: object = "") -> tuple[int | None, int | None]:
    """`2 - 3 days`, `1-2 day`, `3`, `6 - 8 hours`; (None, None) where nothing is said.

    Raises Unreadable for an estimate that cannot be true.
    """
    if not isinstance(value, str) or not isinstance(unit, str):
        return None, None
    match = _RANGE.fullmatch(value.strip().lower())
    if match is None:
        return None, None
    low, high = int(match[1]), int(match[2] or match[1])
    written = match[3] or unit.strip().lower()
    if written in _HOURS:
        low, high = low // 24, -(-high // 24)
    elif written not in _DAYS:
        return None, None
    if not low <= high <= LONGEST_DAYS:
        raise Unreadable("no sensible time")
    return low, high


def option(
    source: RateSource,
    *,
    courier: object,
    service: object,
    name: str,
    price: object,
    days: tuple[int | None, int | None],
    reference: str,
    charged_grams: int,
    at: datetime,
) -> ShippingOption:
    """Raises Unreadable."""
    return ShippingOption(
        courier=text(courier, most=40),
        service=text(service, most=40),
        name=" ".join(name.split())[:80],
        amount=whole_rupiah(price),
        eta_min_days=days[0],
        eta_max_days=days[1],
        charged_grams=charged_grams,
        source=source,
        quoted_at=at,
        reference=reference[:120],
    )


def rates(
    source: RateSource, rows: object, read: Callable[[dict[str, Any]], ShippingOption]
) -> Rates | Unavailable:
    """All rows that can be read, the cheapest of each service; if none of many can: Unavailable."""
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        return Unavailable("garbage")
    cheapest: dict[str, ShippingOption] = {}
    for row in rows:
        try:
            if not isinstance(row, dict):
                raise Unreadable("not an object")
            one = read(row)
        except Unreadable as error:
            log.warning("courier_rate_refused", extra={"source": source, "cause": str(error)})
            continue
        known = cheapest.get(one.code)
        if known is None or one.amount.minor < known.amount.minor:
            cheapest[one.code] = one
    if rows and not cheapest:
        return Unavailable("garbage")
    return Rates(tuple(cheapest.values()))
