"""The developer's side: calls under /_sim that play the payer, the bank and the clock."""

import uuid
from collections.abc import Callable

from .clock import Now, timestamp
from .errors import ApiError, Json, not_found
from .lifecycle import Lifecycle
from .routing import Request, Response, Route, dispatch, json_response
from .store import Delivery, PaymentRequest, Store


class Control:
    def __init__(
        self, store: Store, lifecycle: Lifecycle, *, now: Now, wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._lifecycle = lifecycle
        self._now = now
        self._wake = wake
        self._routes = (
            Route("POST", "/_sim/pay", self.pay),
            Route("POST", "/_sim/fail", self.fail),
            Route("POST", "/_sim/expire", self.expire),
            Route("POST", "/_sim/resend", self.resend),
            Route("GET", "/_sim/requests", self.list_requests),
            Route("GET", "/_sim/deliveries", self.list_deliveries),
        )

    def respond(self, request: Request) -> Response:
        return dispatch(self._routes, request)

    def pay(self, request: Request) -> Response:
        body = request.json()
        payment = self._lifecycle.pay(
            self._named_in(body).id,
            amount=_amount(body),
            force_late=_flag(body, "force_late"),
            force_duplicate=_flag(body, "force_duplicate"),
        )
        return json_response(200, payment)

    def fail(self, request: Request) -> Response:
        body = request.json()
        code = body.get("failure_code", "USER_DECLINED_PAYMENT")
        if not isinstance(code, str) or not code:
            raise _invalid("failure_code must be a string")
        payment = self._lifecycle.fail(
            self._named_in(body).id, failure_code=code, is_silent=_flag(body, "silent")
        )
        return json_response(200, payment)

    def expire(self, request: Request) -> Response:
        expired = self._lifecycle.expire(self._named_in(request.json()).id)
        return json_response(200, expired.document)

    def resend(self, request: Request) -> Response:
        """Send one webhook, or all of a payment request, once more.

        Under a new webhook-id, as when the provider replays; `same_id` repeats the old one.
        """
        body = request.json()
        keeps_id = _flag(body, "same_id")
        originals = self._originals(body)
        sent = [each.webhook_id if keeps_id else str(uuid.uuid4()) for each in originals]
        with self._store.transaction():
            for original, webhook_id in zip(originals, sent, strict=True):
                self._store.add_delivery(
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
            found = self._store.deliveries_of_webhook(str(body["webhook_id"]))
            if not found:
                raise not_found(f"webhook {body['webhook_id']}")
        else:
            found = self._store.deliveries_of_request(self._named_in(body).id)
        events = {(each.event, each.data.get("payment_id")): each for each in found}
        return list(reversed(events.values()))

    def list_requests(self, request: Request) -> Response:
        reference_id = request.argument("reference_id")
        limit = request.limit(default=100)
        if reference_id:
            found = self._store.requests_by_reference(reference_id)[:limit]
        else:
            found = self._store.requests(limit=limit)
        return json_response(200, {"data": [each.document for each in found]})

    def list_deliveries(self, request: Request) -> Response:
        request_id = request.argument("payment_request_id")
        limit = request.limit(default=100)
        if request_id:
            found = self._store.deliveries_of_request(request_id)[:limit]
        else:
            found = self._store.deliveries(limit=limit)
        return json_response(200, {"data": [_delivery(each) for each in found]})

    def _named_in(self, body: Json) -> PaymentRequest:
        """By id, by reference (the newest that bears it) or by virtual account number."""
        if "payment_request_id" in body:
            return self._lifecycle.get(str(body["payment_request_id"]))
        if "reference_id" in body:
            found = self._store.requests_by_reference(str(body["reference_id"]))
        elif "virtual_account_number" in body:
            found = self._store.requests_by_number(str(body["virtual_account_number"]))
        else:
            raise _invalid("name payment_request_id, reference_id or virtual_account_number")
        if not found:
            raise not_found("payment request")
        return found[0]


def _amount(body: Json) -> int | None:
    amount = body.get("amount")
    if amount is None or (isinstance(amount, int) and not isinstance(amount, bool) and amount > 0):
        return amount
    raise _invalid("amount must be a whole number of rupiah above zero")


def _flag(body: Json, name: str) -> bool:
    value = body.get(name, False)
    if isinstance(value, bool):
        return value
    raise _invalid(f"{name} must be true or false")


def _invalid(message: str) -> ApiError:
    return ApiError(400, "API_VALIDATION_ERROR", message)


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
