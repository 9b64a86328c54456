"""RajaOngkir by Komerce, API v2: rates between two of its own areas.

https://rajaongkir.com/docs/shipping-cost; docs/shipping.md says what of it was verified.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from django.utils import timezone

from orders.models import RateSource
from orders.places import Place
from orders.shipping import wire
from orders.shipping.areas import Area, areas_of, plain
from orders.shipping.calling import Caller, Document, in_parallel
from orders.shipping.config import CourierConfig
from orders.shipping.rates import RateRequest, Rates, ShippingOption, Unavailable
from shop.core.breaker import Breaker
from shop.core.deadline import deadline

SEARCH = "/destination/domestic-destination"
COST = "/calculate/domestic-cost"
SEARCH_LIMIT = "50"

Areas = Mapping[Place, Area | Unavailable]


class RajaOngkir:
    """`rates.CourierRates` is the contract. Looking an area up is part of the same limit."""

    source = RateSource.RAJAONGKIR

    def __init__(self, config: CourierConfig, *, client: httpx.Client, breaker: Breaker) -> None:
        self._config = config
        self._caller = Caller(source=self.source, client=client, breaker=breaker)
        self._headers = {"key": config.key, "accept": "application/json"}
        self.identity = f"rajaongkir {config.url} {','.join(config.couriers)}"

    def quote(
        self, requests: Sequence[RateRequest], *, timeout: float
    ) -> list[Rates | Unavailable]:
        at = timezone.now()
        places = {
            place
            for request in requests
            if is_answerable(request)
            for place in (request.origin, request.destination)
        }
        with deadline(timeout):
            areas = areas_of(places, source=self.source, search=self._search) if places else {}
            return in_parallel([partial(self._one, request, areas, at) for request in requests])

    def _search(self, place: Place, names: frozenset[str]) -> Area | Unavailable:
        """The area of that postal code; of several the one that bears most of the names."""
        document = self._caller.call(
            "GET",
            self._config.url + SEARCH,
            headers=self._headers,
            params={"search": place.postal_code, "limit": SEARCH_LIMIT, "offset": "0"},
            trouble=trouble,
        )
        if isinstance(document, Unavailable):
            # Nothing of that name is answered with 404.
            return Area("") if document.cause == "status 404" else document
        rows = document.get("data")
        if not isinstance(rows, list):
            return Unavailable("garbage")
        ours = [row for row in rows if _is_area(row, place.postal_code)]
        if not ours:
            return Area("")
        best = max(ours, key=lambda row: len(names & _names(row)))
        return Area(str(best["id"]), str(best.get("label", ""))[:200])

    def _one(self, request: RateRequest, areas: Areas, at: datetime) -> Rates | Unavailable:
        origin, destination = areas.get(request.origin), areas.get(request.destination)
        if not is_answerable(request) or origin is None or destination is None:
            return Unavailable("not answerable")
        for area in (origin, destination):
            if isinstance(area, Unavailable):
                return area
        if not (isinstance(origin, Area) and isinstance(destination, Area)):
            return Unavailable("not answerable")
        if not origin.id or not destination.id:
            return Unavailable("area unknown")
        return self._cost(request, origin.id, destination.id, at)

    def _cost(
        self, request: RateRequest, origin: str, destination: str, at: datetime
    ) -> Rates | Unavailable:
        grams = request.asked_grams(divisor=self._config.divisor)
        document = self._caller.call(
            "POST",
            self._config.url + COST,
            headers=self._headers,
            form={
                "origin": origin,
                "destination": destination,
                "weight": str(grams),
                "courier": ":".join(self._config.couriers),
                "price": "lowest",
            },
            trouble=trouble,
        )
        if isinstance(document, Unavailable):
            return document
        return wire.rates(self.source, document.get("data"), partial(_option, grams=grams, at=at))


def is_answerable(request: RateRequest) -> bool:
    return request.currency == "IDR" and all(
        place.country == "ID" and re.fullmatch(r"[1-9]\d{4}", place.postal_code)
        for place in (request.origin, request.destination)
    )


def trouble(status: int, document: Document) -> str:
    """Its `meta` says whether all went well, whatever the HTTP status."""
    meta = document.get("meta")
    is_success = isinstance(meta, dict) and meta.get("status") == "success"
    return "refused" if status < 300 and not is_success else ""


def _is_area(row: object, postal_code: str) -> bool:
    """Their ids are numbers; a search by number also finds what merely contains it."""
    if not isinstance(row, dict):
        return False
    is_number = isinstance(row.get("id"), int) and not isinstance(row.get("id"), bool)
    return is_number and str(row.get("zip_code", "")).strip() == postal_code


def _names(row: dict[str, Any]) -> set[str]:
    levels = ("province", "city", "district", "subdistrict")
    return {plain(str(row.get(f"{level}_name") or row.get(level, ""))) for level in levels}


def _option(row: dict[str, Any], *, grams: int, at: datetime) -> ShippingOption:
    courier, service = wire.text(row.get("code"), most=40), wire.text(row.get("service"), most=40)
    return wire.option(
        RateSource.RAJAONGKIR,
        courier=courier,
        service=service,
        name=f"{courier.upper()} {service}",
        price=row.get("cost"),
        days=wire.working_days(row.get("etd")),
        reference=f"{courier}:{service}",
        charged_grams=grams,
        at=at,
    )
