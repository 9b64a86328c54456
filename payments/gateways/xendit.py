"""Xendit, Payments API v3: OVO, DANA, QRIS, BCA virtual accounts; cards by `xendit_sessions`."""

import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

import httpx
from django.conf import settings

from payments.gateways import xendit_books as books
from payments.gateways import xendit_wire as wire
from payments.gateways.answers import Answer, Unreadable, identifier, load
from payments.gateways.base import (
    Ambiguous,
    Claim,
    CreateRequest,
    Missing,
    RefundRequest,
    Refused,
    RemoteCapture,
    RemotePayment,
    RemoteRefund,
    RemoteState,
    Unavailable,
    WebhookHint,
    WebhookSecret,
    secret_among,
)
from payments.gateways.calling import Caller, unexpected
from payments.gateways.methods import spec_of
from payments.gateways.statements import RemotePaid, TransactionPage
from payments.gateways.xendit_sessions import Sessions, as_seen_alone
from payments.gateways.xendit_sessions import is_for as is_for_session
from payments.gateways.xendit_wire import PAYMENT, REQUEST
from shop.core.breaker import Breaker
from shop.core.deadline import deadline

log = logging.getLogger(__name__)

API_VERSION = "2024-11-11"

REQUESTS = "/v3/payment_requests"
CANCEL = "/v3/payment_requests/{id}/cancel"
REFUNDS = "/refunds"
TRANSACTIONS = "/transactions"
# More than one payment request can ever have; then the list is not all of them.
REFUNDS_LISTED = 50

CLAIMS = {
    "payment.capture": Claim.MONEY,
    "payment.failure": Claim.STATE,
    "payment.expiry": Claim.STATE,
    "payment_request.expiry": Claim.STATE,
    "payment_session.completed": Claim.MONEY,
    "payment_session.expired": Claim.STATE,
    "refund.succeeded": Claim.REFUND,
    "refund.failed": Claim.REFUND,
}


@dataclass(frozen=True, slots=True)
class XenditConfig:
    url: str
    secret_key: str = field(repr=False)
    callback_tokens: tuple[str, ...] = field(repr=False)
    ovo_phone_field: str
    display_name: str
    # Whose events are taken; empty: nothing is compared.
    business_id: str = ""

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            url=settings.XENDIT_URL,
            secret_key=settings.XENDIT_SECRET_KEY,
            callback_tokens=tuple(settings.XENDIT_CALLBACK_TOKENS),
            ovo_phone_field=settings.XENDIT_OVO_PHONE_FIELD,
            display_name=settings.SHOP_NAME,
            business_id=settings.XENDIT_BUSINESS_ID,
        )


