"""Move the simulator's clock, or stop it. Only forward: what happened stays in the past."""

from collections.abc import Callable
from datetime import timedelta

from shop.local.simulator.clock import timestamp
from shop.local.simulator.errors import Json
from shop.local.simulator.movable_clock import MovableClock
from shop.local.simulator.routing import Request, Response, Route, json_response

from .reading import flag, number

UNITS = ("days", "hours", "minutes", "seconds")
FARTHEST = 10_000.0


class ClockControl:
    def __init__(self, clock: MovableClock, run_due: Callable[[], None]) -> None:
        self._clock = clock
        self._run_due = run_due
        self.routes = (
            Route("GET", "/_sim/clock", self.show),
            Route("POST", "/_sim/clock", self.move),
        )

    def show(self, _request: Request) -> Response:
        now = timestamp(self._clock())
        return json_response(200, {"now": now, "is_stopped": self._clock.is_stopped})

    def move(self, request: Request) -> Response:
        """When it answers, all that was due by then is done, and webhooks are on their way."""
        body = request.json()
        if "stop" in body:
            if flag(body, "stop"):
                self._clock.stop()
            else:
                self._clock.run()
        self._clock.advance(_step(body))
        self._run_due()
        return self.show(request)


def _step(body: Json) -> timedelta:
    return timedelta(**{unit: number(body, unit, default=0.0, highest=FARTHEST) for unit in UNITS})
