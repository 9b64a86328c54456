"""What the shop asks about a parcel, whoever knows its price, and all that they may answer.

Implementations stay within the caller's time limit, are never called inside a database
transaction, and raise nothing: every outcome is a value the caller must handle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from orders.models import RateSource
from orders.places import Place
from shop.core.money import Money

# Couriers' prices are kept and asked by steps of this weight, always rounded up.
STEP_GRAMS = 100


@dataclass(frozen=True, slots=True)
class RateRequest:
    """One parcel. `value_minor` is what its goods cost; a courier may insure it."""

    location_pk: int
    origin: Place
    destination: Place
    weight_grams: int
    volume_cm3: int
    currency: str
    value_minor: int

    def asked_grams(self, *, divisor: int) -> int:
        """What a courier API is asked about: the heavier of weight and size, in whole steps."""
        charged = max(self.weight_grams, -(-self.volume_cm3 * 1000 // divisor))
        return max(1, -(-charged // STEP_GRAMS)) * STEP_GRAMS


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A courier's service. Days are working days; None where the courier does not say.

    `reference` is what the courier API calls this rate. The dates of arrival are for today.
    """

    courier: str
    service: str
    name: str
    amount: Money
    eta_min_days: int | None
    eta_max_days: int | None
    charged_grams: int
    source: RateSource
    quoted_at: datetime
    reference: str = ""
    arrives_from: date | None = None
    arrives_until: date | None = None

    @property
    def code(self) -> str:
        """Stable: `jne:reg`."""
        return f"{self.courier}:{self.service}".lower()


@dataclass(frozen=True, slots=True)
class Rates:
    """The services that take the parcel there; none: nobody does."""

    options: tuple[ShippingOption, ...]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nobody can say now. `cause` is one of few words, for logs.

    `is_lasting`: the same question would be answered the same, so it need not be asked soon.
    """

    cause: str
    is_lasting: bool = False


class CourierRates(Protocol):
    source: RateSource
    # Two with the same identity give the same answers.
    identity: str

    def quote(
        self, requests: Sequence[RateRequest], *, timeout: float
    ) -> list[Rates | Unavailable]:
        """An answer for each request, in their order, after at most `timeout` seconds for all."""