class Xendit:
    """`base.Gateway` is the contract. Reading money is a second call within the same limit."""

    code = "xendit"

    def __init__(self, config: XenditConfig, *, client: httpx.Client, breaker: Breaker) -> None:
        self._config = config
        self._client = client
        self._caller = Caller(
            self.code,
            client=client,
            breaker=breaker,
            auth=httpx.BasicAuth(config.secret_key, ""),
            channel_trouble=wire.CHANNEL_TROUBLE,
        )
        self._sessions = Sessions(self._call, self._request)

    def create(
        self, request: CreateRequest, *, timeout: float
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        spec = spec_of(self.code, request.method)
        if spec is None or spec.currency != request.amount.currency:
            return Refused("method_unavailable")
        if is_for_session(spec):
            with deadline(timeout):
                return self._sessions.open(request, spec)
        body = wire.creation(
            request,
            spec,
            display_name=self._config.display_name,
            phone_field=self._config.ovo_phone_field,
        )
        with deadline(timeout):
            answer = self._call("POST", REQUESTS, body=body, idempotency_key=request.reference)
            if not isinstance(answer, Answer):
                return answer
            if answer.status == 409:
                # The reference is taken, by ourselves: an earlier call did arrive.
                return Ambiguous("duplicate")
            if not answer.is_ok:
                return wire.refusal(answer)
            return self._read(answer.document, reference=request.reference)

    def find(
        self, reference: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        with deadline(timeout):
            answer = self._call("GET", REQUESTS, params={"reference_id": reference})
            if not isinstance(answer, Answer):
                return answer
            if not answer.is_ok:
                return wire.no_document(answer)
            listed = answer.document.get("data")
            if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
                return unexpected(REQUESTS)
            ours = [each for each in listed if each.get("reference_id") == reference]
            if ours:
                return self._best(ours, reference)
            # Others' requests: the filter was not understood, ours may be among the rest.
            is_complete = not listed and not answer.document.get("has_more")
            return Missing() if is_complete else Ambiguous("look-up not filtered")

    def fetch(
        self, gateway_ref: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        with deadline(timeout):
            if session_id := wire.session_id(gateway_ref):
                return self._sessions.fetch(session_id)
            return self._known("GET", REQUEST, gateway_ref)

    def cancel(
        self, gateway_ref: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        with deadline(timeout):
            if session_id := wire.session_id(gateway_ref):
                return self._sessions.cancel(session_id)
            return self._known("POST", CANCEL, gateway_ref)

    def refund(
        self, request: RefundRequest, *, timeout: float
    ) -> RemoteRefund | Refused | Ambiguous | Unavailable:
        with deadline(timeout):
            about = self._request_of(request.gateway_ref, request.payment_id)
            if isinstance(about, Missing):
                return Refused("payment_unknown")
            if not isinstance(about, str):
                # It was only looked at: nothing was asked to move.
                return Unavailable(about.cause) if isinstance(about, Ambiguous) else about
            body = wire.refund_creation(replace(request, gateway_ref=about))
            answer = self._call("POST", REFUNDS, body=body, idempotency_key=request.reference)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 409:
            return Ambiguous("duplicate")
        if answer.error_code in wire.REFUND_LATER:
            return Unavailable(answer.error_code)
        if not answer.is_ok:
            return wire.refusal(answer)
        read = wire.refund(answer.document)
        is_ours = read is not None and read.reference == request.reference
        return read if read is not None and is_ours else unexpected(REFUNDS)

    def find_refunds(
        self, gateway_ref: str, *, payment_id: str = "", timeout: float
    ) -> list[RemoteRefund] | Missing | Refused | Ambiguous | Unavailable:
        with deadline(timeout):
            about = self._request_of(gateway_ref, payment_id)
            if not isinstance(about, str):
                return about
            params = {"payment_request_id": about, "limit": str(REFUNDS_LISTED)}
            answer = self._call("GET", REFUNDS, params=params)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_ok:
            return wire.no_document(answer)
        if answer.document.get("has_more"):
            return unexpected(REFUNDS)
        found = wire.refunds(answer.document.get("data"), of_request=about)
        return unexpected(REFUNDS) if found is None else found

    def list_transactions(
        self, *, since: datetime, until: datetime | None, after: str, timeout: float
    ) -> TransactionPage | Refused | Ambiguous | Unavailable:
        params = books.query(since=since, until=until, after=after)
        with deadline(timeout):
            answer = self._call("GET", TRANSACTIONS, params=params)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_ok:
            return wire.refusal(answer)
        return books.page(answer.document) or unexpected(TRANSACTIONS)

    def fetch_payment(
        self, payment_id: str, *, timeout: float
    ) -> RemotePaid | Missing | Refused | Ambiguous | Unavailable:
        asked = identifier(payment_id)
        if not asked:
            return Missing()
        with deadline(timeout):
            answer = self._call("GET", PAYMENT, about=asked)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_ok:
            return wire.no_document(answer)
        try:
            return books.paid(answer.document, payment_id=asked)
        except Unreadable as error:
            facts = {"payment_id": asked, "cause": str(error)}
            log.error("gateway_money_unreadable", extra=facts)
            return Ambiguous("unreadable payment")

    def secret_of(self, headers: Mapping[str, str], body: bytes) -> WebhookSecret:
        """Xendit signs nothing: the header is a shared secret. Two are valid during a rotation."""
        given = _header(headers, "x-callback-token").encode(errors="surrogatepass")
        if not given:
            return WebhookSecret.ABSENT
        # All are compared, so that the time does not tell which one was close.
        matches = [
            hmac.compare_digest(given, token.encode())
            for token in self._config.callback_tokens
            if token
        ]
        return secret_among(matches)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookHint | None:
        document = load(body)
        if document is None:
            return None
        hint = wire.hint(document, webhook_id=_header(headers, "webhook-id"))
        ours = self._config.business_id
        return replace(hint, is_for_us=not ours or wire.business_of(document) in ("", ours))

    def claim_of(self, event: str) -> Claim:
        return CLAIMS.get(event, Claim.NOTHING)

    # --- reading ---------------------------------------------------------------------------------
    def _known(
        self, method: str, template: str, gateway_ref: str
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """One call on one payment request, and the document that answers it."""
        answer = self._asked(method, template, gateway_ref)
        if not isinstance(answer, Answer):
            return answer
        remote = self._read(answer.document, gateway_ref=gateway_ref)
        return as_seen_alone(remote, answer.document)

    def _request(
        self, request_id: str
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """What became of a payment request, also of one that is a card tried on a page."""
        answer = self._asked("GET", REQUEST, request_id)
        if not isinstance(answer, Answer):
            return answer
        return self._read(answer.document, gateway_ref=request_id)

    def _asked(
        self, method: str, template: str, gateway_ref: str
    ) -> Answer | Missing | Refused | Ambiguous | Unavailable:
        if not identifier(gateway_ref):
            # It may come from a webhook, and would become part of a path.
            return Missing()
        answer = self._call(method, template, about=gateway_ref)
        if isinstance(answer, Answer) and not answer.is_ok:
            return wire.no_document(answer)
        return answer

    def _request_of(
        self, gateway_ref: str, payment_id: str
    ) -> str | Missing | Refused | Ambiguous | Unavailable:
        """The payment request that holds the money: of those under a page one is."""
        session_id = wire.session_id(gateway_ref)
        return self._sessions.request_of(session_id, payment_id) if session_id else gateway_ref

    def _read(
        self, document: Mapping[str, Any], *, reference: str = "", gateway_ref: str = ""
    ) -> RemotePayment | Ambiguous:
        """A payment request with its money. It must bear the reference or the id asked for."""
        remote = wire.payment_request(document)
        if remote is None:
            return unexpected(REQUEST)
        if reference not in ("", remote.reference) or gateway_ref not in ("", remote.gateway_ref):
            return unexpected(REQUEST)
        if remote.state is RemoteState.OTHER:
            log.warning("gateway_status_unknown", extra={"gateway_ref": remote.gateway_ref})
        return self._with_captures(remote, document.get("latest_payment_id"))

    def _with_captures(self, remote: RemotePayment, payment_id: object) -> RemotePayment:
        """Where the money cannot be read the state becomes OTHER: ask again, decide nothing."""
        captures = self._captures(remote.gateway_ref, payment_id) if payment_id else []
        is_contradiction = remote.state is RemoteState.SUCCEEDED and captures == []
        if is_contradiction:
            log.error("gateway_success_without_money", extra={"gateway_ref": remote.gateway_ref})
        if captures is None or is_contradiction:
            return replace(remote, state=RemoteState.OTHER)
        return replace(remote, captures=captures)

    def _captures(self, gateway_ref: str, payment_id: object) -> list[RemoteCapture] | None:
        """The captures of one payment; None where they cannot be told now."""
        asked = identifier(payment_id)
        if not asked:
            return None
        answer = self._call("GET", PAYMENT, about=asked)
        if not (isinstance(answer, Answer) and answer.is_ok):
            return None
        try:
            return wire.captures(answer.document, payment_id=asked, of_request=gateway_ref)
        except Unreadable as error:
            facts = {"gateway_ref": gateway_ref, "payment_id": asked, "cause": str(error)}
            log.error("gateway_money_unreadable", extra=facts)
            return None

    def _best(self, documents: list[dict[str, Any]], reference: str) -> RemotePayment | Ambiguous:
        """Of several requests under one reference: one with money, else an open one, the newest."""
        if len(documents) > 1:
            log.warning("gateway_reference_repeated", extra={"count": len(documents)})
        newest_first = sorted(documents, key=lambda each: str(each.get("created")), reverse=True)
        found = [
            as_seen_alone(self._read(each, reference=reference), each) for each in newest_first
        ]
        readable = [each for each in found if isinstance(each, RemotePayment)]
        return max(readable, key=_importance) if readable else found[0]

    # --- asking ----------------------------------------------------------------------------------
    def _call(
        self,
        method: str,
        template: str,
        *,
        about: str = "",
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Answer | Ambiguous | Unavailable:
        request = self._client.build_request(
            method,
            self._config.url + template.format(id=about),
            params=params,
            content=None if body is None else json.dumps(body).encode(),
            headers=_headers(idempotency_key),
        )
        return self._caller.call(request, wire.judged, path=template)


def _headers(idempotency_key: str) -> dict[str, str]:
    headers = {
        "accept": "application/json",
        "accept-encoding": "identity",
        "api-version": API_VERSION,
        "content-type": "application/json",
    }
    # Version 3 does not document it; harmless, and nothing relies on it.
    return headers | ({"idempotency-key": idempotency_key} if idempotency_key else {})


def _header(headers: Mapping[str, str], name: str) -> str:
    """Headers come from a request or from a stored copy, in whatever case."""
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _importance(remote: RemotePayment) -> tuple[bool, bool]:
    is_open = remote.state in (RemoteState.PENDING, RemoteState.OTHER)
    return bool(remote.captures), is_open
