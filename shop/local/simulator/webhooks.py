"""Delivers webhooks as Xendit does: until a 2xx, by a fixed schedule counted from the first try.

`webhook-id` stays the same through all tries of an event, `created` is the moment of each try.
Order is not promised, and a try cut off by the end of the process is made again.
"""

import http.client
import json
import logging
import queue
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from .books import BUSINESS_ID
from .clock import Now, timestamp
from .deliveries import Deliveries, Delivery, Try
from .errors import Json
from .ticker import Ticker

log = logging.getLogger(__name__)

RETRY_AFTER = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
WORKERS = 8


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where webhooks go. `timeout` in seconds; a slower answer counts as none."""

    url: str
    token: str
    timeout: float = 30.0
    retry_scale: float = 1.0


class WebhookEngine:
    def __init__(self, deliveries: Deliveries, receiver: Receiver, *, now: Now) -> None:
        self._deliveries = deliveries
        self._receiver = receiver
        self._now = now
        self._claimed: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._under_way = 0
        self._idle = threading.Condition()

    def start(self, ticker: Ticker) -> None:
        self._deliveries.requeue_interrupted()
        for number in range(WORKERS):
            # Daemons, because a receiver that never answers must not hold up the end.
            name = f"webhook-{number}"
            threading.Thread(target=self._work, args=(ticker,), name=name, daemon=True).start()

    def dispatch_due(self) -> datetime | None:
        """Hand what is due to the workers; return when the next is due."""
        # Together, or what is claimed but not yet counted would pass for idle.
        with self._idle:
            due = self._deliveries.claim(self._now())
            self._under_way += len(due)
        for delivery in due:
            self._claimed.put(delivery)
        return self._deliveries.next_due()

    def wait_until_idle(self, timeout: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, timeout)

    def _work(self, ticker: Ticker) -> None:
        while True:
            delivery = self._claimed.get()
            try:
                self._deliver(delivery)
            except Exception:
                # The row stays SENDING and goes out again after the next start.
                log.exception("delivery-failed", extra={"webhook_id": delivery.webhook_id})
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()
            ticker.wake()

    def _deliver(self, delivery: Delivery) -> None:
        tried_at = self._now()
        status, error = send(
            self._receiver, headers=self._headers(delivery), body=_body(delivery, tried_at)
        )
        if error is None:
            state, next_try_at = "DELIVERED", None
        else:
            next_try_at = self._next_try(delivery)
            state = "WAITING" if next_try_at else "GIVEN_UP"
        outcome = Try(tried_at, status, error)
        self._deliveries.record_try(delivery, outcome, state=state, next_try_at=next_try_at)
        log.info(
            "webhook",
            extra={
                "webhook_id": delivery.webhook_id,
                "webhook_event": delivery.event,
                "payment_request_id": delivery.payment_request_id,
                "tries": len(delivery.tries) + 1,
                "status": status,
                "error": error,
                "state": state,
            },
        )

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        token = self._receiver.token
        if delivery.is_altered and delivery.alteration == "wrong_token":
            token = f"{token[::-1]}x"
        headers = {
            "content-type": "application/json",
            "user-agent": "xendit-simulator",
            "x-callback-token": token,
            "webhook-id": delivery.webhook_id,
        }
        if delivery.is_altered and delivery.alteration == "no_token":
            del headers["x-callback-token"]
        return headers

    def _next_try(self, delivery: Delivery) -> datetime | None:
        if delivery.first_try_at is None or len(delivery.tries) >= len(RETRY_AFTER):
            return None
        if delivery.raw is not None:
            # A forger does not insist.
            return None
        pause = RETRY_AFTER[len(delivery.tries)] * self._receiver.retry_scale
        return delivery.first_try_at + pause


def _body(delivery: Delivery, tried_at: datetime) -> bytes:
    if delivery.raw is not None:
        return delivery.raw.encode()
    envelope: Json = {
        "event": delivery.event,
        "business_id": BUSINESS_ID,
        "created": timestamp(tried_at),
        "data": delivery.data,
        "api_version": "v3",
    }
    body = json.dumps(envelope).encode()
    is_cut = delivery.is_altered and delivery.alteration == "truncate"
    return body[: len(body) // 2] if is_cut else body


def send(
    receiver: Receiver, *, headers: dict[str, str], body: bytes
) -> tuple[int | None, str | None]:
    """One POST: the status if there was one, and what went wrong if it was not a 2xx in time.

    No redirect is followed, no proxy of the environment asked.
    """
    url = urlsplit(receiver.url)
    secure = url.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(url.hostname or "", url.port, timeout=receiver.timeout)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    began = time.monotonic()
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return None, type(error).__name__
    finally:
        connection.close()
    if time.monotonic() - began > receiver.timeout:
        return status, "TimeoutError"
    return status, None if 200 <= status < 300 else f"answered {status}"
