"""How the shop reaches a courier API."""

from dataclasses import dataclass, field
from typing import Self

from django.conf import settings


@dataclass(frozen=True, slots=True)
class CourierConfig:
    """`couriers` are the API's codes of those to ask for."""

    url: str
    key: str = field(repr=False)
    couriers: tuple[str, ...]
    divisor: int

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            url=settings.COURIER_API_URL,
            key=settings.COURIER_API_KEY,
            couriers=tuple(settings.COURIER_CODES),
            divisor=settings.COURIER_VOLUMETRIC_DIVISOR,
        )
