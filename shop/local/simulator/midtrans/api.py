"""Midtrans' side: the calls that a shop makes with its server key."""

from collections.abc import Callable
from functools import partial

from shop.local.simulator.api.faults import Faults
from shop.local.simulator.errors import ApiError
from shop.local.simulator.keys import bears
from shop.local.simulator.routing import Request, Response, Route, found, json_response

from . import rules
from .errors import CoreError, PageError, missing
from .lifecycle import Lifecycle
from .notifications import Announcer
from .store import Transaction

PREFIXES = ("/v2/", "/snap/v1/")


class Api:
    def __init__(
        self, lifecycle: Lifecycle, announcer: Announcer, faults: Faults, *, server_key: str
    ) -> None:
        self._lifecycle = lifecycle
        self._announcer = announcer
        self._faults = faults
        self._server_key = server_key
        one = r"/v2/(?P<name>[^/]+)"
        pages = "/snap/v1/transactions"
        self._routes = (
            Route("POST", "/v2/charge", self.charge, "create"),
            Route("GET", f"{one}/status", self.status, "get"),
            Route("POST", f"{one}/cancel", self.cancel, "cancel"),
            Route("POST", f"{one}/expire", self.expire, "cancel"),
            Route("POST", f"{one}/refund", self.refund, "refund"),
            Route("POST", pages, self.open_page, "create"),
            Route("POST", rf"{pages}/(?P<token>[^/]+)/cancel", self.close_page, "cancel"),
        )

    def respond(self, request: Request) -> Response:
        return self._worded(request, partial(self._respond, request))

    def _respond(self, request: Request) -> Response:
        self._authenticate(request)
        route, answer = found(self._routes, request)
        return self._faults.around(route.kind, request, partial(self._worded, request, answer))

    def _worded(self, request: Request, answer: Callable[[], Response]) -> Response:
        """A refusal in Midtrans' words, which differ from one API of theirs to the other."""
        try:
            return answer()
        except (CoreError, PageError) as error:
            return error.response()
        except ApiError as error:
            if request.path.startswith("/snap/"):
                return PageError(error.status, error.message).response()
            return CoreError(error.status, error.message).response()

    def _authenticate(self, request: Request) -> None:
        if bears(request, self._server_key):
            return
        message = "Access denied due to unauthorized transaction, please check client or server key"
        if request.path.startswith("/snap/"):
            raise PageError(401, message)
        raise CoreError(401, message)

    # --- Core ------------------------------------------------------------------------------------
    def charge(self, request: Request) -> Response:
        return self._answer(self._lifecycle.charge(request.json()), "transaction is created")

    def status(self, request: Request, name: str) -> Response:
        return self._answer(self._known(request, name), "transaction is found")

    def cancel(self, request: Request, name: str) -> Response:
        known = self._known(request, name)
        return self._answer(self._lifecycle.cancel(known.id), "transaction is canceled")

    def expire(self, request: Request, name: str) -> Response:
        known = self._known(request, name)
        return self._answer(self._lifecycle.expire(known.id), "transaction is expired")

    def refund(self, request: Request, name: str) -> Response:
        body, known = request.json(), self._known(request, name)
        key, amount = body.get("refund_key"), body.get("amount")
        if not isinstance(key, str) or not rules.REFUND_KEY.fullmatch(key):
            raise CoreError(400, "refund_key is invalid")
        if amount is not None and (not isinstance(amount, int) or isinstance(amount, bool)):
            raise CoreError(400, "amount is invalid")
        changed, made = self._lifecycle.refund(
            known.id, key=key, amount=amount, reason=str(body.get("reason", ""))
        )
        named = ("refund_chargeback_id", "refund_amount", "refund_key")
        return self._answer(
            changed, "refund request is approved", **{name: made[name] for name in named}
        )

    def _known(self, request: Request, name: str) -> Transaction:
        """DANA is kept elsewhere, and found only by who says so."""
        known = self._lifecycle.get(name)
        is_elsewhere = known.document["payment_type"] == "dana"
        if is_elsewhere and request.headers.get("transaction-source") != "SNAP_API":
            raise missing()
        return known

    def _answer(self, transaction: Transaction, what: str, **more: object) -> Response:
        body = self._announcer.answer(transaction, message=f"Success, {what}")
        # A refund's own answer does not list the others.
        listed = {} if not more else {"refunds": None}
        shown = {name: value for name, value in (body | listed).items() if value is not None}
        return json_response(200, shown | more)

    # --- pages -----------------------------------------------------------------------------------
    def open_page(self, request: Request) -> Response:
        page, url = self._lifecycle.open_page(request.json())
        return json_response(201, {"token": page.token, "redirect_url": url})

    def close_page(self, _request: Request, token: str) -> Response:
        return json_response(200, {"canceled_at": self._lifecycle.close_page(token)})
