"""All of Midtrans' side, put together."""

from collections.abc import Callable

from shop.local.simulator.api.faults import Faults
from shop.local.simulator.clock import Now
from shop.local.simulator.database import Database
from shop.local.simulator.routing import Room
from shop.local.simulator.ticker import Ticker
from shop.local.simulator.troubles import Troubles
from shop.local.simulator.xendit import from_here

from . import api, control, pages
from .lifecycle import Lifecycle
from .notifications import Announcer, MidtransConfig, NotificationEngine
from .report import Reports
from .store import MidtransStore


class Midtrans:
    """`rooms` in the order in which they are asked, `jobs` for the ticker.

    What is armed strikes both gateways: `troubles` notifications, `faults` calls.
    """

    def __init__(
        self,
        config: MidtransConfig,
        database: Database,
        troubles: Troubles,
        faults: Faults,
        *,
        url: str,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        store = MidtransStore(database)
        announcer = Announcer(store, troubles, config, now=now)
        self.lifecycle = Lifecycle(store, announcer, public_url=url, now=now, wake=wake)
        self.notifications = NotificationEngine(store, config, now=now)
        self.jobs = (self.lifecycle.sweep, self.notifications.dispatch_due)
        asked = api.Api(self.lifecycle, announcer, faults, server_key=config.server_key)
        reports = Reports(store, now=now)
        played = control.Control(store, self.lifecycle, reports)
        self.rooms = (
            Room(api.PREFIXES, asked.respond),
            Room((f"{control.PREFIX}/",), from_here(played.respond)),
            Room(pages.PREFIXES, from_here(pages.Pages(store, self.lifecycle, reports).respond)),
        )

    def start(self, ticker: Ticker) -> None:
        self.notifications.start(ticker)
