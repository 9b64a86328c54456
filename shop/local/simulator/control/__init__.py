"""The developer's side: calls under /_sim that play the payer, the bank and the clock."""

from collections.abc import Sequence

from shop.local.simulator.routing import Request, Response, Route, dispatch


class Control:
    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    def respond(self, request: Request) -> Response:
        return dispatch(self._routes, request)
