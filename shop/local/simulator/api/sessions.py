"""Payment sessions, as the shop sees them. There is no list: look up what was paid in one."""

from shop.local.simulator.clock import Now
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.session_validation import validate_session
from shop.local.simulator.sessions import Sessions


class SessionApi:
    def __init__(self, sessions: Sessions, *, now: Now) -> None:
        self._sessions = sessions
        self._now = now
        one = "/sessions/(?P<session_id>[^/]+)"
        self.routes = (
            Route("POST", "/sessions", self.create, "session"),
            Route("GET", one, self.show, "get"),
            Route("POST", f"{one}/cancel", self.cancel, "cancel"),
        )

    def create(self, request: Request) -> Response:
        body = request.json()
        validate_session(body, now=self._now())
        return json_response(201, self._sessions.create(body).document)

    def show(self, _request: Request, session_id: str) -> Response:
        return json_response(200, self._sessions.get(session_id).document)

    def cancel(self, _request: Request, session_id: str) -> Response:
        return json_response(200, self._sessions.cancel(session_id).document)
