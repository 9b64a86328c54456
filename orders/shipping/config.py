"""How the shop reaches a courier API, and how often it may."""

from dataclasses import dataclass, field
from typing import Self

from django.conf import settings
from environs import Env

# The variables are in the environment once the settings have read their file.
env = Env()


@dataclass(frozen=True, slots=True)
class CourierConfig:
    """`couriers` are the API's codes of those to ask for.

    Calls are paid for: `quotes_per_network` in an hour, the others in a day. Webhooks bear one of
    `webhook_secrets` in the header `webhook_header`; without any none is believed.
    """

    url: str
    key: str = field(repr=False)
    couriers: tuple[str, ...]
    divisor: int
    quotes_per_network: int
    quotes_a_day: int
    trackings_a_day: int
    webhook_header: str
    webhook_secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            url=settings.COURIER_API_URL,
            key=settings.COURIER_API_KEY,
            couriers=tuple(settings.COURIER_CODES),
            divisor=settings.COURIER_VOLUMETRIC_DIVISOR,
            quotes_per_network=env.int("COURIER_QUOTES_PER_NETWORK", 100),
            quotes_a_day=env.int("COURIER_QUOTES_A_DAY", 5000),
            trackings_a_day=env.int("COURIER_TRACKINGS_A_DAY", 1000),
            webhook_header=env.str("COURIER_WEBHOOK_HEADER", "X-Biteship-Signature"),
            webhook_secrets=tuple(filter(None, env.list("COURIER_WEBHOOK_SECRETS", []))),
        )
