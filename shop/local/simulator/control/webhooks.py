"""Send webhooks again, and see what became of them."""

import json
import re
import uuid
from collections.abc import Callable

from shop.local.simulator.clock import Now, timestamp
from shop.local.simulator.deliveries import Deliveries, Delivery
from shop.local.simulator.errors import Json, not_found
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.store import Store

from .reading import choice, flag, invalid, request_named_in, word

# What a forger knows, and the alteration that it amounts to.
TOKENS = {"right": "", "wrong": "wrong_token", "none": "no_token"}


class WebhookControl:
    def __init__(
        self, store: Store, deliveries: Deliveries, *, now: Now, wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._now = now
        self._wake = wake
        self.routes = (
            Route("POST", "/_sim/resend", self.resend),
            Route("POST", "/_sim/webhooks/forge", self.forge),
            Route("GET", "/_sim/deliveries", self.list_deliveries),
        )

    def resend(self, request: Request) -> Response:
        """Send one webhook, or all of a payment request, once more.

        Under a new webhook-id, as when the provider replays; `same_id` repeats the old one.
        """
        body = request.json()
        keeps_id = flag(body, "same_id")
        originals = self._originals(body)
        sent = [each.webhook_id if keeps_id else str(uuid.uuid4()) for each in originals]
        with self._store.transaction():
            for original, webhook_id in zip(originals, sent, strict=True):
                self._deliveries.add_again(original, webhook_id=webhook_id, due_at=self._now())
        self._wake()
        return json_response(200, {"webhook_ids": sent})

    def _originals(self, body: Json) -> list[Delivery]:
        """Oldest first, and each event once, however often it was resent already."""
        if "webhook_id" in body:
            found = self._deliveries.of_webhook(str(body["webhook_id"]))
            if not found:
                raise not_found(f"webhook {body['webhook_id']}")
        else:
            found = self._deliveries.of_request(request_named_in(body, self._store).id)
        ours = [each for each in found if each.raw is None or "webhook_id" in body]
        events = {(each.event, json.dumps(each.data), each.raw): each for each in ours}
        return list(reversed(events.values()))

    def forge(self, request: Request) -> Response:
        """Send any body, once: `body` as JSON or `raw` as it is, with whatever token."""
        given = request.json()
        if ("body" in given) == ("raw" in given):
            raise invalid("give either body or raw")
        raw = json.dumps(given["body"]) if "body" in given else word(given, "raw", default="?")
        webhook_id = word(given, "webhook_id", default=str(uuid.uuid4()))
        if not re.fullmatch(r"[\x21-\x7e]{1,200}", webhook_id):
            raise invalid("webhook_id must be ASCII without spaces, it becomes a header")
        token = choice(given, "token", tuple(TOKENS), default="right")
        with self._store.transaction():
            self._deliveries.add(
                webhook_id=webhook_id,
                event=word(given, "event", default="forged"),
                payment_request_id=_request_named_by(given.get("body")),
                data={},
                due_at=self._now(),
                alteration=TOKENS[token],
                altered_tries=1,
                raw=raw,
            )
        self._wake()
        return json_response(200, {"webhook_ids": [webhook_id]})

    def list_deliveries(self, request: Request) -> Response:
        request_id = request.argument("payment_request_id")
        limit = request.limit(default=100)
        if request_id:
            found = self._deliveries.of_request(request_id)[:limit]
        else:
            found = self._deliveries.newest(limit=limit)
        return json_response(200, {"data": [_delivery(each) for each in found]})


def _request_named_by(body: object) -> str:
    """So that a forgery is listed with what it pretends to be about."""
    data = body.get("data") if isinstance(body, dict) else None
    return str(data.get("payment_request_id", "")) if isinstance(data, dict) else ""


def _delivery(delivery: Delivery) -> Json:
    next_try_at = delivery.next_try_at if delivery.state == "WAITING" else None
    return {
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "payment_request_id": delivery.payment_request_id,
        "data": delivery.data,
        "is_forged": delivery.raw is not None,
        "alteration": delivery.alteration or None,
        "state": delivery.state,
        "tries": [
            {"tried_at": timestamp(each.tried_at), "status": each.status, "error": each.error}
            for each in delivery.tries
        ],
        "next_try_at": timestamp(next_try_at) if next_try_at else None,
    }
