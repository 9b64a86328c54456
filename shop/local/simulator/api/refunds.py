"""Refunds, as the shop sees them. These calls know no dated version."""

from shop.local.simulator.refund_store import Refund, RefundStore
from shop.local.simulator.refunds import Refunds
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.validation import validate_refund

from .paging import page_of


class RefundApi:
    def __init__(self, store: RefundStore, refunds: Refunds) -> None:
        self._store = store
        self._refunds = refunds
        one = "/refunds/(?P<refund_id>[^/]+)"
        self.routes = (
            Route("POST", "/refunds", self.create, "refund"),
            Route("GET", "/refunds", self.list_refunds, "list"),
            Route("GET", one, self.show, "get"),
            Route("POST", f"{one}/cancel", self.cancel, "cancel"),
        )

    def create(self, request: Request) -> Response:
        body = request.json()
        validate_refund(body)
        return json_response(200, self._refunds.create(body).document)

    def list_refunds(self, request: Request) -> Response:
        request_id = request.argument("payment_request_id")
        reference_id = request.argument("reference_id")
        found = self._found(request_id, reference_id)
        return page_of([each.document for each in found], request, id_field="id")

    def _found(self, request_id: str, reference_id: str) -> list[Refund]:
        if not request_id:
            return self._store.by_reference(reference_id) if reference_id else self._store.newest()
        found = self._store.of_request(request_id)
        return [each for each in found if reference_id in ("", each.reference_id)]

    def show(self, _request: Request, refund_id: str) -> Response:
        return json_response(200, self._refunds.get(refund_id).document)

    def cancel(self, _request: Request, refund_id: str) -> Response:
        return json_response(200, self._refunds.cancel(refund_id).document)
