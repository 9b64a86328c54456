"""Cards at Xendit: a page of its own (a Payment Session) that takes cards until one is good.

What is typed in there never comes near the shop. Each card tried is a payment request with an id of
its own; one that is refused ends nothing, the page stays open for the next. Sessions cannot be
listed: one whose answer was lost is not found, and nobody can pay it, as its address was in that
answer.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from payments.gateways import xendit_wire as wire
from payments.gateways.answers import Answer, identifier, text
from payments.gateways.base import (
    Ambiguous,
    CreateRequest,
    Missing,
    Refused,
    RemotePayment,
    RemoteState,
    Unavailable,
)
from payments.gateways.calling import unexpected
from payments.gateways.methods import MethodSpec

log = logging.getLogger(__name__)

CHANNEL = "CARDS"
SESSIONS = "/sessions"
SESSION = "/sessions/{id}"
CANCEL = "/sessions/{id}/cancel"
LANGUAGES = ("id", "en")

STATES = {
    "ACTIVE": RemoteState.PENDING,
    "COMPLETED": RemoteState.SUCCEEDED,
    "EXPIRED": RemoteState.EXPIRED,
    "CANCELED": RemoteState.CANCELLED,
}
Seen = RemotePayment | Missing | Refused | Ambiguous | Unavailable


class Call(Protocol):
    """One exchange with Xendit, within the caller's deadline."""

    def __call__(
        self,
        method: str,
        template: str,
        *,
        about: str = "",
        body: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Answer | Ambiguous | Unavailable: ...


class Sessions:
    """`read_request` reads a payment request with its money. All of it within one deadline."""

    def __init__(self, call: Call, read_request: Callable[[str], Seen]) -> None:
        self._call = call
        self._read_request = read_request

    def open(
        self, request: CreateRequest, spec: MethodSpec
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        body = creation(request, spec, now=datetime.now(UTC))
        answer = self._call("POST", SESSIONS, body=body, idempotency_key=request.reference)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 409:
            # Documented for customers alone, and we name none: then an earlier call arrived.
            return Ambiguous("duplicate")
        if not answer.is_ok:
            return wire.refusal(answer)
        remote = session(answer.document)
        if remote is None or remote.reference != request.reference or not remote.actions:
            return unexpected(SESSIONS)
        return remote

    def fetch(self, session_id: str) -> Seen:
        return self._known("GET", SESSION, session_id)

    def cancel(self, session_id: str) -> Seen:
        return self._known("POST", CANCEL, session_id)

    def request_of(
        self, session_id: str, payment_id: str
    ) -> str | Missing | Refused | Ambiguous | Unavailable:
        """The payment request of a payment, or of the card that was tried last."""
        path, about = (wire.PAYMENT, payment_id) if payment_id else (SESSION, session_id)
        if not identifier(about):
            return Missing()
        answer = self._call("GET", path, about=about)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_ok:
            return wire.no_document(answer)
        said = answer.document.get("payment_id" if payment_id else "payment_session_id")
        if said != about:
            return unexpected(path)
        return identifier(answer.document.get("payment_request_id")) or Missing()

    def _known(self, method: str, path: str, session_id: str) -> Seen:
        answer = self._call(method, path, about=session_id)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_ok:
            return wire.no_document(answer)
        remote = session(answer.document)
        if remote is None or remote.gateway_ref != wire.session_ref(session_id):
            return unexpected(path)
        if remote.state is RemoteState.OTHER:
            log.warning("gateway_status_unknown", extra={"gateway_ref": remote.gateway_ref})
        return self._with_money(remote, answer.document.get("payment_request_id"))

    def _with_money(self, remote: RemotePayment, request_id: object) -> RemotePayment:
        """Also of a page that is over: its last card may have been good all the same."""
        # A page on which nobody has tried a card names none.
        tried = self._read_request(identifier(request_id)) if request_id else None
        if isinstance(tried, RemotePayment):
            remote = replace(remote, captures=tried.captures, failure_code=tried.failure_code)
        is_contradiction = remote.state is RemoteState.SUCCEEDED and not remote.captures
        if is_contradiction:
            log.error("gateway_success_without_money", extra={"gateway_ref": remote.gateway_ref})
        is_unread = request_id and not (
            isinstance(tried, RemotePayment) and tried.state is not RemoteState.OTHER
        )
        if is_unread or is_contradiction:
            return replace(remote, state=RemoteState.OTHER)
        return remote


def is_for(spec: MethodSpec) -> bool:
    return spec.channel == CHANNEL


def as_seen_alone(
    remote: RemotePayment | Ambiguous, document: Mapping[str, Any]
) -> RemotePayment | Ambiguous:
    """One card without its page: where it has no money, it says nothing of how the page stands,
    and is no name by which that could be asked about."""
    is_card = document.get("channel_code") == CHANNEL
    if not is_card or isinstance(remote, Ambiguous) or remote.captures:
        return remote
    return replace(remote, gateway_ref="", state=RemoteState.OTHER)


# --- out -----------------------------------------------------------------------------------------
def creation(request: CreateRequest, spec: MethodSpec, *, now: datetime) -> dict[str, Any]:
    """No customer, no items and no mail of Xendit's: they go to third parties for nothing."""
    least = now + timedelta(seconds=spec.least_seconds)
    ends_at = max(request.expires_at, least).astimezone(UTC)
    return {
        "reference_id": request.reference,
        "session_type": "PAY",
        "mode": "PAYMENT_LINK",
        "amount": request.amount.for_gateway("xendit"),
        "currency": request.amount.currency,
        "country": spec.country,
        "capture_method": "AUTOMATIC",
        "allowed_payment_channels": [spec.channel],
        "expires_at": ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "locale": request.language if request.language in LANGUAGES else "en",
        "description": request.description[:1000] or request.reference,
        "metadata": {"method": spec.code},
        "success_return_url": request.done_url,
        "cancel_return_url": request.return_url,
    }


# --- in ------------------------------------------------------------------------------------------
def session(document: Mapping[str, Any]) -> RemotePayment | None:
    """A session without its money; None where the document is no session."""
    gateway_ref = wire.session_ref(document.get("payment_session_id"))
    reference = text(document.get("reference_id"), longest=255)
    status = document.get("status")
    if not (gateway_ref and reference and isinstance(status, str)):
        return None
    return RemotePayment(
        gateway_ref=gateway_ref,
        reference=reference,
        state=STATES.get(status, RemoteState.OTHER),
        actions=_actions(document),
    )


def _actions(document: Mapping[str, Any]) -> list[dict[str, str]]:
    url = text(document.get("payment_link_url"), longest=4000)
    if not url.startswith(("https://", "http://")):
        return []
    return [{"type": "REDIRECT_CUSTOMER", "descriptor": "WEB_URL", "value": url}]
