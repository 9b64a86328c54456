"""What a create call must look like.

A field missing or of the wrong type is API_VALIDATION_ERROR, a refused value INVALID_VALUE_ERROR.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from .channels import BY_REQUEST, CHANNELS
from .clock import parse_timestamp
from .errors import ApiError, Json

Check = Callable[[Any], str | None]
Problem = tuple[str, str]  # path, message

# No virtual account outlives Xendit's own default of 31 years.
LATEST_EXPIRY = timedelta(days=31 * 366)
E164 = re.compile(r"\+[1-9]\d{7,14}")


def validate_create(body: Json, *, now: datetime) -> None:
    """Raises ApiError naming every field at fault."""
    refuse("API_VALIDATION_ERROR", problems_of(body, REQUIRED, OPTIONAL))
    required, optional = PROPERTIES[body["channel_code"]]
    properties = problems_of(body["channel_properties"], required, optional)
    refuse("API_VALIDATION_ERROR", [(f"channel_properties.{p}", m) for p, m in properties])
    refuse("API_VALIDATION_ERROR", _phone_problems(body))
    refuse("INVALID_VALUE_ERROR", [*_amount_problems(body), *_expiry_problems(body, now)])


def validate_change(body: Json, document: Json, *, now: datetime) -> None:
    """What a PATCH may ask of the payment request `document`."""
    if document["channel_code"] != "BCA_VIRTUAL_ACCOUNT":
        message = "only a virtual account can be changed"
        raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
    refuse("API_VALIDATION_ERROR", _only(body, CHANGEABLE))
    properties = body.get("channel_properties") or {}
    refuse("API_VALIDATION_ERROR", _only(properties, {"expires_at": moment}))
    changed = document | body
    changed["channel_properties"] = document["channel_properties"] | properties
    is_moved = "expires_at" in properties
    refuse("INVALID_VALUE_ERROR", _amount_problems(changed))
    refuse("INVALID_VALUE_ERROR", _expiry_problems(changed, now) if is_moved else [])


def _only(body: Json, allowed: dict[str, Check]) -> list[Problem]:
    others = [(name, "cannot be changed") for name in body if name not in allowed]
    return others + problems_of(body, {}, allowed)


def refuse(code: str, problems: Iterable[Problem]) -> None:
    errors = [{"path": path, "message": message} for path, message in problems]
    if errors:
        first = errors[0]
        raise ApiError(400, code, f"{first['path']} {first['message']}", errors)


def problems_of(
    body: Json, required: dict[str, Check], optional: dict[str, Check]
) -> list[Problem]:
    problems: list[Problem] = []
    for field, check in (required | optional).items():
        value = body.get(field)
        if value is not None and (message := check(value)):
            problems.append((field, message))
        elif value is None and field in required:
            problems.append((field, "is required"))
    return problems


def text(shortest: int, longest: int) -> Check:
    def check(value: Any) -> str | None:
        if isinstance(value, str) and shortest <= len(value) <= longest:
            return None
        return f"must be a string of {shortest} to {longest} characters"

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any) -> str | None:
        return None if value in allowed else f"must be one of {', '.join(allowed)}"

    return check


def number(value: Any) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number else "must be a number"


def mapping(value: Any) -> str | None:
    return None if isinstance(value, dict) else "must be an object"


def metadata(value: Any) -> str | None:
    if not isinstance(value, dict) or len(value) > 50:
        return "must be an object of at most 50 keys"
    if any(len(key) > 40 for key in value):
        return "must have keys of at most 40 characters"
    if any(not isinstance(item, str) or len(item) > 500 for item in value.values()):
        return "must have string values of at most 500 characters"
    return None


def moment(value: Any) -> str | None:
    try:
        parse_timestamp(value)
    except (TypeError, ValueError):
        return "must be an ISO 8601 time with a zone"
    return None


def account_number(value: Any) -> str | None:
    is_number = isinstance(value, str) and re.fullmatch(r"[0-9]{6,20}", value)
    return None if is_number else "must be 6 to 20 digits"


def return_url(value: Any) -> str | None:
    """Xendit takes https only; plain http is let through for the shop on this very machine."""
    if not isinstance(value, str) or not 11 <= len(value) <= 255:
        return "must be a URL of 11 to 255 characters"
    try:
        url = urlsplit(value)
        host = url.hostname or ""
    except ValueError:
        return "must be a URL"
    if re.search(r"[\x00-\x20\x7f-\U0010ffff]", value):
        return "must be written in ASCII without spaces"
    if (url.scheme == "https" and host) or (url.scheme == "http" and _is_loopback(host)):
        return None
    return "must be an https URL (http only for a loopback host)"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def phone(value: Any) -> str | None:
    is_phone = isinstance(value, str) and E164.fullmatch(value)
    return None if is_phone else "must be a phone number in E.164 form"


REQUIRED: dict[str, Check] = {
    "reference_id": text(1, 255),
    "type": one_of("PAY"),
    "country": one_of("ID"),
    "currency": one_of("IDR"),
    "request_amount": number,
    "channel_code": one_of(*BY_REQUEST),
    "channel_properties": mapping,
}
OPTIONAL: dict[str, Check] = {
    "capture_method": one_of("AUTOMATIC"),
    "description": text(1, 1000),
    "customer_id": text(1, 255),
    "metadata": metadata,
}
CHANGEABLE: dict[str, Check] = {
    "channel_properties": mapping,
    "description": text(1, 1000),
    "request_amount": number,
}
# Per channel: what it needs, what it also takes.
PROPERTIES: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
    "DANA": (
        {"success_return_url": return_url},
        {"failure_return_url": return_url, "cancel_return_url": return_url},
    ),
    "BCA_VIRTUAL_ACCOUNT": (
        {"expires_at": moment, "display_name": text(1, 255)},
        {"virtual_account_number": account_number, "success_return_url": return_url},
    ),
    "QRIS": ({}, {}),
    "OVO": ({}, {"account_mobile_number": phone, "mobile_number": phone}),
}


def _phone_problems(body: Json) -> list[Problem]:
    """The v3 name of OVO's field was never seen; v2 says `mobile_number`, so both will do."""
    properties = body["channel_properties"]
    given = properties.get("account_mobile_number") or properties.get("mobile_number")
    if body["channel_code"] != "OVO" or given:
        return []
    return [("channel_properties.account_mobile_number", "is required")]


