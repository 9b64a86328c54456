"""Where somebody runs the gateway: its lists, and every control call as a form."""

import json
from dataclasses import dataclass, replace
from typing import Any

from shop.local.simulator.books import Books
from shop.local.simulator.chaos import Chaos
from shop.local.simulator.deliveries import Deliveries
from shop.local.simulator.errors import ApiError, Json
from shop.local.simulator.markup import desk
from shop.local.simulator.movable_clock import MovableClock
from shop.local.simulator.refund_store import RefundStore
from shop.local.simulator.routing import Request, Response, Route, View, redirect
from shop.local.simulator.session_store import SessionStore
from shop.local.simulator.settings import Settings
from shop.local.simulator.store import Store
from shop.local.simulator.transaction_store import TransactionStore, Wanted
from shop.local.simulator.troubles import Troubles

from .answers import html

LISTED = 50
# What a form sends as text and a control call wants as something else. The rest stays text.
FLAGS = frozenset({"all", "early", "force", "force_duplicate", "force_late", "off", "same_id"})
FLAGS |= {"silent", "stop"}
WHOLE = frozenset({"amount", "calls", "id", "rate_limit", "seed", "times"})
FRACTIONS = frozenset({"days", "hours", "intensity", "probability", "refund_delay", "seconds"})
WORD_OR_NUMBER = frozenset({"balance", "settlement_delay"})
LISTS = frozenset({"no_partial_refunds", "no_refunds"})


@dataclass(frozen=True, slots=True)
class Tables:
    """All that is shown."""

    requests: Store
    sessions: SessionStore
    refunds: RefundStore
    transactions: TransactionStore
    deliveries: Deliveries


class DeskPages:
    """`control` answers the control calls that the forms make."""

    def __init__(
        self,
        tables: Tables,
        books: Books,
        troubles: Troubles,
        chaos: Chaos,
        settings: Settings,
        clock: MovableClock,
        *,
        control: View,
    ) -> None:
        self._tables = tables
        self._books = books
        self._troubles = troubles
        self._chaos = chaos
        self._settings = settings
        self._clock = clock
        self._control = control
        self.routes = (
            Route("GET", "/", self.index),
            Route("GET", "/desk/refunds", self.refunds),
            Route("GET", "/desk/money", self.money),
            Route("GET", "/desk/webhooks", self.webhooks),
            Route("GET", "/desk/trouble", self.trouble),
            Route("POST", "/do/(?P<call>[a-z/-]+)", self.do),
        )

    def index(self, request: Request) -> Response:
        wanted = request.argument("q")
        return html(self._found(wanted) if wanted else self._newest())

    def _newest(self) -> str:
        requests = self._tables.requests
        return desk.index(
            requests.open_requests(limit=LISTED),
            requests.requests_over(limit=LISTED),
            self._tables.sessions.newest(limit=LISTED),
            wanted="",
        )

    def _found(self, wanted: str) -> str:
        """By virtual account number (spaces allowed), reference or id; whatever the status."""
        requests, sessions = self._tables.requests, self._tables.sessions
        request, session = requests.request(wanted), sessions.get(wanted)
        found = (
            requests.requests_by_number(wanted.replace(" ", ""))
            or requests.requests_by_reference(wanted)
            or ([request] if request else [])
        )
        sessions_found = sessions.by_reference(wanted) or ([session] if session else [])
        return desk.index([], found, sessions_found, wanted=wanted)

    def refunds(self, _request: Request) -> Response:
        return html(desk.refund_list(self._tables.refunds.newest(limit=LISTED)))

    def money(self, _request: Request) -> Response:
        rows = self._tables.transactions.page(Wanted(), limit=LISTED)
        return html(desk.money(rows, self._books.balance()))

    def webhooks(self, _request: Request) -> Response:
        return html(desk.webhook_list(self._tables.deliveries.newest(limit=LISTED)))

    def trouble(self, _request: Request) -> Response:
        armed, chaos = self._troubles.armed(), self._chaos.as_json()
        return html(desk.trouble(armed, chaos, self._settings.all(), self._clock))

    def do(self, request: Request, call: str) -> Response:
        """Make a control call out of a form, and go back to where the form was."""
        form = request.form()
        back = form.pop("back", "/")
        body = json.dumps(_typed(form)).encode()
        self._control(replace(request, path=f"/_sim/{call}", body=body))
        is_ours = back.startswith("/") and not back.startswith("//") and back.isprintable()
        return redirect(back if is_ours else "/")


def _typed(form: dict[str, str]) -> Json:
    """What was left empty is not said at all, except for a list: that is empty then."""
    typed: Json = {}
    for name, text in form.items():
        if name in LISTS:
            typed[name] = [each.strip() for each in text.split(",") if each.strip()]
        elif text:
            typed[name] = _value(name, text)
    return typed


def _value(name: str, text: str) -> Any:
    if name in FLAGS:
        return text == "on"
    try:
        if name in WHOLE:
            return int(text)
        return float(text) if name in FRACTIONS else _loose(name, text)
    except ValueError:
        raise ApiError(400, "API_VALIDATION_ERROR", f"{name} must be a number") from None


def _loose(name: str, text: str) -> Any:
    is_number = name in WORD_OR_NUMBER and text[0].isdigit()
    return int(text) if is_number else text
