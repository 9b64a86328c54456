"""Play the channel that gives money back, and the colleague who does it in the dashboard."""

from shop.local.simulator.errors import Json, not_found
from shop.local.simulator.refund_store import Refund, RefundStore
from shop.local.simulator.refunds import Refunds
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.store import Store

from .reading import amount_in, choice, invalid, request_named_in, word

OUTCOMES = ("succeeded", "failed")


class RefundControl:
    def __init__(self, store: RefundStore, requests: Store, refunds: Refunds) -> None:
        self._store = store
        self._requests = requests
        self._refunds = refunds
        self.routes = (
            Route("POST", "/_sim/refunds/settle", self.settle),
            Route("POST", "/_sim/refunds/create", self.create),
            Route("GET", "/_sim/refunds", self.list_refunds),
        )

    def settle(self, request: Request) -> Response:
        body = request.json()
        refund = self._named_in(body)
        return json_response(200, self._settled(refund, body).document)

    def create(self, request: Request) -> Response:
        """As from the dashboard: the shop did not ask for it, so it bears no reference."""
        body = request.json()
        of = request_named_in(body, self._requests)
        wanted: Json = {
            "payment_request_id": of.id,
            "amount": amount_in(body),
            "reason": word(body, "reason", default="OTHERS"),
        }
        refund = self._refunds.create(wanted)
        if "outcome" in body:
            refund = self._settled(refund, body)
        return json_response(200, refund.document)

    def _settled(self, refund: Refund, body: Json) -> Refund:
        outcome = choice(body, "outcome", OUTCOMES, default="succeeded")
        failure_code = word(body, "failure_code", default="REFUND_FAILED")
        failed = outcome == "failed"
        return self._refunds.settle(refund.id, failure_code=failure_code if failed else None)

    def list_refunds(self, request: Request) -> Response:
        found = self._store.newest(limit=request.limit(default=100))
        return json_response(200, {"data": [each.document for each in found]})

    def _named_in(self, body: Json) -> Refund:
        """By id, by reference, or the newest of a payment request."""
        if "refund_id" in body:
            return self._refunds.get(str(body["refund_id"]))
        if "reference_id" in body:
            found = self._store.by_reference(str(body["reference_id"]))
        elif "payment_request_id" in body:
            found = self._store.of_request(str(body["payment_request_id"]))
        else:
            raise invalid("name refund_id, reference_id or payment_request_id")
        if not found:
            raise not_found("refund")
        return found[0]
