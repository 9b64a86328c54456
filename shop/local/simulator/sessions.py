"""Payment sessions: a page of the gateway's own on which a card is tried until one is good.

    ACTIVE ─ a card is approved ─► COMPLETED · time ─► EXPIRED · cancel ─► CANCELED
    A card that is refused leaves it ACTIVE.

Each card tried is a payment request of its own under the session's reference, because FAILED is
final for a request.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from .announcing import Announcer
from .books import BUSINESS_ID
from .clock import Now, timestamp
from .errors import ApiError, Json, not_found
from .lifecycle import Lifecycle
from .session_store import Session, SessionStore

LIFETIME = timedelta(minutes=30)
ECHOED = (
    "allowed_payment_channels",
    "description",
    "metadata",
    "success_return_url",
    "cancel_return_url",
)
# What a card can meet, and what the gateway then says.
REFUSALS = {
    "declined": "CARD_DECLINED",
    "no_funds": "INSUFFICIENT_BALANCE",
    "expired_card": "EXPIRED_CARD",
    "3ds_failed": "AUTHENTICATION_FAILED",
}
APPROVED = "approved"


class Sessions:
    def __init__(
        self,
        store: SessionStore,
        lifecycle: Lifecycle,
        announcer: Announcer,
        *,
        public_url: str,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._lifecycle = lifecycle
        self._announcer = announcer
        self._public_url = public_url
        self._now = now
        self._wake = wake

    def create(self, body: Json) -> Session:
        """The body has passed validate_session."""
        now = self._now()
        session_id = f"ps-{secrets.token_hex(12)}"
        document: Json = {
            "payment_session_id": session_id,
            "business_id": BUSINESS_ID,
            "reference_id": body["reference_id"],
            "session_type": body["session_type"],
            "mode": body["mode"],
            "amount": body["amount"],
            "currency": body["currency"],
            "country": body["country"],
            "capture_method": "AUTOMATIC",
            "locale": body.get("locale", "en"),
            "status": "ACTIVE",
            "payment_link_url": f"{self._public_url}/session/{session_id}",
            "expires_at": body.get("expires_at") or timestamp(now + LIFETIME),
            "customer_id": None,
            "payment_request_id": None,
            "payment_id": None,
            "payment_token_id": None,
            "created": timestamp(now),
            "updated": timestamp(now),
        } | {field: body[field] for field in ECHOED if body.get(field) is not None}
        session = Session(document)
        with self._store.transaction():
            self._store.save(session)
        self._wake()
        return session

    def get(self, session_id: str) -> Session:
        session = self._store.get(session_id)
        if session is None:
            raise not_found(f"payment session {session_id}")
        return session

    def try_card(self, session_id: str, outcome: str, *, is_forced: bool = False) -> Session:
        """`outcome`: `approved` or one of REFUSALS.

        Forced, a session that is over takes money all the same, and keeps its status.
        """
        with self._store.transaction():
            session = self.get(session_id)
            if not session.is_active and not is_forced:
                raise _over(session)
            request = self._lifecycle.create(_card_request(session))
            if outcome == APPROVED:
                payment = self._lifecycle.pay(request.id)
                session = self._paid(session, payment)
            else:
                self._lifecycle.fail(request.id, failure_code=REFUSALS[outcome])
                session = self._save(session, payment_request_id=request.id)
        self._wake()
        return session

    def _paid(self, session: Session, payment: Json) -> Session:
        ids = {name: payment[name] for name in ("payment_request_id", "payment_id")}
        if not session.is_active:
            return self._save(session, **ids)
        completed = self._save(session, status="COMPLETED", **ids)
        self._announcer.announce("payment_session.completed", completed.document, about=session.id)
        return completed

    def cancel(self, session_id: str) -> Session:
        """No webhook is documented for it."""
        with self._store.transaction():
            session = self.get(session_id)
            if not session.is_active:
                raise _over(session)
            return self._save(session, status="CANCELED")

    def expire(self, session_id: str) -> Session:
        with self._store.transaction():
            session = self.get(session_id)
            if not session.is_active:
                raise _over(session)
            expired = self._expire(session)
        self._wake()
        return expired

    def sweep(self) -> datetime | None:
        """Do what the clock demands; return when it next demands something."""
        with self._store.transaction():
            for session in self._store.due(self._now()):
                self._expire(session)
            return self._store.next_due()

    def _expire(self, session: Session) -> Session:
        expired = self._save(session, status="EXPIRED")
        self._announcer.announce("payment_session.expired", expired.document, about=session.id)
        return expired

    def _save(self, session: Session, **changes: Any) -> Session:
        saved = session.but(**changes, updated=timestamp(self._now()))
        self._store.save(saved)
        return saved


def _card_request(session: Session) -> Json:
    document = session.document
    shared = ("reference_id", "currency", "country", "description", "metadata")
    return {field: document.get(field) for field in shared} | {
        "type": "PAY",
        "request_amount": document["amount"],
        "channel_code": "CARDS",
        "channel_properties": {},
    }


def _over(session: Session) -> ApiError:
    message = f"payment session {session.id} is {session.status}"
    return ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
