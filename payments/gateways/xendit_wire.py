"""Xendit's documents: what we send, and a lenient reading of what comes back.

Fields may be missing, new or misspelt (reference: Xendit Payments API v3, 2024-11-11), so nothing
here raises for a strange document except `Unreadable`, where money would have to be guessed.
"""

from collections.abc import Mapping
from datetime import UTC
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
)
from payments.gateways.methods import MethodSpec

REQUEST = "/v3/payment_requests/{id}"
PAYMENT = "/v3/payments/{id}"
# What stands before a session's id where else a payment request's does.
SESSION = "session."
# What our own column holds.
LONGEST_REF = 80

STATES = {
    "REQUIRES_ACTION": RemoteState.PENDING,
    "PENDING": RemoteState.PENDING,
    "ACCEPTING_PAYMENTS": RemoteState.PENDING,
    "AUTHORIZED": RemoteState.PENDING,
    "SUCCEEDED": RemoteState.SUCCEEDED,
    "FAILED": RemoteState.FAILED,
    "EXPIRED": RemoteState.EXPIRED,
    "CANCELED": RemoteState.CANCELLED,
}
REFUND_STATES = {
    "PENDING": RemoteRefundState.PENDING,
    "SUCCEEDED": RemoteRefundState.SUCCEEDED,
    "FAILED": RemoteRefundState.FAILED,
    "CANCELLED": RemoteRefundState.FAILED,
}
REFUND_REASONS = {
    RefundReason.CANCELLED: "CANCELLATION",
    RefundReason.RETURNED: "REQUESTED_BY_CUSTOMER",
    RefundReason.DUPLICATE: "DUPLICATE",
    RefundReason.OTHER: "OTHERS",
}
# Another refund of the payment is under way, or our balance does not hold enough yet.
REFUND_LATER = frozenset({"REFUND_IN_PROGRESS", "INSUFFICIENT_BALANCE"})
# OVO or a bank is down, Xendit is not: no reason to stop asking for the others.
CHANNEL_TROUBLE = frozenset({"CHANNEL_UNAVAILABLE", "ISSUER_UNAVAILABLE"})


# --- out -----------------------------------------------------------------------------------------
def creation(
    request: CreateRequest, spec: MethodSpec, *, display_name: str, phone_field: str
) -> dict[str, Any]:
    """The body of a create call. No customer and no items: they go to third parties for nothing."""
    match spec.channel:
        case "BCA_VIRTUAL_ACCOUNT":
            ends_at = request.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            properties = {"expires_at": ends_at, "display_name": display_name}
        case "OVO":
            properties = {phone_field: request.details.get("phone", "")}
        case "QRIS":
            properties = {}
        case _:
            properties = {
                "success_return_url": request.done_url,
                "failure_return_url": request.return_url,
            }
    return {
        "reference_id": request.reference,
        "type": "PAY",
        "country": spec.country,
        "currency": request.amount.currency,
        "request_amount": request.amount.for_gateway("xendit"),
        "channel_code": spec.channel,
        "channel_properties": properties,
        "description": request.description[:1000] or request.reference,
        "metadata": {"method": spec.code},
    }


def refund_creation(request: RefundRequest) -> dict[str, Any]:
    return {
        "payment_request_id": request.gateway_ref,
        "reference_id": request.reference,
        "currency": request.amount.currency,
        "amount": request.amount.for_gateway("xendit"),
        "reason": REFUND_REASONS[request.reason],
    }


# --- in: refusals --------------------------------------------------------------------------------
def judged(
    status: int, headers: Mapping[str, str], body: bytes
) -> Answer | Ambiguous | Unavailable:
    """Whether a response settles anything. A success that cannot be read settles nothing."""
    document = load(body)
    answer = Answer(status, document or {})
    if status == 429:
        return RateLimited("rate limited", seconds_in(headers, "rate-limit-reset"))
    if answer.error_code == "TEMPORARILY_UNAVAILABLE":
        return Unavailable(answer.error_code)
    is_refusal = 400 <= status < 500 and status != 408
    if is_refusal or (answer.is_ok and document is not None):
        return answer
    if answer.is_ok:
        return Ambiguous("unreadable answer")
    return Ambiguous(answer.error_code or f"http_{status}")


def refusal(answer: Answer) -> Refused:
    message = text(answer.document.get("message"), longest=1000)
    return Refused(answer.error_code or f"http_{answer.status}", message)


def no_document(answer: Answer) -> Missing | Refused | Ambiguous:
    """What a 4xx on a known object means."""
    if answer.status != 404:
        return refusal(answer)
    # A wrong address or a proxy says 404 too, and must not make an attempt look never made.
    if answer.error_code == "DATA_NOT_FOUND":
        return Missing()
    return Ambiguous(f"http_404 {answer.error_code}".rstrip())


