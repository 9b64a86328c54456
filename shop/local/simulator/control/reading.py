"""What the bodies of control calls say."""

from typing import Any

from shop.local.simulator.errors import ApiError, Json, not_found
from shop.local.simulator.store import PaymentRequest, Store


def invalid(message: str) -> ApiError:
    return ApiError(400, "API_VALIDATION_ERROR", message)


def amount_in(body: Json) -> int | None:
    """Whole rupiah; None where the body leaves it open."""
    amount = body.get("amount")
    if amount is None or (isinstance(amount, int) and not isinstance(amount, bool) and amount > 0):
        return amount
    raise invalid("amount must be a whole number of rupiah above zero")


def flag(body: Json, name: str) -> bool:
    value = body.get(name, False)
    if isinstance(value, bool):
        return value
    raise invalid(f"{name} must be true or false")


def word(body: Json, name: str, *, default: str) -> str:
    value = body.get(name, default)
    if isinstance(value, str) and value:
        return value
    raise invalid(f"{name} must be a string")


def choice(body: Json, name: str, allowed: tuple[str, ...], *, default: str) -> str:
    value = word(body, name, default=default)
    if value in allowed:
        return value
    raise invalid(f"{name} must be one of {', '.join(allowed)}")


def number(body: Json, name: str, *, default: float, highest: float) -> float:
    value: Any = body.get(name, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and 0 <= value <= highest:
        return float(value)
    raise invalid(f"{name} must be a number from 0 to {highest:g}")


def request_named_in(body: Json, store: Store) -> PaymentRequest:
    """By id, by reference (the newest that bears it) or by virtual account number."""
    if "payment_request_id" in body:
        wanted = store.request(str(body["payment_request_id"]))
        found = [wanted] if wanted else []
    elif "reference_id" in body:
        found = store.requests_by_reference(str(body["reference_id"]))
    elif "virtual_account_number" in body:
        found = store.requests_by_number(str(body["virtual_account_number"]))
    else:
        raise invalid("name payment_request_id, reference_id or virtual_account_number")
    if not found:
        raise not_found("payment request")
    return found[0]
