"""Midtrans: Core API for OVO, QRIS and BCA virtual accounts, its Snap pages for DANA and cards."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

import httpx
from django.conf import settings

from payments.gateways import midtrans_wire as wire
from payments.gateways.answers import Answer, Unreadable, identifier, load, text
from payments.gateways.base import (
    Ambiguous,
    Claim,
    CreateRequest,
    Missing,
    RefundRequest,
    Refused,
    RemotePayment,
    RemoteRefund,
    RemoteState,
    Unavailable,
    WebhookHint,
    WebhookSecret,
)
from payments.gateways.calling import Caller, unexpected
from payments.gateways.methods import MethodSpec, spec_of
from shop.core.breaker import Breaker
from shop.core.deadline import deadline

log = logging.getLogger(__name__)

CHARGE = "/v2/charge"
STATUS = "/v2/{id}/status"
CANCEL = "/v2/{id}/cancel"
REFUND = "/v2/{id}/refund"
PAGES = "/snap/v1/transactions"
CLOSE_PAGE = "/snap/v1/transactions/{id}/cancel"
# What our own column holds.
LONGEST_REF = 80
Seen = RemotePayment | Missing | Refused | Ambiguous | Unavailable

CLAIMS = {
    "capture": Claim.MONEY,
    "settlement": Claim.MONEY,
    "refund": Claim.REFUND,
    "partial_refund": Claim.REFUND,
    **dict.fromkeys(
        (
            "pending",
            "authorize",
            "capture.held",
            "settlement.held",
            "deny",
            "failure",
            "cancel",
            "expire",
            "chargeback",
            "partial_chargeback",
        ),
        Claim.STATE,
    ),
}


@dataclass(frozen=True, slots=True)
class MidtransConfig:
    """Calls are made with the first of the keys; notifications may be signed with any of them."""

    url: str
    snap_url: str
    server_keys: tuple[str, ...] = field(repr=False)
    qris_acquirer: str

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            url=settings.MIDTRANS["url"],
            snap_url=settings.MIDTRANS["snap_url"],
            server_keys=tuple(settings.MIDTRANS["server_keys"]),
            qris_acquirer=settings.MIDTRANS["qris_acquirer"],
        )


class Midtrans:
    """`base.Gateway` is the contract. A transaction holds its own money: there is one look."""

    code = "midtrans"

    def __init__(self, config: MidtransConfig, *, client: httpx.Client, breaker: Breaker) -> None:
        self._config = config
        self._client = client
        server_key = next(iter(config.server_keys), "")
        self._caller = Caller(
            self.code,
            client=client,
            breaker=breaker,
            auth=httpx.BasicAuth(server_key, ""),
            channel_trouble=wire.CHANNEL_TROUBLE,
        )

    def create(
        self, request: CreateRequest, *, timeout: float
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        spec = spec_of(self.code, request.method)
        if spec is None or spec.currency != request.amount.currency:
            return Refused("method_unavailable")
        if not wire.ORDER_ID.fullmatch(request.reference):
            return Refused("reference_impossible")
        with deadline(timeout):
            if spec.channel in wire.SNAP:
                return self._open_page(request, spec)
            return self._charge(request, spec)

    def find(
        self, reference: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """A page that nobody has opened is not found. Nobody can: its address was in the answer."""
        if not wire.ORDER_ID.fullmatch(reference):
            return Missing()
        with deadline(timeout):
            return self._transaction("GET", STATUS, wire.Ref("", "", "", reference))

    def fetch(
        self, gateway_ref: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        ref = wire.read_ref(gateway_ref)
        if ref is None:
            return Missing()
        with deadline(timeout):
            found = self._transaction("GET", STATUS, ref)
        if isinstance(found, Missing) and ref.is_page:
            # The payer has not chosen anything there yet.
            return RemotePayment(gateway_ref, ref.order_id, RemoteState.PENDING)
        return _under(gateway_ref, found)

    def cancel(
        self, gateway_ref: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        ref = wire.read_ref(gateway_ref)
        if ref is None:
            return Missing()
        with deadline(timeout):
            ended = self._transaction("POST", CANCEL, ref)
            if not ref.is_page or isinstance(ended, Ambiguous | Unavailable):
                return _under(gateway_ref, ended)
            # The page would let its payer begin another transaction under the same order id.
            closed = self._close_page(ref, gateway_ref)
        if isinstance(ended, Missing) or not isinstance(closed, RemotePayment):
            return closed
        return _under(gateway_ref, ended)

    def refund(
        self, request: RefundRequest, *, timeout: float
    ) -> RemoteRefund | Refused | Ambiguous | Unavailable:
        ref = wire.read_ref(request.gateway_ref)
        about = identifier(request.payment_id)
        if ref is None or not about:
            return Refused("payment_unknown")
        if not identifier(request.reference):
            return Refused("reference_impossible")
        body = wire.refund_creation(request)
        with deadline(timeout):
            answer = self._call("POST", REFUND, about=about, body=body, headers=ref.headers)
        if not isinstance(answer, Answer):
            return answer
        if wire.code_of(answer) == 406:
            # The key is taken, by ourselves: an earlier call did arrive.
            return Ambiguous("duplicate")
        if not wire.is_good(answer):
            return wire.refusal(answer)
        read = wire.refund(answer.document, currency=request.amount.currency)
        is_ours = read is not None and read.reference == request.reference
        return read if read is not None and is_ours else unexpected(REFUND)

    def find_refunds(
        self, gateway_ref: str, *, payment_id: str = "", timeout: float
    ) -> list[RemoteRefund] | Missing | Refused | Ambiguous | Unavailable:
        ref = wire.read_ref(gateway_ref)
        if ref is None:
            return Missing()
        about = identifier(payment_id) or ref.known_as
        with deadline(timeout):
            answer = self._call("GET", STATUS, about=about, headers=ref.headers)
        if not isinstance(answer, Answer):
            return answer
        if not wire.is_good(answer):
            return wire.no_document(answer)
        found = wire.refunds(answer.document)
        return unexpected(STATUS) if found is None else found

    def secret_of(self, headers: Mapping[str, str], body: bytes) -> WebhookSecret:
        document = load(body)
        if document is None:
            return WebhookSecret.ABSENT
        return wire.signed_with(document, server_keys=self._config.server_keys)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookHint | None:
        document = load(body)
        return None if document is None else wire.hint(document)

    def claim_of(self, event: str) -> Claim:
        return CLAIMS.get(event, Claim.NOTHING)

    # --- creating and ending ---------------------------------------------------------------------
    def _charge(
        self, request: CreateRequest, spec: MethodSpec
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        body = wire.charge(
            request, spec, acquirer=self._config.qris_acquirer, now=datetime.now(UTC)
        )
        answer = self._call("POST", CHARGE, body=body)
        if not isinstance(answer, Answer):
            return answer
        if wire.code_of(answer) == 406:
            # The order id is taken, by ourselves: an earlier call did arrive.
            return Ambiguous("duplicate")
        if not wire.is_good(answer):
            return wire.refusal(answer)
        return self._read(answer.document, order_id=request.reference, path=CHARGE)

    def _open_page(
        self, request: CreateRequest, spec: MethodSpec
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        body = wire.page(request, spec, now=datetime.now(UTC))
        answer = self._call("POST", PAGES, body=body)
        if not isinstance(answer, Answer):
            return answer
        if not answer.is_ok:
            return wire.page_refusal(answer)
        token = identifier(answer.document.get("token"))
        url = text(answer.document.get("redirect_url"), longest=4000)
        gateway_ref = wire.page_ref(spec, token=token, order_id=request.reference)
        if not (token and url) or len(gateway_ref) > LONGEST_REF:
            return unexpected(PAGES)
        action = {"type": "REDIRECT_CUSTOMER", "descriptor": "WEB_URL", "value": url}
        return RemotePayment(gateway_ref, request.reference, RemoteState.PENDING, [action])

    def _close_page(
        self, ref: wire.Ref, gateway_ref: str
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        answer = self._call("POST", CLOSE_PAGE, about=ref.token)
        if not isinstance(answer, Answer):
            return answer
        state = wire.page_end(answer)
        if state is None:
            # Its payer is in the middle of it.
            return wire.page_refusal(answer)
        return RemotePayment(gateway_ref, ref.order_id, state)

    # --- asking ----------------------------------------------------------------------------------
    def _transaction(
        self, method: str, path: str, ref: wire.Ref
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """One call on one transaction, and the document that answers it."""
        answer = self._call(method, path, about=ref.known_as, headers=ref.headers)
        if not isinstance(answer, Answer):
            return answer
        if not wire.is_good(answer):
            return wire.no_document(answer)
        return self._read(
            answer.document, order_id=ref.order_id, transaction_id=ref.transaction_id, path=path
        )

    def _read(
        self,
        document: Mapping[str, Any],
        *,
        order_id: str = "",
        transaction_id: str = "",
        path: str,
    ) -> RemotePayment | Ambiguous:
        """A transaction with its money. It must bear the id that was asked for.

        Where the money cannot be read the state becomes OTHER: ask again, decide nothing.
        """
        said = (document.get("order_id"), document.get("transaction_id"))
        if order_id not in ("", said[0]) or transaction_id not in ("", said[1]):
            return unexpected(path)
        try:
            remote = wire.transaction(document)
        except Unreadable as error:
            facts = {"gateway_ref": wire.ref_of(document), "cause": str(error)}
            log.error("gateway_money_unreadable", extra=facts)
            reference = text(said[0], longest=255)
            return RemotePayment(wire.ref_of(document), reference, RemoteState.OTHER)
        if remote is None:
            return unexpected(path)
        if remote.state is RemoteState.OTHER:
            log.warning("gateway_status_unknown", extra={"gateway_ref": remote.gateway_ref})
        return remote

    def _call(
        self,
        method: str,
        path: str,
        *,
        about: str = "",
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Ambiguous | Unavailable:
        base = self._config.snap_url if path.startswith(PAGES) else self._config.url
        request = self._client.build_request(
            method,
            base + path.format(id=about),
            content=None if body is None else json.dumps(body).encode(),
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",
                "content-type": "application/json",
                **(headers or {}),
            },
        )
        return self._caller.call(request, wire.judged, path=path)


def _under(gateway_ref: str, found: Seen) -> Seen:
    """A payment keeps the name that it was asked for by."""
    if isinstance(found, RemotePayment):
        return replace(found, gateway_ref=gateway_ref)
    return found
