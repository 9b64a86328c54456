"""What a session must look like: here each field has an error code of its own."""

from datetime import datetime, timedelta
from typing import Any

from .channels import CHANNELS
from .clock import parse_timestamp
from .errors import ApiError, Json
from .validation import (
    Check,
    mapping,
    moment,
    number,
    one_of,
    problems_of,
    refuse,
    return_url,
    text,
)

EARLIEST_EXPIRY = timedelta(minutes=10)


def _channels(value: Any) -> str | None:
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return None if is_list else "must be a list of channel codes"


REQUIRED: dict[str, Check] = {
    "reference_id": text(1, 64),
    "session_type": one_of("PAY", "SAVE", "SUBSCRIPTION"),
    "mode": one_of("PAYMENT_LINK", "COMPONENTS"),
    "amount": number,
    "currency": text(3, 3),
    "country": text(2, 2),
}
OPTIONAL: dict[str, Check] = {
    "allowed_payment_channels": _channels,
    "capture_method": one_of("AUTOMATIC", "MANUAL"),
    "customer_id": text(1, 255),
    "description": text(1, 1000),
    "expires_at": moment,
    "locale": text(2, 2),
    "metadata": mapping,
    "success_return_url": text(1, 2048),
    "cancel_return_url": text(1, 2048),
}


def validate_session(body: Json, *, now: datetime) -> None:
    """Raises ApiError: a wrong type names every field at fault, a wrong value the first."""
    refuse("API_VALIDATION_ERROR", problems_of(body, REQUIRED, OPTIONAL))
    for code, is_refused, message in (
        ("SESSION_TYPE_NOT_SUPPORTED", body["session_type"] != "PAY", "only PAY is played here"),
        ("MODE_NOT_SUPPORTED", body["mode"] != "PAYMENT_LINK", "only PAYMENT_LINK is played here"),
        ("INVALID_CURRENCY", body["currency"] != "IDR", "currency must be IDR"),
        ("INVALID_COUNTRY", body["country"] != "ID", "country must be ID"),
        ("INVALID_AMOUNT", *_amount(body["amount"])),
        ("INVALID_PAYMENT_CHANNEL", *_no_cards(body)),
        (
            "DISALLOWED_CAPTURE_METHOD",
            body.get("capture_method") == "MANUAL",
            "only AUTOMATIC is played here",
        ),
        ("INVALID_METADATA", *_metadata(body.get("metadata") or {})),
        ("INVALID_URL", *_urls(body)),
        ("INVALID_EXPIRY_DATE", *_expiry(body, now)),
    ):
        if is_refused:
            raise ApiError(400, code, str(message))


def _amount(amount: Any) -> tuple[bool, str]:
    cards = CHANNELS["CARDS"]
    is_good = isinstance(amount, int) and cards.minimum <= amount <= cards.maximum
    limits = f"from {cards.minimum} to {cards.maximum}"
    return not is_good, f"amount must be a whole number of rupiah {limits}"


def _no_cards(body: Json) -> tuple[bool, str]:
    allowed = body.get("allowed_payment_channels") or ["CARDS"]
    is_known = set(allowed) <= set(CHANNELS)
    return not (is_known and "CARDS" in allowed), "allowed_payment_channels must hold CARDS"


def _metadata(metadata: Json) -> tuple[bool, str]:
    is_good = len(metadata) <= 20 and all(
        isinstance(value, str) and len(value) <= 80 for value in metadata.values()
    )
    return not is_good, "metadata must have at most 20 keys and strings of at most 80 characters"


def _urls(body: Json) -> tuple[bool, str]:
    for name in ("success_return_url", "cancel_return_url"):
        if body.get(name) and (problem := return_url(body[name])):
            return True, f"{name} {problem}"
    return False, ""


def _expiry(body: Json, now: datetime) -> tuple[bool, str]:
    given = body.get("expires_at")
    is_good = given is None or parse_timestamp(given) >= now + EARLIEST_EXPIRY
    return not is_good, "expires_at must be at least 10 minutes ahead"
