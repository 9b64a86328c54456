"""Send webhooks again, and see what became of them."""

import uuid
from collections.abc import Callable

from shop.local.simulator.clock import Now, timestamp
from shop.local.simulator.deliveries import Deliveries, Delivery
from shop.local.simulator.errors import Json, not_found
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.store import Store

from .reading import flag, request_named_in


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
                self._deliveries.add(
                    webhook_id=webhook_id,
                    event=original.event,
                    payment_request_id=original.payment_request_id,
                    data=original.data,
                    due_at=self._now(),
                )
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
        events = {(each.event, each.data.get("payment_id")): each for each in found}
        return list(reversed(events.values()))

    def list_deliveries(self, request: Request) -> Response:
        request_id = request.argument("payment_request_id")
        limit = request.limit(default=100)
        if request_id:
            found = self._deliveries.of_request(request_id)[:limit]
        else:
            found = self._deliveries.newest(limit=limit)
        return json_response(200, {"data": [_delivery(each) for each in found]})


def _delivery(delivery: Delivery) -> Json:
    next_try_at = delivery.next_try_at if delivery.state == "WAITING" else None
    return {
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "payment_request_id": delivery.payment_request_id,
        "data": delivery.data,
        "state": delivery.state,
        "tries": [
            {"tried_at": timestamp(each.tried_at), "status": each.status, "error": each.error}
            for each in delivery.tries
        ],
        "next_try_at": timestamp(next_try_at) if next_try_at else None,
    }
