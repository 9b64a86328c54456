"""Biteship: rates between two Indonesian postal codes.

https://biteship.com/en/docs/api/rates/retrieve; docs/shipping.md says what of it was verified.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from django.utils import timezone

from orders.models import RateSource
from orders.places import Place
from orders.shipping import wire
from orders.shipping.calling import Caller, Document, in_parallel
from orders.shipping.config import CourierConfig
from orders.shipping.rates import RateRequest, Rates, ShippingOption, Unavailable
from shop.core.breaker import Breaker
from shop.core.deadline import deadline

RATES = "/v1/rates/couriers"


class Biteship:
    """`rates.CourierRates` is the contract."""

    source = RateSource.BITESHIP

    def __init__(self, config: CourierConfig, *, client: httpx.Client, breaker: Breaker) -> None:
        self._config = config
        self._caller = Caller(source=self.source, client=client, breaker=breaker)
        self.identity = f"biteship {config.url} {','.join(config.couriers)}"

    def quote(
        self, requests: Sequence[RateRequest], *, timeout: float
    ) -> list[Rates | Unavailable]:
        at = timezone.now()
        with deadline(timeout):
            return in_parallel([partial(self._one, request, at) for request in requests])

    def _one(self, request: RateRequest, at: datetime) -> Rates | Unavailable:
        origin, destination = postal_code(request.origin), postal_code(request.destination)
        if origin is None or destination is None or request.currency != "IDR":
            return Unavailable("not answerable")
        grams = request.asked_grams(divisor=self._config.divisor)
        document = self._caller.call(
            "POST",
            self._config.url + RATES,
            headers={"authorization": self._config.key, "accept": "application/json"},
            body={
                "origin_postal_code": origin,
                "destination_postal_code": destination,
                "couriers": ",".join(self._config.couriers),
                # Its size is in the weight already: so all parcels of one weight cost the same.
                "items": [
                    {
                        "name": "Paket",
                        "category": "fashion",
                        "value": request.value_minor,
                        "weight": grams,
                        "quantity": 1,
                    }
                ],
            },
            trouble=_trouble,
        )
        if isinstance(document, Unavailable):
            return document
        read = partial(_option, grams=grams, at=at)
        return wire.rates(self.source, document.get("pricing"), read)


def postal_code(place: Place) -> int | None:
    """Biteship takes postal codes as numbers, of Indonesia only."""
    if place.country != "ID" or not re.fullmatch(r"[1-9]\d{4}", place.postal_code):
        return None
    return int(place.postal_code)


def _trouble(status: int, document: Document) -> str:
    """An account without money is answered with 400, as a mistake in the request is."""
    if status == 400 and "balance" in str(document.get("error", "")).lower():
        return "balance used up"
    return "refused" if status < 300 and document.get("success") is not True else ""


def _option(row: dict[str, Any], *, grams: int, at: datetime) -> ShippingOption:
    courier, service = row.get("courier_code"), row.get("courier_service_code")
    names = (row.get("courier_name") or courier, row.get("courier_service_name") or service)
    return wire.option(
        RateSource.BITESHIP,
        courier=courier,
        service=service,
        name=" ".join(wire.text(name, most=80) for name in names),
        price=row.get("price"),
        days=wire.working_days(
            row.get("shipment_duration_range"), unit=row.get("shipment_duration_unit", "")
        ),
        # What an order at Biteship has to name: courier_company and courier_type.
        reference=f"{row.get('company') or courier}:{row.get('type') or service}",
        charged_grams=grams,
        at=at,
    )
