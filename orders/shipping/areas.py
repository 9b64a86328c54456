"""What a courier API calls our places: looked up there once, then kept in a table of ours."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db.models.functions import Now

from orders.models import CourierArea, RateSource, Region
from orders.places import Place
from orders.shipping.calling import in_parallel
from orders.shipping.rates import Unavailable

# An API that does not know a place may learn it.
UNKNOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Area:
    """`id` is empty where the API does not know the place."""

    id: str
    label: str = ""


# Asks the API for a place whose regions have these names.
Search = Callable[[Place, frozenset[str]], Area | Unavailable]


def areas_of(
    places: Iterable[Place], *, source: RateSource, search: Search
) -> Mapping[Place, Area | Unavailable]:
    """What the API calls each place. A search is made once in the life of the shop; a place that
    the API does not know is kept as such for a day, for staff to fill in."""
    wanted = {_key(place): place for place in places}
    rows = CourierArea.objects.filter(
        source=source, postal_code__in=[postal_code for _region, postal_code in wanted]
    )
    known: dict[tuple[str, str], Area | Unavailable] = {
        (row.region, row.postal_code): Area(row.area_id, row.label)
        for row in rows.exclude(area_id="", looked_up_at__lte=Now() - UNKNOWN_FOR)
    }
    missing = {key: place for key, place in wanted.items() if key not in known}
    if missing:
        found = _searched(missing, search)
        _forget_unknown(source, found)
        CourierArea.objects.bulk_create(
            [
                CourierArea(
                    source=source,
                    region=region,
                    postal_code=postal_code,
                    area_id=area.id,
                    label=area.label,
                )
                for (region, postal_code), area in found.items()
                if isinstance(area, Area)
            ],
            ignore_conflicts=True,
        )
        known |= found
    return {place: known[key] for key, place in wanted.items()}


def _forget_unknown(
    source: RateSource, found: Mapping[tuple[str, str], Area | Unavailable]
) -> None:
    """Room for what was found anew; what staff have filled in meanwhile stays."""
    for (region, postal_code), area in found.items():
        if isinstance(area, Area):
            CourierArea.objects.filter(
                source=source,
                region=region,
                postal_code=postal_code,
                area_id="",
                looked_up_at__lte=Now() - UNKNOWN_FOR,
            ).delete()


def _key(place: Place) -> tuple[str, str]:
    return place.region, place.postal_code


def _searched(
    places: Mapping[tuple[str, str], Place], search: Search
) -> dict[tuple[str, str], Area | Unavailable]:
    codes = {code for place in places.values() for code in place.codes}
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    tasks = [
        partial(search, place, frozenset(plain(names.get(code, "")) for code in place.codes))
        for place in places.values()
    ]
    return dict(zip(places, in_parallel(tasks), strict=True))


def plain(name: str) -> str:
    """For comparing: APIs write `JAKARTA SELATAN`, the ministry `Kota Administrasi Jakarta …`."""
    words = re.sub(r"[^A-Z0-9]+", " ", name.upper()).split()
    return " ".join(word for word in words if word not in _KINDS)


_KINDS = {"KOTA", "KABUPATEN", "KAB", "ADMINISTRASI", "ADM", "PROVINSI", "KECAMATAN", "DESA"}
