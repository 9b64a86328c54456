"""Quotes that are asked once for all customers, and outlive the API for a while."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from orders.models import RateSource
from orders.shipping.allowance import may_quote
from orders.shipping.rates import CourierRates, RateRequest, Rates, ShippingOption, Unavailable
from shop.core.money import Money

# What is this old is still better than the table while the API is down.
KEPT = timedelta(hours=24)
# "Nobody goes there" and "no such place" may be the API's mistake.
NOTHING_KEPT = timedelta(minutes=10)
# Raise it when the meaning of what is kept changes.
VERSION = 1

Answered = tuple[datetime, Rates | Unavailable]


class Kept:
    """Another CourierRates, asked anew only when its last answer is older than COURIER_QUOTE_FOR.

    What is kept is the API's own answer, without the merchant's fees; keys name no person.
    """

    def __init__(self, rates: CourierRates) -> None:
        self._rates = rates
        self.source = rates.source
        self.identity = rates.identity

    def quote(
        self, requests: Sequence[RateRequest], *, timeout: float
    ) -> list[Rates | Unavailable]:
        now = timezone.now()
        keys = [self._key(request) for request in requests]
        kept = {key: _loaded(value) for key, value in cache.get_many(keys).items()}
        to_ask = [
            (key, request)
            for key, request in zip(keys, requests, strict=True)
            if not _is_fresh(kept.get(key), at=now)
        ]
        answers = dict(kept)
        if to_ask:
            asked = self._asked([request for _key, request in to_ask], timeout=timeout)
            for (key, _request), answer in zip(to_ask, asked, strict=True):
                if isinstance(answer, Rates) or answer.is_lasting:
                    _keep(key, answer, at=now)
                elif key in kept:
                    continue
                answers[key] = (now, answer)
        return [_answer(answers.get(key)) for key in keys]

    def _asked(
        self, requests: Sequence[RateRequest], *, timeout: float
    ) -> list[Rates | Unavailable]:
        """Beyond what may be asked the table answers, or what is kept: nobody is refused."""
        if not may_quote(self.source, calls=len(requests)):
            return [Unavailable("asked too often")] * len(requests)
        return self._rates.quote(requests, timeout=timeout)

    def _key(self, request: RateRequest) -> str:
        facts = (
            self.identity,
            request.location_pk,
            request.origin.postal_code,
            request.destination.country,
            request.destination.region,
            request.destination.postal_code,
            request.asked_grams(divisor=settings.COURIER_VOLUMETRIC_DIVISOR),
            request.currency,
        )
        digest = hashlib.sha256(repr(facts).encode()).hexdigest()
        return f"courier-rates:{VERSION}:{digest}"


def _answer(answered: Answered | None) -> Rates | Unavailable:
    return answered[1] if answered else Unavailable("not asked")


def _is_fresh(answered: Answered | None, *, at: datetime) -> bool:
    return answered is not None and answered[0] + settings.COURIER_QUOTE_FOR > at


def _keep(key: str, answer: Rates | Unavailable, *, at: datetime) -> None:
    if isinstance(answer, Unavailable):
        value: dict[str, Any] = {"at": at.isoformat(), "cause": answer.cause}
        cache.set(key, value, NOTHING_KEPT.total_seconds())
        return
    rows = [
        {
            "courier": one.courier,
            "service": one.service,
            "name": one.name,
            "minor": one.amount.minor,
            "currency": one.amount.currency,
            "days": [one.eta_min_days, one.eta_max_days],
            "charged_grams": one.charged_grams,
            "source": str(one.source),
            "reference": one.reference,
        }
        for one in answer.options
    ]
    kept_for = KEPT if rows else NOTHING_KEPT
    cache.set(key, {"at": at.isoformat(), "rows": rows}, kept_for.total_seconds())


def _loaded(value: dict[str, Any]) -> Answered:
    at = datetime.fromisoformat(value["at"])
    if "cause" in value:
        return at, Unavailable(value["cause"], is_lasting=True)
    options = tuple(
        ShippingOption(
            courier=row["courier"],
            service=row["service"],
            name=row["name"],
            amount=Money(row["minor"], row["currency"]),
            eta_min_days=row["days"][0],
            eta_max_days=row["days"][1],
            charged_grams=row["charged_grams"],
            source=RateSource(row["source"]),
            quoted_at=at,
            reference=row["reference"],
        )
        for row in value["rows"]
    )
    return at, Rates(options)
