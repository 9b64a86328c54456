"""What reconciliation reads: every movement of money, and what is left of it."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from shop.local.simulator.books import Books
from shop.local.simulator.clock import parse_timestamp
from shop.local.simulator.errors import ApiError, Json, not_found
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.transaction_store import COLUMNS, TransactionStore, Wanted

LARGEST_PAGE = 50


class TransactionApi:
    def __init__(self, store: TransactionStore, books: Books) -> None:
        self._store = store
        self._books = books
        self.routes = (
            Route("GET", "/transactions", self.list_transactions, "list"),
            Route("GET", "/transactions/(?P<transaction_id>[^/]+)", self.show, "get"),
            Route("GET", "/balance", self.balance, "get"),
        )

    def list_transactions(self, request: Request) -> Response:
        limit = request.limit(default=10, most=LARGEST_PAGE)
        after, before = request.argument("after_id"), request.argument("before_id")
        for cursor in filter(None, (after, before)):
            if self._store.get(cursor) is None:
                raise not_found(f"transaction {cursor}")
        wanted = Wanted(
            words={name: words for name in COLUMNS if (words := request.arguments(name))},
            created=_range(request, "created"),
            updated=_range(request, "updated"),
        )
        found = self._store.page(wanted, limit=limit + 1, after=after, before=before)
        has_more = len(found) > limit
        page = found[-limit:] if before else found[:limit]
        data = [each.document for each in page]
        links = [_next(request, data[-1]["id"])] if has_more and not before else []
        return json_response(200, {"has_more": has_more, "data": data, "links": links})

    def show(self, _request: Request, transaction_id: str) -> Response:
        found = self._store.get(transaction_id)
        if found is None:
            raise not_found(f"transaction {transaction_id}")
        return json_response(200, found.document)

    def balance(self, request: Request) -> Response:
        """Only the account that settled money comes to is kept here."""
        kind, currency = request.argument("account_type"), request.argument("currency")
        if kind not in ("", "CASH") or currency not in ("", "IDR"):
            raise ApiError(400, "API_VALIDATION_ERROR", "only the CASH account in IDR is kept here")
        return json_response(200, {"balance": self._books.balance()})


def _range(request: Request, name: str) -> tuple[datetime | None, datetime | None]:
    return _moment(request, f"{name}[gte]"), _moment(request, f"{name}[lte]")


def _moment(request: Request, name: str) -> datetime | None:
    text = request.argument(name)
    try:
        return parse_timestamp(text) if text else None
    except ValueError:
        message = f"{name} must be an ISO 8601 time with a zone"
        raise ApiError(400, "API_VALIDATION_ERROR", message) from None


def _next(request: Request, last_id: str) -> Json:
    kept = [(name, value) for name, value in parse_qsl(request.query) if name != "after_id"]
    query = urlencode([*kept, ("after_id", last_id)])
    return {"href": f"/transactions?{query}", "rel": "next", "method": "GET"}
