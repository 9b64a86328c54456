"""A client of Xendit for the tests, and what it is asked to collect."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from payments.gateways.base import CreateRequest
from payments.gateways.xendit import Xendit, XenditConfig
from shop.core.breaker import Breaker
from shop.core.deadline import DeadlineTransport
from shop.core.money import Money

SECRET_KEY = "xnd_development_test"
CALLBACK_TOKENS = ("token-of-today", "token-of-yesterday")
PHONE = "+6281234567890"
IN_AN_HOUR = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


@contextmanager
def make_xendit(
    url: str, *, secret_key: str = SECRET_KEY, breaker: Breaker | None = None
) -> Iterator[Xendit]:
    config = XenditConfig(
        url=url,
        secret_key=secret_key,
        callback_tokens=CALLBACK_TOKENS,
        ovo_phone_field="account_mobile_number",
        display_name="RONA",
    )
    with httpx.Client(transport=DeadlineTransport(keepalive_expiry=5), trust_env=False) as client:
        yield Xendit(config, client=client, breaker=breaker or Breaker())


def make_request(
    method: str = "dana",
    *,
    minor: int = 149_000,
    currency: str = "IDR",
    reference: str = "",
    expires_at: datetime = IN_AN_HOUR,
    language: str = "id",
) -> CreateRequest:
    return CreateRequest(
        reference=reference or f"R-{uuid4()}",
        method=method,
        amount=Money(minor, currency),
        expires_at=expires_at,
        language=language,
        description="Order R1",
        return_url="http://127.0.0.1:8000/pay/secret/",
        details={"phone": PHONE} if method == "ovo" else {},
    )
