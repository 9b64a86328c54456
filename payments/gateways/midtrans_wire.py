"""Midtrans' documents: what we send, and a lenient reading of what comes back.

Source: Midtrans Core API v2 and Snap v1 as documented in 2026. Where the HTTP status says one thing
and `status_code` in the body another, the body is right.
"""

import hashlib
import hmac
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from payments.gateways.answers import (
    Answer,
    Unreadable,
    identifier,
    load,
    moment,
    money,
    seconds_in,
    text,
)
from payments.gateways.base import (
    Ambiguous,
    CreateRequest,
    Missing,
    RateLimited,
    RefundReason,
    RefundRequest,
    Refused,
    RemoteCapture,
    RemotePayment,
    RemoteRefund,
    RemoteRefundState,
    RemoteState,
    Unavailable,
    WebhookHint,
    WebhookSecret,
    secret_among,
)
from payments.gateways.methods import MethodSpec

# Channels for which the payer goes to Midtrans' own page.
SNAP = frozenset({"dana", "credit_card"})
# All times are Jakarta's, and do not say so.
JAKARTA = timezone(timedelta(hours=7))
ORDER_ID = re.compile(r"[A-Za-z0-9_.~-]{1,50}")

STATES = {
    "pending": RemoteState.PENDING,
    "authorize": RemoteState.PENDING,
    "deny": RemoteState.FAILED,
    "failure": RemoteState.FAILED,
    "expire": RemoteState.EXPIRED,
    "cancel": RemoteState.CANCELLED,
}
# Money has come, also where it has gone again since.
RECEIVED = frozenset(
    {
        "capture",
        "settlement",
        "refund",
        "partial_refund",
        "chargeback",
        "partial_chargeback",
    }
)
UNSUSPECTED = frozenset({"", "accept"})
REFUND_REASONS = {
    RefundReason.CANCELLED: "Order cancelled",
    RefundReason.RETURNED: "Goods returned",
    RefundReason.DUPLICATE: "Paid twice",
    RefundReason.OTHER: "Refund",
}
# A bank or wallet behind Midtrans is down, Midtrans itself has answered.
CHANNEL_TROUBLE = frozenset({"status_502", "status_503", "status_504", "status_505"})
# `expire` is a state and no error, whatever its number looks like.
EXPIRED = 407


@dataclass(frozen=True, slots=True)
class Ref:
    """What `gateway_ref` holds: `<transaction id>`; `dana.<transaction id>`; or for a page that
    the payer may not have opened yet, under which Midtrans knows no transaction until then,
    `<kind>.<token>.<order id>`.
    """

    kind: str
    transaction_id: str
    token: str
    order_id: str

    @property
    def known_as(self) -> str:
        """What Midtrans is asked about."""
        return self.transaction_id or self.order_id

    @property
    def is_page(self) -> bool:
        return bool(self.token)

    @property
    def headers(self) -> dict[str, str]:
        """DANA is kept elsewhere."""
        return {"transaction-source": "SNAP_API"} if self.kind == "dana" else {}


def read_ref(gateway_ref: str) -> Ref | None:
    """None for what cannot be one of ours; parts of it become part of a path."""
    parts = gateway_ref.split(".", 2)
    if len(parts) == 3:
        kind, token, order_id = parts
        is_ours = bool(identifier(kind) and identifier(token) and ORDER_ID.fullmatch(order_id))
        return Ref(kind, "", token, order_id) if is_ours else None
    kind, transaction_id = ("", *parts)[-2:]
    return Ref(kind, transaction_id, "", "") if identifier(transaction_id) else None


def ref_of(document: Mapping[str, Any]) -> str:
    """By which a transaction is asked about again; empty where it does not say."""
    transaction_id = identifier(document.get("transaction_id"))
    is_dana = transaction_id and document.get("payment_type") == "dana"
    return f"dana.{transaction_id}" if is_dana else transaction_id


def page_ref(spec: MethodSpec, *, token: str, order_id: str) -> str:
    return f"{spec.code}.{token}.{order_id}"


# --- out -----------------------------------------------------------------------------------------
def charge(
    request: CreateRequest, spec: MethodSpec, *, acquirer: str, now: datetime
) -> dict[str, Any]:
    """The body of a charge. No customer and no items: they go to third parties for nothing."""
    life = {
        "order_time": _moment_out(now),
        "unit": "second",
        "expiry_duration": _seconds(request, spec, now),
    }
    body: dict[str, Any] = {"payment_type": spec.channel, "transaction_details": _amount(request)}
    match spec.channel:
        case "bank_transfer":
            return body | {"bank_transfer": {"bank": "bca"}, "custom_expiry": life}
        case "qris":
            return body | {"qris": {"acquirer": acquirer}, "custom_expiry": life}
        case _:
            phone = request.details.get("phone", "")
            # The form of its own examples; OVO sets the time itself.
            return body | {"ovo": {"payer_phone_number": phone.replace("+62", "0", 1)}}