def _amount_problems(body: Json) -> list[Problem]:
    amount, channel = body["request_amount"], CHANNELS[body["channel_code"]]
    if not isinstance(amount, int):
        return [("request_amount", "must be a whole number of rupiah")]
    if not channel.minimum <= amount <= channel.maximum:
        limits = f"must be between {channel.minimum} and {channel.maximum} for {channel.code}"
        return [("request_amount", limits)]
    return []


def _expiry_problems(body: Json, now: datetime) -> list[Problem]:
    if CHANNELS[body["channel_code"]].lifetime is not None:
        return []
    expires_at = parse_timestamp(body["channel_properties"]["expires_at"])
    if now < expires_at < now + LATEST_EXPIRY:
        return []
    return [("channel_properties.expires_at", "must be in the future, 31 years ahead at most")]


REFUND_REASONS = ("FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS")
REFUND_REQUIRED: dict[str, Check] = {
    "payment_request_id": text(1, 255),
    "reason": one_of(*REFUND_REASONS),
}
REFUND_OPTIONAL: dict[str, Check] = {
    "reference_id": text(1, 255),
    "currency": one_of("IDR"),
    "amount": number,
    "metadata": metadata,
}


def validate_refund(body: Json) -> None:
    """Raises ApiError naming every field at fault."""
    refuse("API_VALIDATION_ERROR", problems_of(body, REFUND_REQUIRED, REFUND_OPTIONAL))
    amount = body.get("amount")
    if amount is not None and (not isinstance(amount, int) or amount <= 0):
        refuse("INVALID_VALUE_ERROR", [("amount", "must be a whole number of rupiah above zero")])
