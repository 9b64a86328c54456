"""Events become webhooks. Call it inside the transaction that makes the change."""

import uuid

from .clock import Now
from .deliveries import Deliveries
from .errors import Json


class Announcer:
    def __init__(self, deliveries: Deliveries, *, now: Now) -> None:
        self._deliveries = deliveries
        self._now = now

    def announce(self, event: str, data: Json, *, about: str) -> None:
        """`about`: the payment request that it concerns, or the session that has none yet."""
        self._deliveries.add(
            webhook_id=str(uuid.uuid4()),
            event=event,
            payment_request_id=about,
            data=data,
            due_at=self._now(),
        )