def page(request: CreateRequest, spec: MethodSpec, *, now: datetime) -> dict[str, Any]:
    """The body of a call for a page of Midtrans' own, with one method on it."""
    minutes = math.ceil(_seconds(request, spec, now) / 60)
    own: dict[str, Any] = (
        {"dana": {"callback_url": request.return_url}}
        if spec.channel == "dana"
        else {spec.channel: {"secure": True}}
    )
    return own | {
        "transaction_details": _amount(request),
        "enabled_payments": [spec.channel],
        "callbacks": {"finish": request.return_url},
        "expiry": {"start_time": _moment_out(now), "unit": "minutes", "duration": minutes},
        "page_expiry": {"unit": "minutes", "duration": minutes},
    }


def _amount(request: CreateRequest) -> dict[str, Any]:
    gross_amount = request.amount.for_gateway("midtrans")
    return {"order_id": request.reference, "gross_amount": gross_amount}


def _seconds(request: CreateRequest, spec: MethodSpec, now: datetime) -> int:
    left = math.ceil((request.expires_at - now).total_seconds())
    return max(left, spec.least_seconds, 1)


def _moment_out(when: datetime) -> str:
    return when.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S %z")


def refund_creation(request: RefundRequest) -> dict[str, Any]:
    return {
        "refund_key": request.reference,
        "amount": request.amount.for_gateway("midtrans"),
        "reason": REFUND_REASONS[request.reason],
    }


# --- in: refusals --------------------------------------------------------------------------------
def code_of(answer: Answer) -> int:
    """What Midtrans says happened, wherever it says it."""
    written = answer.document.get("status_code")
    is_number = isinstance(written, str) and re.fullmatch(r"[0-9]{3}", written)
    return int(str(written)) if is_number else answer.status


def judged(
    status: int, headers: Mapping[str, str], body: bytes
) -> Answer | Ambiguous | Unavailable:
    """Whether a response settles anything. A success that cannot be read settles nothing."""
    document = load(body)
    answer = Answer(status, document or {})
    code = code_of(answer)
    if 429 in (status, code):
        return RateLimited("rate limited", seconds_in(headers, "retry-after"))
    if code >= 500 and answer.is_ok:
        return Ambiguous(f"status_{code}")
    is_refusal = 400 <= status < 500 and status != 408
    if is_refusal or (answer.is_ok and document is not None):
        return answer
    return Ambiguous("unreadable answer" if answer.is_ok else f"http_{status}")


def is_good(answer: Answer) -> bool:
    code = code_of(answer)
    return 200 <= code < 300 or code == EXPIRED


def refusal(answer: Answer) -> Refused:
    return Refused(f"status_{code_of(answer)}", _message(answer))


def page_refusal(answer: Answer) -> Refused | Ambiguous:
    """Midtrans' pages say what is wrong in words only."""
    message = _message(answer)
    if "order_id" in message.lower() and re.search(r"taken|used|utilized|sudah|digunakan", message):
        return Ambiguous("duplicate")
    return Refused(f"http_{answer.status}", message)


def no_document(answer: Answer) -> Missing | Refused | Ambiguous:
    """What a refusal about a known thing means."""
    if code_of(answer) != 404:
        return refusal(answer)
    # A wrong address or a proxy says 404 too, and must not make an attempt look never made.
    return Missing() if answer.document.get("status_code") == "404" else Ambiguous("http_404")


def page_end(answer: Answer) -> RemoteState | None:
    """How a page stands after it was to be closed; None where it could not be."""
    words = _message(answer).lower()
    if answer.is_ok or "cancel" in words:
        return RemoteState.CANCELLED
    # Nobody can open it any more.
    return RemoteState.EXPIRED if "not found" in words or "expire" in words else None


def _message(answer: Answer) -> str:
    said = answer.document.get("error_messages", answer.document.get("status_message"))
    if isinstance(said, list):
        said = "; ".join(each for each in said if isinstance(each, str))
    return text(said, longest=1000)


# --- in: documents -------------------------------------------------------------------------------
def transaction(document: Mapping[str, Any]) -> RemotePayment | None:
    """None where the document is no transaction. Raises Unreadable where its money is unclear."""
    gateway_ref = ref_of(document)
    reference = text(document.get("order_id"), longest=255)
    status = document.get("transaction_status")
    if not (gateway_ref and reference and isinstance(status, str)):
        return None
    captures = [_capture(document)] if _is_received(document) else []
    return RemotePayment(
        gateway_ref=gateway_ref,
        reference=reference,
        state=RemoteState.SUCCEEDED if captures else _state(document, status),
        actions=_actions(document),
        captures=captures,
        failure_code=status if STATES.get(status) is RemoteState.FAILED else "",
    )


