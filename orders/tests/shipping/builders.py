"""Parcels for tests: from the boutique in Pekalongan to the house of a customer."""

from itertools import count
from typing import Any

from catalog.models import Location, Seller
from orders.models import Region, ShippingRate, ShippingZone
from orders.places import Place
from orders.shipping.rates import RateRequest

PEKALONGAN = "51122"
BANDUNG = Place("ID", "32", "32.73.02", "40132")
_numbers = count(1)


def make_place(postal_code: str = PEKALONGAN) -> Location:
    """A place of a seller of its own that parcels leave from."""
    number = next(_numbers)
    seller = Seller.objects.create(name=f"Penjual {number}")
    return Location.objects.create(
        seller=seller,
        name=f"Gudang {number}",
        city="Kota Pekalongan",
        province="33",
        postal_code=postal_code,
    )


def make_request(**changes: Any) -> RateRequest:
    values: dict[str, Any] = {
        "location_pk": 1,
        "origin": Place("ID", "33", "", PEKALONGAN),
        "destination": BANDUNG,
        "weight_grams": 800,
        "volume_cm3": 0,
        "currency": "IDR",
        "value_minor": 149_000,
    }
    return RateRequest(**values | changes)


def make_region(code: str, name: str = "") -> Region:
    """With those it lies in."""
    parent = make_region(code.rpartition(".")[0]) if "." in code else None
    region, _is_new = Region.objects.get_or_create(
        code=code, defaults={"name": name or f"Wilayah {code}", "parent": parent}
    )
    return region


def make_zone(*codes: str, **fields: Any) -> ShippingZone:
    """The whole country unless regions are given."""
    zone = ShippingZone.objects.create(name="Zona", **fields)
    zone.regions.set([make_region(code) for code in codes])
    return zone


def make_fare(zone: ShippingZone, first_kg: int = 12_000, **fields: Any) -> ShippingRate:
    values: dict[str, Any] = {
        "courier": "JNE",
        "service": "REG",
        "name": "JNE Reguler",
        "currency": "IDR",
        "first_kg_minor": first_kg,
        "next_kg_minor": 9_000,
        "eta_min_days": 2,
        "eta_max_days": 4,
    }
    return ShippingRate.objects.create(zone=zone, **values | fields)
