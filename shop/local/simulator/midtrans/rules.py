"""What Midtrans takes: methods, how long each lives, and the shape of the two calls that create.

Sources: Midtrans' reference pages of Core API v2 and Snap, 2026; see README.md for our choices.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from shop.local.simulator.channels import qr_string
from shop.local.simulator.errors import Json

from .errors import CoreError, PageError

JAKARTA = timezone(timedelta(hours=7))
ORDER_ID = re.compile(r"[A-Za-z0-9_.~-]{1,50}")
PHONE = re.compile(r"08[0-9]{7,12}")
REFUND_KEY = re.compile(r"[A-Za-z0-9_-]{1,255}")
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Method:
    """A `fixed` life is not ours to set; one that is has at least `least`."""

    payment_type: str
    name: str
    is_on_pages: bool
    life: timedelta
    least: timedelta = timedelta(0)
    fixed: bool = False
    is_refundable: bool = True
    refunds_parts: bool = True


METHODS = {
    method.payment_type: method
    for method in (
        Method(
            "bank_transfer",
            "BCA virtual account",
            is_on_pages=False,
            life=timedelta(hours=24),
            least=timedelta(seconds=20),
            is_refundable=False,
        ),
        Method("qris", "QRIS", is_on_pages=False, life=timedelta(minutes=15)),
        Method(
            "ovo",
            "OVO",
            is_on_pages=False,
            life=timedelta(seconds=65),
            fixed=True,
            refunds_parts=False,
        ),
        Method(
            "dana",
            "DANA",
            is_on_pages=True,
            life=timedelta(minutes=15),
            least=timedelta(minutes=15),
        ),
        Method("credit_card", "Card", is_on_pages=True, life=timedelta(minutes=10)),
    )
}


def checked_charge(body: Json) -> Method:
    """Raises CoreError naming what is wrong."""
    method = METHODS.get(str(body.get("payment_type")))
    if method is None or method.is_on_pages:
        raise CoreError(400, "Payment channel is not activated")
    if problem := _amount_problem(body) or _channel_problem(body):
        raise CoreError(400, f"One or more parameters in the payload is invalid: {problem}")
    return method


def _channel_problem(body: Json) -> str:
    match body:
        case {"payment_type": "bank_transfer", "bank_transfer": {"bank": "bca"}}:
            return ""
        case {"payment_type": "ovo", "ovo": {"payer_phone_number": str(phone)}}:
            return "" if PHONE.fullmatch(phone) else "ovo.payer_phone_number"
        case {"payment_type": "qris"}:
            return ""
        case _:
            return str(body["payment_type"])


def checked_page(body: Json) -> Method:
    """One method on a page is all that this simulator knows. Raises PageError."""
    problem = _amount_problem(body)
    if problem:
        raise PageError(400, problem)
    enabled = body.get("enabled_payments")
    method = METHODS.get(enabled[0]) if isinstance(enabled, list) and len(enabled) == 1 else None
    if method is None or not method.is_on_pages:
        raise PageError(400, "enabled_payments must name one of dana, credit_card")
    return method


def _amount_problem(body: Json) -> str:
    details = body.get("transaction_details")
    if not isinstance(details, dict):
        return "transaction_details is required"
    order_id, amount = details.get("order_id"), details.get("gross_amount")
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        return "transaction_details.order_id is invalid"
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        return "transaction_details.gross_amount must be a whole number above zero"
    items = body.get("item_details")
    if items is not None and sum(each["price"] * each["quantity"] for each in items) != amount:
        return "transaction_details.gross_amount is not equal to the sum of item_details"
    return ""


def core_end(body: Json, method: Method, *, now: datetime) -> datetime:
    """Raises CoreError for an expiry that makes no sense."""
    given = body.get("custom_expiry")
    if method.fixed or not given:
        return now + method.life
    return _end(given, "expiry_duration", given.get("order_time"), method, now) or _refuse_expiry()


def page_end(body: Json, method: Method, *, now: datetime) -> datetime:
    """Raises PageError for an expiry that makes no sense."""
    given = body.get("expiry")
    if not given:
        return now + timedelta(hours=24)
    end = _end(given, "duration", given.get("start_time"), method, now)
    if end is None:
        raise PageError(400, "expiry is invalid")
    return end


def _end(given: Json, name: str, start: Any, method: Method, now: datetime) -> datetime | None:
    unit, duration = str(given.get("unit")).removesuffix("s"), given.get(name)
    if unit not in UNITS or not isinstance(duration, int) or duration <= 0:
        return None
    life = timedelta(seconds=UNITS[unit] * duration)
    try:
        began = datetime.strptime(start, "%Y-%m-%d %H:%M:%S %z") if start else now
    except (TypeError, ValueError):
        return None
    return began + life if life >= method.least and began + life > now else None


def _refuse_expiry() -> datetime:
    raise CoreError(400, "One or more parameters in the payload is invalid: custom_expiry")


def payer_facts(method: Method, amount: int) -> Json:
    """What the payer is told to pay to."""
    match method.payment_type:
        case "bank_transfer":
            number = f"70012{secrets.randbelow(10**9):09d}"
            return {"va_numbers": [{"bank": "bca", "va_number": number}]}
        case "qris":
            return {"qr_string": qr_string(amount), "acquirer": "gopay"}
        case _:
            return {}


def local_time(moment: datetime) -> str:
    """Jakarta's, and it does not say so."""
    return moment.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S")


def written(amount: int) -> str:
    return f"{amount}.00"
