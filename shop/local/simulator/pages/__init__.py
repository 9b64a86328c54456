"""What a person sees: plain HTML and forms, under a policy that allows nothing else."""

from collections.abc import Sequence
from pathlib import Path

from shop.local.simulator.errors import ApiError
from shop.local.simulator.markup import frame
from shop.local.simulator.routing import Request, Response, Route, dispatch

from .answers import html

STYLES = Path(__file__).parent.parent / "static" / "simulator.css"


class Pages:
    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = (*routes, Route("GET", "/static/simulator.css", self.styles))

    def respond(self, request: Request) -> Response:
        try:
            return dispatch(self._routes, request)
        except ApiError as error:
            return html(frame.refusal(error.message), status=error.status)

    def styles(self, _request: Request) -> Response:
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"}
        return Response(200, STYLES.read_bytes(), headers)
