"""What the shop asks about a parcel that has left, and all that may be answered.

Implementations stay within the caller's time limit, are never called inside a database
transaction, do not touch the database, and raise nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from orders.models import CourierStatus, RateSource
from orders.shipping import wire
from orders.shipping.rates import Unavailable

log = logging.getLogger(__name__)
LONGEST_WORD = 60


@dataclass(frozen=True, slots=True)
class TrackRequest:
    """`courier` is the API's code; `phone_digits` are the recipient's last five, or nothing."""

    courier: str
    number: str
    phone_digits: str = ""


@dataclass(frozen=True, slots=True)
class Tracked:
    """`word` is what the API says, `status` what that means for us: None where it says nothing of
    a parcel's way, or nothing that we know. `at`: when it happened, where that is said."""

    word: str
    status: CourierStatus | None
    at: datetime | None


class CourierTracking(Protocol):
    source: RateSource

    def track(
        self, requests: Sequence[TrackRequest], *, timeout: float
    ) -> list[Tracked | Unavailable]:
        """An answer for each request, in their order, after at most `timeout` seconds for all."""


def meaning(
    source: RateSource, word: str, known: Mapping[str, CourierStatus | None]
) -> CourierStatus | None:
    """What a word of the API means; one that is not documented is logged, and never guessed."""
    try:
        return known[word]
    except KeyError:
        log.warning("courier_status_unknown", extra={"source": str(source), "word": word})
        return None


def short_word(value: object) -> str:
    """Raises wire.Unreadable."""
    return wire.text(value, most=LONGEST_WORD)
