"""The developer's side: calls under /_sim/midtrans that play the payer, the bank and a forger."""

import uuid

from shop.local.simulator.clock import timestamp
from shop.local.simulator.control.reading import amount_in, flag, invalid, word
from shop.local.simulator.errors import ApiError, Json, not_found
from shop.local.simulator.routing import Request, Response, Route, dispatch, json_response

from .errors import CoreError, PageError
from .lifecycle import Lifecycle
from .report import Reports
from .store import MidtransStore, Notification, Transaction

PREFIX = "/_sim/midtrans"


class Control:
    def __init__(self, store: MidtransStore, lifecycle: Lifecycle, reports: Reports) -> None:
        self._store = store
        self._reports = reports
        self._lifecycle = lifecycle
        self._routes = (
            Route("POST", f"{PREFIX}/pay", self.pay),
            Route("POST", f"{PREFIX}/(?P<verb>deny|expire|cancel|challenge)", self.end),
            Route("POST", f"{PREFIX}/refund", self.refund),
            Route("POST", f"{PREFIX}/confirm-refunds", self.confirm_refunds),
            Route("POST", f"{PREFIX}/withdraw", self.withdraw),
            Route("POST", f"{PREFIX}/resend", self.resend),
            Route("POST", f"{PREFIX}/forge", self.forge),
            Route("GET", f"{PREFIX}/transactions", self.list_transactions),
            Route("GET", f"{PREFIX}/pages", self.list_pages),
            Route("GET", f"{PREFIX}/notifications", self.list_notifications),
        )

    def respond(self, request: Request) -> Response:
        try:
            return dispatch(self._routes, request)
        except CoreError as error:
            raise ApiError(400, f"STATUS_{error.code}", error.message) from error
        except PageError as error:
            raise ApiError(error.status, "PAGE", "; ".join(error.messages)) from error

    def pay(self, request: Request) -> Response:
        body = request.json()
        name = self._named_in(body, begins=True)
        paid = self._lifecycle.pay(
            name,
            amount=amount_in(body),
            force_late=flag(body, "force_late"),
            force_duplicate=flag(body, "force_duplicate"),
        )
        return json_response(200, paid.document)

    def end(self, request: Request, verb: str) -> Response:
        body = request.json()
        move = {
            "deny": self._lifecycle.deny,
            "expire": self._lifecycle.expire,
            "cancel": self._lifecycle.cancel,
            "challenge": self._lifecycle.challenge,
        }[verb]
        name = self._named_in(body, begins=verb != "cancel")
        return json_response(200, move(name).document)

    def refund(self, request: Request) -> Response:
        """One that the merchant makes on Midtrans' own pages; the shop knows no key of it."""
        body = request.json()
        key = word(body, "refund_key", default=f"dashboard-{uuid.uuid4()}")
        changed, _made = self._lifecycle.refund(
            self._named_in(body), key=key, amount=amount_in(body), reason="from the dashboard"
        )
        return json_response(200, changed.document)

    def confirm_refunds(self, request: Request) -> Response:
        """The bank says at once that the money of all of them has left."""
        confirmed = self._lifecycle.confirm_refunds(self._named_in(request.json()))
        return json_response(200, confirmed.document)

    def withdraw(self, _request: Request) -> Response:
        """All that is settled goes to the merchant's bank."""
        made = self._reports.withdraw()
        return json_response(200, {"id": made.id, "amount": made.amount})

    def resend(self, request: Request) -> Response:
        found = self._lifecycle.get(self._named_in(request.json()))
        return json_response(200, {"sent": self._lifecycle.send_again(found)})

    def forge(self, request: Request) -> Response:
        """`changes` replace what is true; `signed` as a replay would be, else with a wrong key."""
        body = request.json()
        changes = body.get("changes", {})
        if not isinstance(changes, dict):
            raise invalid("changes must be an object")
        found = self._lifecycle.get(self._named_in(body))
        self._lifecycle.forge(found, changes=changes, is_signed=flag(body, "signed"))
        return json_response(200, {"sent": 1})

    def list_transactions(self, request: Request) -> Response:
        found = self._store.transactions(
            order_id=request.argument("order_id"), limit=request.limit(default=100)
        )
        return json_response(200, {"data": [each.document for each in found]})

    def list_pages(self, request: Request) -> Response:
        found = self._store.pages(limit=request.limit(default=100))
        pages: list[Json] = [
            {"token": each.token, "is_closed": each.is_closed, "document": each.document}
            for each in found
        ]
        return json_response(200, {"data": pages})

    def list_notifications(self, request: Request) -> Response:
        found = self._store.notifications(
            transaction_id=request.argument("transaction_id"), limit=request.limit(default=100)
        )
        return json_response(200, {"data": [_notification(each) for each in found]})

    def _named_in(self, body: Json, *, begins: bool = False) -> str:
        """The id of a transaction; a page on which nothing was chosen yet `begins` one."""
        names = [body[key] for key in ("transaction_id", "order_id", "va_number") if key in body]
        if not names or not isinstance(names[0], str):
            raise invalid("name transaction_id, order_id or va_number")
        found: Transaction | None = self._store.transaction_of(names[0])
        page = self._store.page_of(names[0])
        if found is None and page is not None and begins:
            found = self._lifecycle.choose(page)
        if found is None:
            raise not_found("transaction")
        return found.id


def _notification(notification: Notification) -> Json:
    next_try_at = notification.next_try_at if notification.state == "WAITING" else None
    return {
        "transaction_id": notification.transaction_id,
        "body": notification.body,
        "state": notification.state,
        "tries": notification.tries,
        "next_try_at": timestamp(next_try_at) if next_try_at else None,
    }