def _is_received(document: Mapping[str, Any]) -> bool:
    return (
        document.get("transaction_status") in RECEIVED
        and document.get("status_code") == "200"
        and (document.get("fraud_status") or "") in UNSUSPECTED
    )


def _state(document: Mapping[str, Any], status: str) -> RemoteState:
    if status in RECEIVED and document.get("fraud_status") == "challenge":
        # Held until somebody has looked at it.
        return RemoteState.PENDING
    return STATES.get(status, RemoteState.OTHER)


def _capture(document: Mapping[str, Any]) -> RemoteCapture:
    amount = money(document.get("gross_amount"), document.get("currency", "IDR"))
    transaction_id = identifier(document.get("transaction_id"))
    said = document.get("settlement_time") or document.get("transaction_time")
    # A transaction is captured once.
    return RemoteCapture(transaction_id, transaction_id, amount, moment(said, zone=JAKARTA))


def _actions(document: Mapping[str, Any]) -> list[dict[str, str]]:
    numbers = document.get("va_numbers")
    listed = numbers if isinstance(numbers, list) else []
    shown = {
        "VIRTUAL_ACCOUNT_NUMBER": next(
            (text(each.get("va_number"), longest=40) for each in listed if isinstance(each, dict)),
            "",
        ),
        "QR_STRING": text(document.get("qr_string"), longest=4000),
    }
    return [
        {"type": "PRESENT_TO_CUSTOMER", "descriptor": name, "value": value}
        for name, value in shown.items()
        if value
    ]


def refunds(document: Mapping[str, Any]) -> list[RemoteRefund] | None:
    """Those of a transaction; None where any of them cannot be read."""
    listed = document.get("refunds") or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return None
    read = [refund(each, currency=document.get("currency", "IDR")) for each in listed]
    known = [each for each in read if each is not None]
    return known if len(known) == len(read) else None


def refund(document: Mapping[str, Any], *, currency: Any) -> RemoteRefund | None:
    """None where the document is no refund, or does not say of how much."""
    refund_ref = document.get("refund_chargeback_id")
    if not isinstance(refund_ref, int | str):
        return None
    try:
        amount = money(document.get("refund_amount"), currency)
    except Unreadable:
        return None
    is_confirmed = bool(document.get("bank_confirmed_at"))
    return RemoteRefund(
        refund_ref=text(str(refund_ref), longest=80),
        reference=text(document.get("refund_key"), longest=255),
        amount=amount,
        state=RemoteRefundState.SUCCEEDED if is_confirmed else RemoteRefundState.PENDING,
    )


# --- in: notifications ---------------------------------------------------------------------------
def signed_with(document: Mapping[str, Any], *, server_keys: Iterable[str]) -> WebhookSecret:
    """Which of the keys its number, code and amount, just as received, are signed with.

    Its `transaction_status` is not signed, so it proves no more than that somebody may ask.
    """
    said = [document.get(name) for name in ("order_id", "status_code", "gross_amount")]
    given = document.get("signature_key")
    if not isinstance(given, str) or not all(isinstance(each, str) for each in said):
        return WebhookSecret.ABSENT
    signed = "".join(map(str, said)).encode(errors="surrogatepass")
    # All are compared, so that the time does not tell which one was close.
    matches = [
        hmac.compare_digest(
            hashlib.sha512(signed + key.encode()).hexdigest().encode(),
            given.encode(errors="surrogatepass"),
        )
        for key in server_keys
        if key
    ]
    return secret_among(matches)


def hint(document: Mapping[str, Any]) -> WebhookHint:
    """What a notification names. It has no id: what makes it another one is put into one."""
    status = text(document.get("transaction_status"), longest=40)
    is_held = status in RECEIVED and document.get("fraud_status") not in (None, "", "accept")
    gateway_ref = ref_of(document)
    facts = [gateway_ref, text(document.get("status_code"), longest=3), status]
    facts += ["held"] if is_held else []
    if document.get("refunds"):
        # One comes for each refund, and one more when the bank has confirmed it.
        listed = repr(document["refunds"]).encode(errors="surrogatepass")
        facts.append(hashlib.sha256(listed).hexdigest()[:16])
    return WebhookHint(
        event=f"{status}.held" if is_held else status,
        webhook_id=":".join(facts) if gateway_ref and status else "",
        reference=text(document.get("order_id"), longest=255),
        gateway_ref=gateway_ref,
    )
