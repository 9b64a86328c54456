"""Switches: read them all, set some of them."""

from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.settings import Settings


class SettingsControl:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.routes = (
            Route("GET", "/_sim/settings", self.show),
            Route("POST", "/_sim/settings", self.change),
        )

    def show(self, _request: Request) -> Response:
        return json_response(200, self._settings.all())

    def change(self, request: Request) -> Response:
        self._settings.change(request.json())
        return json_response(200, self._settings.all())
