"""RajaOngkir by Komerce, API v2: where a parcel is.

https://rajaongkir.com/docs/shipping-cost/tracking; docs/shipping.md says what of it was verified.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from orders.models import CourierStatus, RateSource
from orders.shipping import wire
from orders.shipping.calling import Caller, in_parallel
from orders.shipping.config import CourierConfig
from orders.shipping.rajaongkir import trouble
from orders.shipping.rates import Unavailable
from orders.shipping.tracking import Tracked, TrackRequest, meaning, short_word
from shop.core.breaker import Breaker
from shop.core.deadline import deadline

TRACK = "/track/waybill"
# Who is told nothing more of the recipient than it asks for.
WANT_PHONE = frozenset({"jne"})
STATUSES: dict[str, CourierStatus | None] = {
    "DELIVERED": CourierStatus.DELIVERED,
    "ON PROCESS": CourierStatus.IN_TRANSIT,
}


class RajaOngkirTracking:
    """`tracking.CourierTracking` is the contract."""

    source = RateSource.RAJAONGKIR

    def __init__(self, config: CourierConfig, *, client: httpx.Client, breaker: Breaker) -> None:
        self._url = config.url + TRACK
        self._headers = {"key": config.key, "accept": "application/json"}
        self._caller = Caller(source=self.source, client=client, breaker=breaker)

    def track(
        self, requests: Sequence[TrackRequest], *, timeout: float
    ) -> list[Tracked | Unavailable]:
        with deadline(timeout):
            return in_parallel([partial(self._one, request) for request in requests])

    def _one(self, request: TrackRequest) -> Tracked | Unavailable:
        params = {"awb": request.number, "courier": request.courier}
        if request.courier in WANT_PHONE and request.phone_digits:
            params["last_phone_number"] = request.phone_digits
        document = self._caller.call(
            "POST", self._url, headers=self._headers, params=params, trouble=trouble
        )
        if isinstance(document, Unavailable):
            return document
        try:
            return _tracked(document.get("data"), request)
        except wire.Unreadable:
            return Unavailable("garbage")


def _tracked(data: object, request: TrackRequest) -> Tracked | Unavailable:
    found, summary = wire.mapping(data), wire.mapping(wire.mapping(data).get("summary"))
    if not wire.is_same_number(summary.get("waybill_number"), request.number):
        return Unavailable("another parcel")
    word = short_word(summary.get("status"))
    status = meaning(RateSource.RAJAONGKIR, word.upper(), STATUSES)
    if status == CourierStatus.DELIVERED and found.get("delivered") is not True:
        # It contradicts itself: neither half is believed.
        return Tracked(word, None, None)
    delivered = found.get("delivery_status")
    if status == CourierStatus.DELIVERED and isinstance(delivered, dict):
        return Tracked(word, status, _moment(delivered, "pod_date", "pod_time"))
    return Tracked(word, status, _last_time(found.get("manifest")))


def _last_time(rows: object) -> datetime | None:
    entries: list[Any] = rows if isinstance(rows, list) else []
    times = [
        _moment(row, "manifest_date", "manifest_time") for row in entries if isinstance(row, dict)
    ]
    return max((at for at in times if at is not None), default=None)


def _moment(row: dict[str, Any], day: str, time: str) -> datetime | None:
    return wire.moment(f"{row.get(day) or ''} {row.get(time) or ''}")
