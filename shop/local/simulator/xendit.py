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
from .clock import Now
from .config import Config
from .control import Control
from .control.books import BookControl
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
    """`rooms` in the order in which they are asked, `jobs` for the ticker."""

    def __init__(
        self,
        config: Config,
        database: Database,
        *,
        url: str,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        history = History(database)
        self.chaos = Chaos()
        if config.chaos:
            self.chaos.start(*config.chaos)
        self.troubles = troubles = Troubles(database, self.chaos)
        self.faults = Faults(troubles, history, now=now)
        self.store = store = Store(database, history)
        self.deliveries = deliveries = Deliveries(database)
        refund_store = RefundStore(database, history)
        settings = Settings(database, defaults={"refund_delay": config.refund_delay})
        announcer = Announcer(deliveries, troubles, now=now)
        self.webhooks = WebhookEngine(deliveries, config.receiver, now=now)
        transactions = TransactionStore(database, history)
        self.books = books = Books(transactions, settings, now=now, wake=wake)
        self.lifecycle = Lifecycle(store, announcer, books, public_url=url, now=now, wake=wake)
        refunds = Refunds(refund_store, store, announcer, settings, books, now=now, wake=wake)
        session_store = SessionStore(database, history)
        sessions = Sessions(
            session_store, self.lifecycle, announcer, public_url=url, now=now, wake=wake
        )
        self.jobs = (
            self.lifecycle.sweep,
            refunds.sweep,
            books.sweep,
            sessions.sweep,
            self.webhooks.dispatch_due,
        )
        api = Api(
            (
                *PaymentApi(store, self.lifecycle, now=now).routes,
                *RefundApi(refund_store, refunds).routes,
                *SessionApi(sessions, now=now).routes,
                *TransactionApi(transactions, books).routes,
            ),
            self.faults,
            Limits(settings, now=now),
            secret_key=config.secret_key,
        )
        control = Control(
            (
                *PaymentControl(store, self.lifecycle).routes,
                *RefundControl(refund_store, store, refunds).routes,
                *SessionControl(session_store, sessions).routes,
                *BookControl(transactions, store, books).routes,
                *WebhookControl(store, deliveries, now=now, wake=wake).routes,
                *SettingsControl(settings).routes,
                *FaultControl(troubles, self.chaos).routes,
            )
        )
        tables = Tables(store, session_store, refund_store, transactions, deliveries)
        desk = DeskPages(tables, books, troubles, self.chaos, settings, control=control.respond)
        pages = Pages(
            (
                *desk.routes,
                *PayerPages(store, deliveries, refund_store, books, self.lifecycle).routes,
                *SessionPages(store, deliveries, sessions).routes,
            )
        )
        self.rooms = (
            Room(PREFIXES, api.respond),
            Room(("/_sim/",), from_here(control.respond)),
            Room(("",), from_here(pages.respond)),
        )

    def start(self, ticker: Ticker) -> None:
        with self.store.transaction():
            for payment in self.store.unbooked_payments():
                self.books.book_payment(payment)
        self.webhooks.start(ticker)


def from_here(respond: View) -> View:
    """A page elsewhere on the web must not press this simulator's buttons."""

    def guarded(request: Request) -> Response:
        if request.method != "GET" and request.headers.get("sec-fetch-site") == "cross-site":
            raise ApiError(403, "REQUEST_FORBIDDEN_ERROR", "pressed from another site")
        return respond(request)

    return guarded
