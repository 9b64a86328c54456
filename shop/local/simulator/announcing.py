"""Events become webhooks, and meet what is armed for webhooks."""

import logging
import uuid
from datetime import timedelta
from typing import Any

from .clock import Now
from .deliveries import Deliveries
from .errors import Json
from .troubles import Trouble, Troubles

log = logging.getLogger(__name__)

ALTERATIONS = frozenset({"wrong_token", "no_token", "truncate"})
# Enough for the one ahead to have arrived.
OVERTAKING = timedelta(seconds=0.5)


class Announcer:
    def __init__(self, deliveries: Deliveries, troubles: Troubles, *, now: Now) -> None:
        self._deliveries = deliveries
        self._troubles = troubles
        self._now = now

    def announce(self, event: str, data: Json, *, about: str) -> None:
        """Call it inside the transaction that makes the change.

        `about`: the payment request that it concerns, or the session that has none yet.
        """
        now = self._now()
        webhook: dict[str, Any] = {
            "webhook_id": str(uuid.uuid4()),
            "event": event,
            "payment_request_id": about,
            "data": data,
            "due_at": now,
        }
        met = self._troubles.for_webhook(event)
        copies: list[str] = []
        for trouble in met:
            log.info("webhook-trouble", extra={"webhook_event": event, "mode": trouble.mode})
            webhook |= _changes(trouble, webhook)
            copies += _copies(trouble, str(webhook["webhook_id"]))
        if not webhook.get("is_held"):
            self._deliveries.let_pass(now + OVERTAKING)
        self._deliveries.add(**webhook)
        plain = webhook | {"alteration": "", "altered_tries": 0}
        for webhook_id in copies:
            self._deliveries.add(**plain | {"webhook_id": webhook_id})


def _changes(trouble: Trouble, webhook: dict[str, Any]) -> dict[str, Any]:
    later = webhook["due_at"] + timedelta(seconds=trouble.seconds)
    match trouble.mode:
        case "drop":
            return {"state": "DROPPED"}
        case "delay":
            return {"due_at": later}
        case "reorder":
            return {"due_at": later, "is_held": True}
        case mode if mode in ALTERATIONS:
            return {"alteration": mode, "altered_tries": trouble.times}
        case _:
            return {}


def _copies(trouble: Trouble, webhook_id: str) -> list[str]:
    """Their webhook-ids: a duplicate keeps it, a replay has another."""
    if trouble.mode == "duplicate":
        return [webhook_id] * trouble.times
    if trouble.mode == "replay":
        return [str(uuid.uuid4()) for _ in range(trouble.times)]
    return []
