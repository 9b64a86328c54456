"""Where somebody tries cards. No number is asked for: somebody might type a real one."""

from shop.local.simulator.deliveries import Deliveries
from shop.local.simulator.errors import ApiError
from shop.local.simulator.markup import payer
from shop.local.simulator.routing import Request, Response, Route, redirect
from shop.local.simulator.session_store import Session
from shop.local.simulator.sessions import APPROVED, REFUSALS, Sessions
from shop.local.simulator.store import Store

from .answers import html

RETURN_URLS = ("success_return_url", "cancel_return_url")


class SessionPages:
    def __init__(self, store: Store, deliveries: Deliveries, sessions: Sessions) -> None:
        self._store = store
        self._deliveries = deliveries
        self._sessions = sessions
        one = "/session/(?P<session_id>[^/]+)"
        self.routes = (
            Route("GET", one, self.show),
            Route("POST", f"{one}/pay", self.pay),
            Route("POST", f"{one}/leave", self.leave),
        )

    def show(self, _request: Request, session_id: str) -> Response:
        session = self._sessions.get(session_id)
        tried = [
            each
            for each in self._store.requests_by_reference(session.reference_id)
            if each.document["channel_code"] == "CARDS"
        ]
        deliveries = self._deliveries.of_request(session_id)
        page = payer.session_page(session, tried=tried, deliveries=deliveries)
        urls = [url for name in RETURN_URLS if (url := _return_url(session, name))]
        return html(page, form_targets=urls)

    def pay(self, request: Request, session_id: str) -> Response:
        """A refused card leaves the payer where they are, to try another."""
        outcome = request.form().get("outcome", "")
        if outcome not in (APPROVED, *REFUSALS):
            raise ApiError(400, "API_VALIDATION_ERROR", "choose a card")
        session = self._sessions.get(session_id)
        if session.is_active:
            session = self._sessions.try_card(session_id, outcome)
        is_paid = session.status == "COMPLETED"
        shop_url = _return_url(session, "success_return_url") if is_paid else None
        return redirect(shop_url or f"/session/{session_id}")

    def leave(self, _request: Request, session_id: str) -> Response:
        session = self._sessions.get(session_id)
        return redirect(_return_url(session, "cancel_return_url") or "/")


def _return_url(session: Session, name: str) -> str | None:
    url = session.document.get(name)
    return str(url) if url else None
