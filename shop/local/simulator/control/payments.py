"""Play the payer: pay, fail, let the time run out."""

from shop.local.simulator.clock import parse_timestamp
from shop.local.simulator.errors import Json
from shop.local.simulator.lifecycle import Lifecycle
from shop.local.simulator.paying import Arrival
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.store import PaymentRequest, Store

from .reading import amount_in, flag, invalid, request_named_in, word


class PaymentControl:
    def __init__(self, store: Store, lifecycle: Lifecycle) -> None:
        self._store = store
        self._lifecycle = lifecycle
        self.routes = (
            Route("POST", "/_sim/pay", self.pay),
            Route("POST", "/_sim/fail", self.fail),
            Route("POST", "/_sim/expire", self.expire),
            Route("GET", "/_sim/requests", self.list_requests),
        )

    def pay(self, request: Request) -> Response:
        body = request.json()
        payment = self._lifecycle.pay(
            self._named_in(body).id,
            arrival=_arrival_in(body),
            force_late=flag(body, "force_late"),
            force_duplicate=flag(body, "force_duplicate"),
        )
        return json_response(200, payment)

    def fail(self, request: Request) -> Response:
        body = request.json()
        payment = self._lifecycle.fail(
            self._named_in(body).id,
            failure_code=word(body, "failure_code", default="USER_DECLINED_PAYMENT"),
            is_silent=flag(body, "silent"),
        )
        return json_response(200, payment)

    def expire(self, request: Request) -> Response:
        body = request.json()
        expired = self._lifecycle.expire(self._named_in(body).id, is_silent=flag(body, "silent"))
        return json_response(200, expired.document)

    def list_requests(self, request: Request) -> Response:
        reference_id = request.argument("reference_id")
        limit = request.limit(default=100)
        if reference_id:
            found = self._store.requests_by_reference(reference_id)[:limit]
        else:
            found = self._store.requests(limit=limit)
        return json_response(200, {"data": [each.document for each in found]})

    def _named_in(self, body: Json) -> PaymentRequest:
        return request_named_in(body, self._store)


def _arrival_in(body: Json) -> Arrival:
    """`when`: the moment of the capture, perhaps long before anybody is told."""
    try:
        captured_at = parse_timestamp(word(body, "when", default="?")) if "when" in body else None
    except ValueError:
        raise invalid("when must be an ISO 8601 time with a zone") from None
    return Arrival(
        amount=amount_in(body),
        currency=word(body, "currency", default="IDR") if "currency" in body else None,
        captured_at=captured_at,
        payer=word(body, "payer", default="?") if "payer" in body else None,
    )
