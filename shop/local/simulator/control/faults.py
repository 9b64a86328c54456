"""Arm trouble, see what is armed, clear it; and chaos."""

import dataclasses
import secrets

from shop.local.simulator.chaos import DEFAULT_INTENSITY, Chaos
from shop.local.simulator.errors import Json
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.troubles import API_MODES, WEBHOOK_MODES, Trouble, Troubles

from .reading import flag, invalid, number, word

LONGEST = 86_400.0


class FaultControl:
    def __init__(self, troubles: Troubles, chaos: Chaos) -> None:
        self._troubles = troubles
        self._chaos = chaos
        self.routes = (
            Route("GET", "/_sim/faults", self.show),
            Route("POST", "/_sim/faults", self.arm),
            Route("POST", "/_sim/faults/clear", self.clear),
            Route("POST", "/_sim/chaos", self.stir),
        )

    def show(self, _request: Request) -> Response:
        armed = [dataclasses.asdict(each) for each in self._troubles.armed()]
        chaos = {"seed": self._chaos.seed, "intensity": self._chaos.intensity}
        return json_response(
            200, {"data": armed, "chaos": None if self._chaos.seed is None else chaos}
        )

    def arm(self, request: Request) -> Response:
        self._troubles.arm(trouble_in(request.json()))
        return self.show(request)

    def clear(self, request: Request) -> Response:
        """One by its `id`, or all. Chaos goes on."""
        body = request.json()
        self._troubles.clear(_whole(body, "id", default=0) or None)
        return self.show(request)

    def stir(self, request: Request) -> Response:
        """Without a seed one is drawn; `off` ends it."""
        body = request.json()
        if flag(body, "off"):
            self._chaos.stop()
        else:
            seed = _whole(body, "seed", default=secrets.randbelow(10**6) + 1)
            intensity = number(body, "intensity", default=DEFAULT_INTENSITY, highest=1)
            self._chaos.start(seed, intensity)
        return self.show(request)


def trouble_in(body: Json) -> Trouble:
    """For one call; with a probability and no `calls`, until it is cleared."""
    mode = word(body, "mode", default="?")
    default_seconds = (API_MODES | WEBHOOK_MODES).get(mode, 0.0)
    is_counted = "calls" in body or "probability" not in body
    return Trouble(
        target=word(body, "on", default="?"),
        mode=mode,
        event=word(body, "event", default="*").replace("*", ""),
        calls_left=_whole(body, "calls", default=1) if is_counted else None,
        probability=number(body, "probability", default=1.0, highest=1),
        seconds=number(body, "seconds", default=default_seconds, highest=LONGEST),
        times=_whole(body, "times", default=1),
    )


def _whole(body: Json, name: str, *, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**9:
        return value
    raise invalid(f"{name} must be a whole number")
