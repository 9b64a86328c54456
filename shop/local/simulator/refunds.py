"""Money that goes back: asked for, on its way, arrived or not.

    PENDING ─ after the delay, or by hand ─► SUCCEEDED · FAILED
    PENDING ─ cancel ─► CANCELLED

A refund is of a payment request. Together its refunds never exceed what was captured, and only one
is on its way at a time (reference/payments.md §1.5, §1.9.8).
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from .announcing import Announcer
from .books import BUSINESS_ID, Books
from .channels import CHANNELS
from .clock import Now, parse_timestamp, timestamp
from .errors import ApiError, Json, not_found
from .refund_store import Refund, RefundStore
from .settings import Settings
from .store import PaymentRequest, Store

TAKEN = frozenset({"PENDING", "SUCCEEDED"})
# What Xendit's deprecated field says; it has no word for the others.
KINDS = {"EWALLET": "EWALLET", "CARDS": "CARD"}


class Refunds:
    def __init__(
        self,
        store: RefundStore,
        requests: Store,
        announcer: Announcer,
        settings: Settings,
        books: Books,
        *,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._requests = requests
        self._announcer = announcer
        self._settings = settings
        self._books = books
        self._now = now
        self._wake = wake

    def create(self, body: Json) -> Refund:
        """The body has passed validate_refund. `amount` None gives back all that is left."""
        with self._store.transaction():
            request = self._requests.request(body["payment_request_id"])
            if request is None:
                raise not_found(f"payment request {body['payment_request_id']}")
            amount = self._refundable(request, body.get("amount"))
            refund = self._new(request, amount, body)
            self._save(refund)
        self._wake()
        return refund

    def _refundable(self, request: PaymentRequest, wanted: int | None) -> int:
        """The amount that may go back, in whole rupiah. Raises ApiError where none may."""
        captures = self._captures(request)
        if not captures:
            message = f"payment request {request.id} is {request.status}: nothing was captured"
            raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
        self._check_window(request, captures)
        earlier = self._store.of_request(request.id)
        if any(each.is_pending for each in earlier):
            message = f"a refund of {request.id} is still in progress"
            raise ApiError(400, "REFUND_IN_PROGRESS", message)
        captured = sum(each["capture_amount"] for each in captures)
        left = captured - sum(each.amount for each in earlier if each.status in TAKEN)
        amount = left if wanted is None else wanted
        if not 0 < amount <= left:
            message = f"{amount} is more than the {left} left of {captured}"
            raise ApiError(400, "REFUND_AMOUNT_EXCEEDED", message)
        if amount < captured and self._is_switched("no_partial_refunds", request):
            message = "this channel gives all back or nothing"
            raise ApiError(403, "PARTIAL_REFUND_NOT_SUPPORTED", message)
        if not self._books.covers(amount):
            message = f"the balance of {self._books.balance()} does not cover {amount}"
            raise ApiError(400, "INSUFFICIENT_BALANCE", message)
        return amount

    def _check_window(self, request: PaymentRequest, captures: list[Json]) -> None:
        channel = CHANNELS[request.document["channel_code"]]
        if channel.refund_window is None or self._is_switched("no_refunds", request):
            message = f"{channel.code} payments cannot be refunded"
            raise ApiError(403, "REFUND_NOT_SUPPORTED", message)
        captured_at = max(parse_timestamp(each["capture_timestamp"]) for each in captures)
        if self._now() > captured_at + channel.refund_window:
            message = f"{channel.code} refunds end {channel.refund_window.days} days after payment"
            raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)

    def _is_switched(self, name: str, request: PaymentRequest) -> bool:
        return request.document["channel_code"] in self._settings[name]

    def _captures(self, request: PaymentRequest) -> list[Json]:
        payments = self._requests.payments_of_request(request.id)
        return [capture for payment in payments for capture in payment["captures"]]

    def _new(self, request: PaymentRequest, amount: int, body: Json) -> Refund:
        now = self._now()
        channel = CHANNELS[request.document["channel_code"]]
        delay = self._settings["refund_delay"]
        document: Json = {
            "id": f"rfd-{uuid.uuid4()}",
            "payment_request_id": request.id,
            "payment_id": request.document.get("latest_payment_id"),
            "invoice_id": None,
            "payment_method_type": KINDS.get(channel.category),
            "reference_id": body.get("reference_id"),
            "channel_code": channel.code,
            "country": request.document["country"],
            "currency": request.document["currency"],
            "amount": amount,
            "status": "PENDING",
            "reason": body["reason"],
            "failure_code": None,
            "refund_fee_amount": None,
            "metadata": body.get("metadata"),
            "created": timestamp(now),
            "updated": timestamp(now),
        }
        return Refund(document, due_at=now + timedelta(seconds=delay) if delay else None)

    def get(self, refund_id: str) -> Refund:
        refund = self._store.get(refund_id)
        if refund is None:
            raise not_found(f"refund {refund_id}")
        return refund

    def cancel(self, refund_id: str) -> Refund:
        """No webhook is documented for it."""
        with self._store.transaction():
            return self._move(self._pending(refund_id), status="CANCELLED")

    def settle(self, refund_id: str, *, failure_code: str | None = None) -> Refund:
        """It arrived, or with a failure code it did not."""
        with self._store.transaction():
            refund = self._settled(self._pending(refund_id), failure_code)
        self._wake()
        return refund

    def sweep(self) -> datetime | None:
        """Do what the clock demands; return when it next demands something."""
        with self._store.transaction():
            for refund in self._store.due(self._now()):
                self._settled(refund, None)
            return self._store.next_due()

    def _settled(self, refund: Refund, failure_code: str | None) -> Refund:
        if failure_code is None:
            settled = self._move(refund, status="SUCCEEDED")
            self._announce("refund.succeeded", settled)
        else:
            settled = self._move(refund, status="FAILED", failure_code=failure_code)
            self._announce("refund.failed", settled)
        return settled

    def _pending(self, refund_id: str) -> Refund:
        refund = self.get(refund_id)
        if not refund.is_pending:
            message = f"refund {refund_id} is {refund.status}"
            raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
        return refund

    def _move(self, refund: Refund, **changes: Any) -> Refund:
        moved = refund.but(**changes, updated=timestamp(self._now()))
        self._save(moved)
        return moved

    def _save(self, refund: Refund) -> None:
        self._store.save(refund)
        self._books.book_refund(refund)

    def _announce(self, event: str, refund: Refund) -> None:
        data = refund.document
        if self._settings["refund_webhook_shape"] == "nested":
            data = {
                "event": event,
                "business_id": BUSINESS_ID,
                "created": timestamp(self._now()),
                "data": data,
            }
        self._announcer.announce(event, data, about=refund.payment_request_id)
