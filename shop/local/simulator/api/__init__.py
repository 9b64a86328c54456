"""Xendit's side: the calls that a shop makes with its secret key."""

from collections.abc import Sequence
from functools import partial

from shop.local.simulator.errors import ApiError
from shop.local.simulator.keys import bears
from shop.local.simulator.routing import Request, Response, Route, found

from .faults import Faults
from .limits import Limits

API_VERSION = "2024-11-11"
PREFIXES = ("/v3/", "/refunds", "/transactions", "/balance", "/sessions")


class Api:
    """The `idempotency-key` header is ignored: v3 does not document it, nobody may rely on it."""

    def __init__(
        self, routes: Sequence[Route], faults: Faults, limits: Limits, *, secret_key: str
    ) -> None:
        self._routes = routes
        self._faults = faults
        self._limits = limits
        self._secret_key = secret_key

    def respond(self, request: Request) -> Response:
        self._authenticate(request)
        # Only the third version has dates.
        is_dated = request.path.startswith("/v3/")
        if is_dated and request.headers.get("api-version") != API_VERSION:
            message = f"the api-version header must be {API_VERSION}"
            raise ApiError(400, "API_VALIDATION_ERROR", message)
        route, answer = found(self._routes, request)
        troubled = partial(self._faults.around, route.kind, request, answer)
        return self._limits.around(f"{route.method} {route.pattern}", troubled)

    def _authenticate(self, request: Request) -> None:
        if not bears(request, self._secret_key):
            raise ApiError(
                401, "INVALID_API_KEY", "API key format is invalid or the key is unknown"
            )
