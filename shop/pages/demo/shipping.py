"""Zones and fares of the demo: one parcel from Pekalongan to anywhere in Indonesia."""

from typing import TypedDict

from orders.models import Region, ShippingRate, ShippingZone


class Rate(TypedDict):
    """`days` are the fewest and the most; the fares are minor units."""

    courier: str
    service: str
    name: str
    first_kg: int
    next_kg: int
    days: tuple[int, int]


class Zone(TypedDict):
    name: str
    provinces: list[str]
    rates: list[Rate]


class Fares(TypedDict):
    country: str
    currency: str
    zones: list[Zone]


def load_shipping(fares: Fares) -> bool:
    """Fill an empty table of fares; returns whether it was empty."""
    if ShippingZone.objects.exists():
        return False
    for data in fares["zones"]:
        zone = ShippingZone.objects.create(name=data["name"], country=fares["country"])
        zone.regions.set(Region.objects.filter(code__in=data["provinces"]))
        ShippingRate.objects.bulk_create(
            ShippingRate(
                zone=zone,
                courier=rate["courier"],
                service=rate["service"],
                name=rate["name"],
                currency=fares["currency"],
                first_kg_minor=rate["first_kg"],
                next_kg_minor=rate["next_kg"],
                eta_min_days=rate["days"][0],
                eta_max_days=rate["days"][1],
            )
            for rate in data["rates"]
        )
    return True