# --- in: documents -------------------------------------------------------------------------------
def payment_request(document: Mapping[str, Any]) -> RemotePayment | None:
    """The request without its captures; None where the document is no payment request."""
    gateway_ref = identifier(document.get("payment_request_id"))
    reference = text(document.get("reference_id"), longest=255)
    status = document.get("status")
    if not (gateway_ref and reference and isinstance(status, str)):
        return None
    return RemotePayment(
        gateway_ref=gateway_ref,
        reference=reference,
        state=STATES.get(status, RemoteState.OTHER),
        actions=actions(document.get("actions")),
        failure_code=text(document.get("failure_code"), longest=60),
    )


def actions(listed: object) -> list[dict[str, str]]:
    if not isinstance(listed, list):
        return []
    read = [
        {name: text(each.get(name), longest=4000) for name in ("type", "descriptor", "value")}
        for each in listed
        if isinstance(each, dict)
    ]
    return [each for each in read if all(each.values())]


def captures(
    document: Mapping[str, Any], *, payment_id: str, of_request: str
) -> list[RemoteCapture]:
    """The money in a payment document. Raises Unreadable for anything that does not add up."""
    if document.get("payment_id") != payment_id:
        raise Unreadable("another payment")
    if document.get("payment_request_id", of_request) != of_request:
        raise Unreadable("payment of another request")
    status, listed = document.get("status"), document.get("captures") or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Unreadable("captures are no list of objects")
    if bool(listed) != (status == "SUCCEEDED"):
        raise Unreadable(f"{len(listed)} captures in a payment that is {status}")
    return [_capture(payment_id, document, each) for each in listed]


def _capture(
    payment_id: str, payment: Mapping[str, Any], document: Mapping[str, Any]
) -> RemoteCapture:
    capture_id = identifier(document.get("capture_id"))
    if not capture_id:
        raise Unreadable("capture without an id")
    amount = money(document.get("capture_amount"), payment.get("currency"))
    said = document.get("capture_timestamp") or payment.get("updated")
    return RemoteCapture(payment_id, capture_id, amount, moment(said))


def refund(document: Mapping[str, Any]) -> RemoteRefund | None:
    """None where the document is no refund, or does not say of how much."""
    refund_ref, status = identifier(document.get("id")), document.get("status")
    if not refund_ref or not isinstance(status, str):
        return None
    try:
        amount = money(document.get("amount"), document.get("currency"))
    except Unreadable:
        return None
    return RemoteRefund(
        refund_ref=refund_ref,
        reference=text(document.get("reference_id"), longest=255),
        amount=amount,
        state=REFUND_STATES.get(status, RemoteRefundState.OTHER),
        failure_code=text(document.get("failure_code"), longest=60),
    )


def refunds(listed: object, *, of_request: str) -> list[RemoteRefund] | None:
    """Those of one payment request; None where any of them cannot be read."""
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return None
    # Others' refunds: the filter was not understood, ours may be among the rest.
    if any(each.get("payment_request_id") != of_request for each in listed):
        return None
    read = [refund(each) for each in listed]
    known = [each for each in read if each is not None]
    return known if len(known) == len(read) else None


def business_of(document: Mapping[str, Any]) -> str:
    """Whose account a webhook says that it is about; empty where it does not say."""
    data = document.get("data")
    inside = data.get("business_id") if isinstance(data, dict) else None
    return text(document.get("business_id") or inside, longest=100)


def hint(document: Mapping[str, Any], *, webhook_id: str) -> WebhookHint:
    """What a webhook's envelope names."""
    data = document.get("data")
    # Xendit's documentation shows refunds in two envelopes, one inside the other.
    if isinstance(data, dict) and "event" in data and isinstance(data.get("data"), dict):
        data = data["data"]
    named = data if isinstance(data, dict) else {}
    event = text(document.get("event"), longest=60)
    is_of_session = event.startswith("payment_session.")
    return WebhookHint(
        event=event,
        webhook_id=text(webhook_id, longest=100),
        reference=text(named.get("reference_id"), longest=255),
        gateway_ref=session_ref(named.get("payment_session_id"))
        if is_of_session
        else identifier(named.get("payment_request_id")),
    )


def session_ref(session_id: object) -> str:
    """By which a session is kept; empty where it has no id."""
    known = identifier(session_id)
    gateway_ref = f"{SESSION}{known}"
    return gateway_ref if known and len(gateway_ref) <= LONGEST_REF else ""


def session_id(gateway_ref: str) -> str:
    """Empty for what is no session."""
    kind, found, known = gateway_ref.partition(SESSION)
    return identifier(known) if found and not kind else ""
