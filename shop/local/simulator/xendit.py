"""Xendit put together: its tables, what moves them, and the addresses it answers."""

from collections.abc import Callable

from .announcing import Announcer
from .api import PREFIXES, Api
from .api.faults import Faults
from .api.limits import Limits
from .api.payments import PaymentApi
from .api.refunds import RefundApi
from .api.sessions import SessionApi
from .api.transactions import TransactionApi
from .books import Books
from .chaos import Chaos
from .config import Config
from .control import Control
from .control.books import BookControl
from .control.clock import ClockControl
from .control.faults import FaultControl
from .control.payments import PaymentControl
from .control.refunds import RefundControl
from .control.sessions import SessionControl
from .control.settings import SettingsControl
from .control.webhooks import WebhookControl
from .database import Database
from .deliveries import Deliveries
from .errors import ApiError
from .history import History
from .lifecycle import Lifecycle
from .movable_clock import MovableClock
from .pages import Pages
from .pages.desk import DeskPages, Tables
from .pages.payer import PayerPages
from .pages.session import SessionPages
from .refund_store import RefundStore
from .refunds import Refunds
from .routing import Request, Response, Room, View
from .session_store import SessionStore
from .sessions import Sessions
from .settings import Settings
from .store import Store
from .ticker import Ticker
from .transaction_store import TransactionStore
from .troubles import Troubles
from .webhooks import WebhookEngine


class Xendit:
    """`rooms` in the order in which they are asked, `jobs` for the ticker.

    `run_due` runs the jobs of all gateways; `troubles` and `faults` are for all of them too.
    """

    def __init__(
        self,
        config: Config,
        database: Database,
        *,
        url: str,
        clock: MovableClock,
        wake: Callable[[], None],
        run_due: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._wake = wake
        self._run_due = run_due
        history = History(database)
        self.chaos = Chaos()
        self.troubles = Troubles(database, self.chaos)
        self.faults = Faults(self.troubles, history, now=clock)
        self._settings = Settings(database, defaults={"refund_delay": config.refund_delay})
        deliveries = Deliveries(database)
        self.store = Store(database, history)
        self._tables = Tables(
            self.store,
            SessionStore(database, history),
            RefundStore(database, history),
            TransactionStore(database, history),
            deliveries,
        )
        self.webhooks = WebhookEngine(deliveries, config.receiver, now=clock)
        self._set_rules(Announcer(deliveries, self.troubles, now=clock), url)
        if config.chaos:
            self.chaos.start(*config.chaos)
        control = self._control()
        self.rooms = (
            Room(PREFIXES, self._api(config.secret_key).respond),
            Room(("/_sim/",), from_here(control.respond)),
            Room(("",), from_here(self._pages(control).respond)),
        )

    def start(self, ticker: Ticker) -> None:
        with self.store.transaction():
            for payment in self.store.unbooked_payments():
                self._books.book_payment(payment)
        self.webhooks.start(ticker)

    def _set_rules(self, announcer: Announcer, url: str) -> None:
        tables, settings, now, wake = self._tables, self._settings, self._clock, self._wake
        self._books = books = Books(tables.transactions, settings, now=now, wake=wake)
        self._lifecycle = Lifecycle(
            self.store, announcer, books, public_url=url, now=now, wake=wake
        )
        self._refunds = Refunds(
            tables.refunds, self.store, announcer, settings, books, now=now, wake=wake
        )
        self._sessions = Sessions(
            tables.sessions, self._lifecycle, announcer, public_url=url, now=now, wake=wake
        )
        self.jobs = (
            self._lifecycle.sweep,
            self._refunds.sweep,
            books.sweep,
            self._sessions.sweep,
            self.webhooks.dispatch_due,
        )

    def _api(self, secret_key: str) -> Api:
        tables, now = self._tables, self._clock
        routes = (
            *PaymentApi(self.store, self._lifecycle, now=now).routes,
            *RefundApi(tables.refunds, self._refunds).routes,
            *SessionApi(self._sessions, now=now).routes,
            *TransactionApi(tables.transactions, self._books).routes,
        )
        limits = Limits(self._settings, now=now)
        return Api(routes, self.faults, limits, secret_key=secret_key)

    def _control(self) -> Control:
        tables, store = self._tables, self.store
        webhooks = WebhookControl(store, tables.deliveries, now=self._clock, wake=self._wake)
        return Control(
            (
                *PaymentControl(store, self._lifecycle).routes,
                *RefundControl(tables.refunds, store, self._refunds).routes,
                *SessionControl(tables.sessions, self._sessions).routes,
                *BookControl(tables.transactions, store, self._books).routes,
                *webhooks.routes,
                *SettingsControl(self._settings).routes,
                *ClockControl(self._clock, self._run_due).routes,
                *FaultControl(self.troubles, self.chaos).routes,
            )
        )

    def _pages(self, control: Control) -> Pages:
        tables, store, books = self._tables, self.store, self._books
        desk = DeskPages(
            tables,
            books,
            self.troubles,
            self.chaos,
            self._settings,
            self._clock,
            control=control.respond,
        )
        payer = PayerPages(store, tables.deliveries, tables.refunds, books, self._lifecycle)
        session = SessionPages(store, tables.deliveries, self._sessions)
        return Pages((*desk.routes, *payer.routes, *session.routes))


def from_here(respond: View) -> View:
    """A page elsewhere on the web must not press this simulator's buttons."""

    def guarded(request: Request) -> Response:
        if request.method != "GET" and request.headers.get("sec-fetch-site") == "cross-site":
            raise ApiError(403, "REQUEST_FORBIDDEN_ERROR", "pressed from another site")
        return respond(request)

    return guarded
