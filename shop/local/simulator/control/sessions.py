"""Play the payer on the page of a session."""

from shop.local.simulator.errors import Json, not_found
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.session_store import Session, SessionStore
from shop.local.simulator.sessions import APPROVED, REFUSALS, Sessions

from .reading import choice, flag, invalid


class SessionControl:
    def __init__(self, store: SessionStore, sessions: Sessions) -> None:
        self._store = store
        self._sessions = sessions
        self.routes = (
            Route("POST", "/_sim/sessions/card", self.try_card),
            Route("POST", "/_sim/sessions/expire", self.expire),
            Route("GET", "/_sim/sessions", self.list_sessions),
        )

    def try_card(self, request: Request) -> Response:
        """`force`: money for a session that is over, or a second payment."""
        body = request.json()
        session = self._sessions.try_card(
            self._named_in(body).id,
            choice(body, "outcome", (APPROVED, *REFUSALS), default=APPROVED),
            is_forced=flag(body, "force"),
        )
        return json_response(200, session.document)

    def expire(self, request: Request) -> Response:
        session = self._sessions.expire(self._named_in(request.json()).id)
        return json_response(200, session.document)

    def list_sessions(self, request: Request) -> Response:
        found = self._store.newest(limit=request.limit(default=100))
        return json_response(200, {"data": [each.document for each in found]})

    def _named_in(self, body: Json) -> Session:
        """By id, or the newest under a reference."""
        if "payment_session_id" in body:
            return self._sessions.get(str(body["payment_session_id"]))
        if "reference_id" not in body:
            raise invalid("name payment_session_id or reference_id")
        found = self._store.by_reference(str(body["reference_id"]))
        if not found:
            raise not_found("payment session")
        return found[0]
