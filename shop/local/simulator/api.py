"""Xendit's side: the calls under /v3 that a shop makes with its secret key."""

import binascii
import hmac
from base64 import b64decode

from .clock import Now
from .errors import ApiError, not_found
from .lifecycle import Lifecycle
from .routing import Request, Response, Route, dispatch, json_response
from .store import Store
from .validation import validate_create

API_VERSION = "2024-11-11"


class Api:
    """The `idempotency-key` header is ignored: v3 does not document it, nobody may rely on it."""

    def __init__(self, store: Store, lifecycle: Lifecycle, *, secret_key: str, now: Now) -> None:
        self._store = store
        self._lifecycle = lifecycle
        self._secret_key = secret_key
        self._now = now
        requests = "/v3/payment_requests"
        one = rf"{requests}/(?P<request_id>[^/]+)"
        self._routes = (
            Route("POST", requests, self.create),
            Route("GET", requests, self.list_by_reference),
            Route("GET", one, self.show),
            Route("POST", rf"{one}/cancel", self.cancel),
            Route("POST", rf"{one}/simulate", self.simulate),
            Route("GET", r"/v3/payments/(?P<payment_id>[^/]+)", self.show_payment),
        )

    def respond(self, request: Request) -> Response:
        self._authenticate(request)
        if request.headers.get("api-version") != API_VERSION:
            message = f"the api-version header must be {API_VERSION}"
            raise ApiError(400, "API_VALIDATION_ERROR", message)
        return dispatch(self._routes, request)

    def _authenticate(self, request: Request) -> None:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            given = b64decode(credentials, validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        if not hmac.compare_digest(given, f"{self._secret_key}:".encode()):
            raise ApiError(
                401, "INVALID_API_KEY", "API key format is invalid or the key is unknown"
            )

    def create(self, request: Request) -> Response:
        body = request.json()
        validate_create(body, now=self._now())
        return json_response(201, self._lifecycle.create(body).document)

    def list_by_reference(self, request: Request) -> Response:
        reference_id = request.argument("reference_id")
        if not reference_id:
            raise ApiError(400, "API_VALIDATION_ERROR", "reference_id is required")
        limit = request.limit(default=10)
        found = self._store.requests_by_reference(reference_id)
        data = [each.document for each in found[:limit]]
        return json_response(200, {"data": data, "has_more": len(found) > limit})

    def show(self, _request: Request, request_id: str) -> Response:
        return json_response(200, self._lifecycle.get(request_id).document)

    def cancel(self, _request: Request, request_id: str) -> Response:
        return json_response(200, self._lifecycle.cancel(request_id).document)

    def simulate(self, request: Request, request_id: str) -> Response:
        """Xendit's own test call; the control calls can do more."""
        amount = request.json().get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            message = "amount must be a whole number of rupiah above zero"
            raise ApiError(400, "API_VALIDATION_ERROR", message)
        self._lifecycle.pay(request_id, amount=amount)
        message = (
            f"A simulated payment of {amount} for {request_id} is being processed. "
            "You will be informed of the result via a webhook."
        )
        return json_response(200, {"status": "PENDING", "message": message})

    def show_payment(self, _request: Request, payment_id: str) -> Response:
        payment = self._store.payment(payment_id)
        if payment is None:
            raise not_found(f"payment {payment_id}")
        return json_response(200, payment)
