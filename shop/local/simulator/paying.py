"""The documents of payments: money that arrived, or did not."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from .clock import timestamp
from .errors import Json
from .store import PaymentRequest

SHARED = (
    "business_id",
    "reference_id",
    "payment_request_id",
    "type",
    "country",
    "currency",
    "request_amount",
    "capture_method",
    "channel_code",
    "channel_properties",
    "metadata",
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """How money arrives: None is as it was asked for, and now. `amount` in whole units."""

    amount: int | None = None
    currency: str | None = None
    captured_at: datetime | None = None
    payer: str | None = None


AS_ASKED = Arrival()


def captured(request: PaymentRequest, arrival: Arrival, *, now: datetime) -> Json:
    asked = request.document["request_amount"]
    capture = {
        "capture_id": f"cptr-{uuid.uuid4()}",
        "capture_amount": asked if arrival.amount is None else arrival.amount,
        "capture_timestamp": timestamp(arrival.captured_at or now),
    }
    changes: Json = {"captures": [capture]}
    if arrival.currency:
        changes["currency"] = arrival.currency
    if arrival.payer:
        changes["payment_details"] = {"payer_name": arrival.payer}
    return _payment(request, "SUCCEEDED", now) | changes


def failed(request: PaymentRequest, failure_code: str, *, now: datetime) -> Json:
    return _payment(request, "FAILED", now) | {"failure_code": failure_code}


def _payment(request: PaymentRequest, status: str, now: datetime) -> Json:
    return {
        "payment_id": f"py-{uuid.uuid4()}",
        **{field: request.document[field] for field in SHARED},
        "captures": [],
        "status": status,
        "payment_details": {},
        "created": timestamp(now),
        "updated": timestamp(now),
    }
