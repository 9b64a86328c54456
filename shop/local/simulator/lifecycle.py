"""What happens to a payment request: created, paid, failed, expired, cancelled.

    REQUIRES_ACTION ─ OVO after 100 ms ─► PENDING
    either ─ pay ─► SUCCEEDED · fail ─► FAILED · time ─► EXPIRED
    REQUIRES_ACTION ─ cancel ─► CANCELED
    Late money leaves the status as it is and is announced all the same.

Each change and the webhook that announces it are one transaction.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .announcing import Announcer
from .books import BUSINESS_ID, Books
from .channels import CHANNELS, OVO_PUSH_DELAY, actions_for
from .clock import Now, parse_timestamp, timestamp
from .errors import ApiError, Json, not_found
from .paying import AS_ASKED, Arrival, captured, failed
from .store import PaymentRequest, Store

CANCELLABLE = frozenset({"REQUIRES_ACTION", "ACCEPTING_PAYMENTS"})
ECHOED = ("description", "customer_id", "customer", "items", "shipping_information")


class Lifecycle:
    """`wake` tells the ticker that there may be something to do sooner than it thinks."""

    def __init__(
        self,
        store: Store,
        announcer: Announcer,
        books: Books,
        *,
        public_url: str,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._announcer = announcer
        self._books = books
        self._public_url = public_url
        self._now = now
        self._wake = wake

    def create(self, body: Json) -> PaymentRequest:
        """The body has passed validate_create. Raises ApiError 409 for a virtual account in use."""
        now = self._now()
        request_id = f"pr-{uuid.uuid4()}"
        channel, properties = CHANNELS[body["channel_code"]], body["channel_properties"]
        wanted_number = properties.get("virtual_account_number")
        document: Json = {
            "business_id": BUSINESS_ID,
            "reference_id": body["reference_id"],
            "payment_request_id": request_id,
            "type": body["type"],
            "country": body["country"],
            "currency": body["currency"],
            "request_amount": body["request_amount"],
            "capture_method": "AUTOMATIC",
            "channel_code": channel.code,
            "channel_properties": properties,
            "actions": actions_for(
                channel.code,
                checkout_url=f"{self._public_url}/checkout/{request_id}",
                amount=body["request_amount"],
                virtual_account_number=wanted_number,
            ),
            "status": "REQUIRES_ACTION",
            "metadata": body.get("metadata") or {},
            "created": timestamp(now),
            "updated": timestamp(now),
        } | {field: body[field] for field in ECHOED if body.get(field) is not None}
        request = PaymentRequest(
            document,
            expires_at=_expiry(channel.lifetime, properties, now),
            pending_at=now + OVO_PUSH_DELAY if channel.code == "OVO" else None,
        )
        with self._store.transaction():
            self._check_number_is_free(wanted_number)
            self._store.save_request(request)
        self._wake()
        return request

    def _check_number_is_free(self, number: str | None) -> None:
        if number and any(r.is_open for r in self._store.requests_by_number(number)):
            raise ApiError(409, "DUPLICATE_ERROR", f"virtual_account_number {number} is in use")

    def get(self, request_id: str) -> PaymentRequest:
        request = self._store.request(request_id)
        if request is None:
            raise not_found(f"payment request {request_id}")
        return request

    def change(self, request_id: str, body: Json) -> PaymentRequest:
        """The body has passed validate_change."""
        with self._store.transaction():
            request = self.get(request_id)
            if not request.is_open:
                raise _inactive(request)
            properties = request.document["channel_properties"]
            properties = properties | (body.get("channel_properties") or {})
            later = replace(request, expires_at=parse_timestamp(properties["expires_at"]))
            changed = self._save(later, **body | {"channel_properties": properties})
        self._wake()
        return changed

    def cancel(self, request_id: str) -> PaymentRequest:
        """Xendit documents no webhook for it, so none is sent."""
        with self._store.transaction():
            request = self.get(request_id)
            if not request.is_open:
                raise _inactive(request)
            if request.status not in CANCELLABLE:
                message = f"a payment request that is {request.status} cannot be cancelled"
                raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
            return self._save(request, status="CANCELED")

    def pay(
        self,
        request_id: str,
        *,
        arrival: Arrival = AS_ASKED,
        force_late: bool = False,
        force_duplicate: bool = False,
    ) -> Json:
        """Money arrives. Returns the payment.

        A request that is no longer open takes money only when forced, and keeps its status.
        """
        with self._store.transaction():
            request = self.get(request_id)
            is_forced = force_duplicate if request.status == "SUCCEEDED" else force_late
            if not request.is_open and not is_forced:
                raise _inactive(request)
            payment = captured(request, arrival, now=self._now())
            self._store.add_payment(payment)
            self._books.book_payment(payment)
            self._save(
                request,
                status="SUCCEEDED" if request.is_open else request.status,
                latest_payment_id=payment["payment_id"],
            )
            self._announcer.announce("payment.capture", payment, about=request.id)
        self._wake()
        return payment

    def fail(self, request_id: str, *, failure_code: str, is_silent: bool = False) -> Json:
        """The payer or the channel refused. Silent: not every channel sends payment.failure."""
        with self._store.transaction():
            request = self.get(request_id)
            if not request.is_open:
                raise _inactive(request)
            payment = failed(request, failure_code, now=self._now())
            self._store.add_payment(payment)
            self._save(
                request,
                status="FAILED",
                failure_code=failure_code,
                latest_payment_id=payment["payment_id"],
            )
            if not is_silent:
                self._announcer.announce("payment.failure", payment, about=request.id)
        self._wake()
        return payment

    def expire(self, request_id: str, *, is_silent: bool = False) -> PaymentRequest:
        with self._store.transaction():
            request = self.get(request_id)
            if not request.is_open:
                raise _inactive(request)
            expired = self._expire(request, is_silent=is_silent)
        self._wake()
        return expired

    def sweep(self) -> datetime | None:
        """Do what the clock demands; return when it next demands something."""
        with self._store.transaction():
            now = self._now()
            for request in self._store.due_requests(now):
                if request.expires_at <= now:
                    self._expire(request)
                else:
                    self._save(request, status="PENDING")
            return self._store.next_request_due()

    def _expire(self, request: PaymentRequest, *, is_silent: bool = False) -> PaymentRequest:
        expired = self._save(request, status="EXPIRED")
        if not is_silent:
            self._announcer.announce("payment_request.expiry", expired.document, about=expired.id)
        return expired

    def _save(self, request: PaymentRequest, **changes: object) -> PaymentRequest:
        changed = request.but(**changes, updated=timestamp(self._now()))
        # Whatever moved it, a request is never again waiting to become PENDING.
        settled = PaymentRequest(changed.document, changed.expires_at, pending_at=None)
        self._store.save_request(settled)
        return settled


def _expiry(lifetime: timedelta | None, properties: Json, now: datetime) -> datetime:
    if lifetime is None:
        return parse_timestamp(properties["expires_at"])
    return now + lifetime


def _inactive(request: PaymentRequest) -> ApiError:
    message = f"payment request {request.id} is {request.status}"
    return ApiError(400, "INACTIVE_PAYMENT_REQUEST", message)
