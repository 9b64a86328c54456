"""Notifications as Midtrans sends them: signed, and tried again as the answer deserves."""

import hashlib
import http.client
import json
import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shop.local.simulator.clock import Now, timestamp
from shop.local.simulator.errors import Json
from shop.local.simulator.ticker import Ticker
from shop.local.simulator.troubles import Troubles

from .store import MidtransStore, Notification, Transaction

log = logging.getLogger(__name__)

RETRY_AFTER = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(minutes=90),
    timedelta(minutes=210),
)
# How often it is tried again, by the status of the last answer; five times after any other.
RETRIES = {500: 1, 503: 4, 400: 2, 404: 2, 301: 0, 302: 0, 303: 0}
NOT_OURS = "SB-Mid-server-of-somebody-else"
CODES = {"pending": "201", "deny": "202", "failure": "202", "expire": "407"}


@dataclass(frozen=True, slots=True)
class MidtransConfig:
    """`timeout` in seconds; a slower answer counts as none."""

    server_key: str = field(repr=False)
    webhook_url: str
    timeout: float = 15.0
    retry_scale: float = 1.0


def code_of(transaction: Transaction) -> str:
    if transaction.document.get("fraud_status") == "challenge":
        return "201"
    return CODES.get(transaction.status, "200")


def signature(document: Json, server_key: str) -> str:
    """Over number, code and amount, and over nothing else."""
    said = (document["order_id"], document["status_code"], document["gross_amount"], server_key)
    return hashlib.sha512("".join(said).encode()).hexdigest()


class Announcer:
    """Call it inside the transaction that makes the change."""

    def __init__(
        self, store: MidtransStore, troubles: Troubles, config: MidtransConfig, *, now: Now
    ) -> None:
        self._store = store
        self._troubles = troubles
        self._server_key = config.server_key
        self._first_retry = RETRY_AFTER[0] * config.retry_scale
        self._now = now

    def announce(self, transaction: Transaction) -> None:
        """A notification, and what is armed for it. A damaged one comes whole with the retry."""
        body = self.answer(transaction, message="midtrans payment notification")
        due_at, copies = self._now(), 1
        for trouble in self._troubles.for_webhook(transaction.status):
            log.info("notification-trouble", extra={"mode": trouble.mode})
            match trouble.mode:
                case "drop":
                    copies = 0
                case "duplicate" | "replay":
                    copies += trouble.times
                case "delay" | "reorder":
                    due_at += timedelta(seconds=trouble.seconds)
                case _:
                    damaged = body | {"signature_key": signature(body, NOT_OURS)}
                    self._store.add_notification(transaction.id, damaged, due_at=due_at)
                    due_at += self._first_retry
        for _ in range(copies):
            self._store.add_notification(transaction.id, body, due_at=due_at)

    def answer(self, transaction: Transaction, *, message: str) -> Json:
        """What a notification and a status call say of it."""
        body: Json = {"status_code": code_of(transaction), "status_message": message}
        body |= transaction.document
        return body | {"signature_key": signature(body, self._server_key)}

    def forge(self, transaction: Transaction, *, changes: Json, is_signed: bool) -> None:
        """A notification that says `changes`. Signed, it shows what a signature does not cover."""
        body = self.answer(transaction, message="midtrans payment notification") | changes
        key = self._server_key if is_signed else NOT_OURS
        body["signature_key"] = signature(body, key)
        self._store.add_notification(transaction.id, body, due_at=self._now())

    def send_again(self, transaction: Transaction) -> int:
        """All of a transaction, oldest first; how many those are."""
        sent = self._store.notifications(transaction_id=transaction.id, limit=1000)
        for each in reversed(sent):
            self._store.add_notification(transaction.id, each.body, due_at=self._now())
        return len(sent)


class NotificationEngine:
    def __init__(self, store: MidtransStore, config: MidtransConfig, *, now: Now) -> None:
        self._store = store
        self._config = config
        self._now = now
        self._ticker: Ticker | None = None
        self._under_way = 0
        self._idle = threading.Condition()

    def start(self, ticker: Ticker) -> None:
        self._store.requeue_interrupted()
        self._ticker = ticker

    def dispatch_due(self) -> datetime | None:
        """Send what is due, each on its own; return when the next is due."""
        # Together, or what is claimed but not yet counted would pass for idle.
        with self._idle:
            due = self._store.claim_notifications(self._now())
            self._under_way += len(due)
        for each in due:
            # A daemon, because a receiver that never answers must not hold up the end.
            threading.Thread(target=self._work, args=(each,), daemon=True).start()
        return self._store.next_notification_due()

    def wait_until_idle(self, timeout: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, timeout)

    def _work(self, notification: Notification) -> None:
        try:
            self._deliver(notification)
        except Exception:
            # The row stays SENDING and goes out again after the next start.
            log.exception("notification-failed", extra={"id": notification.id})
        with self._idle:
            self._under_way -= 1
            self._idle.notify_all()
        if self._ticker:
            self._ticker.wake()

    def _deliver(self, notification: Notification) -> None:
        tried_at = self._now()
        status, error = post(self._config, notification.body)
        next_try_at = self._next_try(notification, status) if error else None
        state = "DELIVERED" if error is None else "WAITING" if next_try_at else "GIVEN_UP"
        tried: Json = {"tried_at": timestamp(tried_at), "status": status, "error": error}
        self._store.record_try(notification, tried, state=state, next_try_at=next_try_at)
        log.info(
            "notification",
            extra={
                "transaction_id": notification.transaction_id,
                "transaction_status": notification.body.get("transaction_status"),
                "tries": len(notification.tries) + 1,
                "status": status,
                "error": error,
                "state": state,
            },
        )

    def _next_try(self, notification: Notification, status: int | None) -> datetime | None:
        allowed = RETRIES.get(status or 0, len(RETRY_AFTER))
        if notification.first_try_at is None or len(notification.tries) >= allowed:
            return None
        pause = RETRY_AFTER[len(notification.tries)] * self._config.retry_scale
        return notification.first_try_at + pause


def post(config: MidtransConfig, body: Json) -> tuple[int | None, str | None]:
    """The status if there was one, and what went wrong if it was not a 2xx in time."""
    url = urlsplit(config.webhook_url)
    is_secure = url.scheme == "https"
    connect = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
    connection = connect(url.hostname or "", url.port, timeout=config.timeout)
    headers = {"content-type": "application/json", "user-agent": "midtrans-simulator"}
    try:
        connection.request("POST", url.path or "/", json.dumps(body).encode(), headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return None, type(error).__name__
    finally:
        connection.close()
    return status, None if 200 <= status < 300 else f"answered {status}"
