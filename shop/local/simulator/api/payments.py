"""Payment requests and payments, as the shop sees them."""

from shop.local.simulator.clock import Now
from shop.local.simulator.errors import ApiError, not_found
from shop.local.simulator.lifecycle import Lifecycle
from shop.local.simulator.paying import Arrival
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.store import Store
from shop.local.simulator.validation import validate_change, validate_create

from .paging import page_of


class PaymentApi:
    def __init__(self, store: Store, lifecycle: Lifecycle, *, now: Now) -> None:
        self._store = store
        self._lifecycle = lifecycle
        self._now = now
        requests = "/v3/payment_requests"
        one = rf"{requests}/(?P<request_id>[^/]+)"
        self.routes = (
            Route("POST", requests, self.create, "create"),
            Route("GET", requests, self.list_by_reference, "list"),
            Route("GET", one, self.show, "get"),
            Route("PATCH", one, self.change, "update"),
            Route("POST", rf"{one}/cancel", self.cancel, "cancel"),
            Route("POST", rf"{one}/simulate", self.simulate),
            Route("GET", "/v3/payments", self.list_payments, "list"),
            Route("GET", r"/v3/payments/(?P<payment_id>[^/]+)", self.show_payment, "get"),
        )

    def create(self, request: Request) -> Response:
        body = request.json()
        validate_create(body, now=self._now())
        return json_response(201, self._lifecycle.create(body).document)

    def list_by_reference(self, request: Request) -> Response:
        reference_id = request.argument("reference_id")
        if not reference_id:
            raise ApiError(400, "API_VALIDATION_ERROR", "reference_id is required")
        found = [each.document for each in self._store.requests_by_reference(reference_id)]
        return page_of(found, request, id_field="payment_request_id")

    def show(self, _request: Request, request_id: str) -> Response:
        return json_response(200, self._lifecycle.get(request_id).document)

    def change(self, request: Request, request_id: str) -> Response:
        """A virtual account may be given another amount, time or description."""
        body = request.json()
        validate_change(body, self._lifecycle.get(request_id).document, now=self._now())
        return json_response(200, self._lifecycle.change(request_id, body).document)

    def cancel(self, _request: Request, request_id: str) -> Response:
        return json_response(200, self._lifecycle.cancel(request_id).document)

    def simulate(self, request: Request, request_id: str) -> Response:
        """Xendit's own test call; the control calls can do more."""
        amount = request.json().get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            message = "amount must be a whole number of rupiah above zero"
            raise ApiError(400, "API_VALIDATION_ERROR", message)
        self._lifecycle.pay(request_id, arrival=Arrival(amount))
        message = (
            f"A simulated payment of {amount} for {request_id} is being processed. "
            "You will be informed of the result via a webhook."
        )
        return json_response(200, {"status": "PENDING", "message": message})

    def list_payments(self, request: Request) -> Response:
        """All money of one request: a channel's mistake may leave two payments under it."""
        request_id = request.argument("payment_request_id")
        if not request_id:
            raise ApiError(400, "API_VALIDATION_ERROR", "payment_request_id is required")
        found = self._store.payments_of_request(request_id)
        return page_of(found, request, id_field="payment_id")

    def show_payment(self, _request: Request, payment_id: str) -> Response:
        payment = self._store.payment(payment_id)
        if payment is None:
            raise not_found(f"payment {payment_id}")
        return json_response(200, payment)
