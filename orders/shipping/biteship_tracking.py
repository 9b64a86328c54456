"""Biteship: where a parcel is, asked (`GET /v1/trackings/…`) or told (the words of its webhooks).

https://biteship.com/en/docs/api/trackings/retrieve_public; docs/shipping.md says what of it was
verified.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from orders.models import CourierStatus, RateSource
from orders.shipping import wire
from orders.shipping.calling import Caller, Document, in_parallel
from orders.shipping.config import CourierConfig
from orders.shipping.rates import Unavailable
from orders.shipping.tracking import Tracked, TrackRequest, meaning, short_word
from shop.core.breaker import Breaker
from shop.core.deadline import deadline

# Trackings write `pickingUp`, orders and webhooks `picking_up`. None: it is not with the courier.
STATUSES: dict[str, CourierStatus | None] = {
    "confirmed": None,
    "scheduled": None,
    "allocated": None,
    "pickingup": None,
    "picked": CourierStatus.IN_TRANSIT,
    "droppingoff": CourierStatus.IN_TRANSIT,
    "onhold": CourierStatus.IN_TRANSIT,
    "returnintransit": CourierStatus.IN_TRANSIT,
    "delivered": CourierStatus.DELIVERED,
    "returned": CourierStatus.RETURNED_TO_SENDER,
    "disposed": CourierStatus.LOST,
    "rejected": None,
    "cancelled": None,
    "couriernotfound": None,
}


class BiteshipTracking:
    """`tracking.CourierTracking` is the contract."""

    source = RateSource.BITESHIP

    def __init__(self, config: CourierConfig, *, client: httpx.Client, breaker: Breaker) -> None:
        self._url = config.url
        self._headers = {"authorization": config.key, "accept": "application/json"}
        self._caller = Caller(source=self.source, client=client, breaker=breaker)

    def track(
        self, requests: Sequence[TrackRequest], *, timeout: float
    ) -> list[Tracked | Unavailable]:
        with deadline(timeout):
            return in_parallel([partial(self._one, request) for request in requests])

    def _one(self, request: TrackRequest) -> Tracked | Unavailable:
        number, courier = quote(request.number, safe=""), quote(request.courier, safe="")
        document = self._caller.call(
            "GET",
            f"{self._url}/v1/trackings/{number}/couriers/{courier}",
            headers=self._headers,
            trouble=_trouble,
        )
        if isinstance(document, Unavailable):
            return document
        try:
            if not wire.is_same_number(document.get("waybill_id"), request.number):
                return Unavailable("another parcel")
            word = short_word(document.get("status"))
        except wire.Unreadable:
            return Unavailable("garbage")
        return Tracked(word, status_of(word), _last_time(document.get("history"), word))


def status_of(word: str) -> CourierStatus | None:
    """What it means for a parcel; None also for a word that we do not know, which is logged."""
    return meaning(RateSource.BITESHIP, _plain(word), STATUSES)


def _plain(word: str) -> str:
    return word.replace("_", "").lower()


def _trouble(status: int, document: Document) -> str:
    if status == 400 and "balance" in str(document.get("error", "")).lower():
        return "balance used up"
    return "refused" if status < 300 and document.get("success") is not True else ""


def _last_time(rows: object, word: str) -> datetime | None:
    """When the parcel came into that state; the last that is known of it, where nothing says so."""
    if not isinstance(rows, list):
        return None
    entries: list[dict[str, Any]] = [row for row in rows if isinstance(row, dict)]
    same = [row for row in entries if _plain(str(row.get("status", ""))) == _plain(word)]
    times = [wire.moment(row.get("updated_at")) for row in same or entries]
    return max((at for at in times if at is not None), default=None)
