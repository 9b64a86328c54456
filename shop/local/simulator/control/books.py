"""Play the gateway's bookkeeping: settle, withdraw, take back, and what nobody announced."""

from shop.local.simulator.books import Books
from shop.local.simulator.errors import Json, not_found
from shop.local.simulator.routing import Request, Response, Route, json_response
from shop.local.simulator.store import Store
from shop.local.simulator.transaction_store import Transaction, TransactionStore, Wanted

from .reading import amount_in, choice, flag, invalid, request_named_in, word

STRAYS = ("PAYMENT", "ADJUSTMENT_ADD", "ADJUSTMENT_DEDUCT", "DISBURSEMENT")
STRAY_CHANNELS = ("QRIS", "OVO", "DANA", "BCA_VIRTUAL_ACCOUNT", "CARDS")


class BookControl:
    def __init__(self, store: TransactionStore, requests: Store, books: Books) -> None:
        self._store = store
        self._requests = requests
        self._books = books
        self.routes = (
            Route("POST", "/_sim/transactions/settle", self.settle),
            Route("POST", "/_sim/transactions/reverse", self.reverse),
            Route("POST", "/_sim/transactions/charge-back", self.charge_back),
            Route("POST", "/_sim/transactions/return", self.return_charge_back),
            Route("POST", "/_sim/transactions/withdraw", self.withdraw),
            Route("POST", "/_sim/transactions/add", self.add),
            Route("GET", "/_sim/transactions", self.list_transactions),
        )

    def settle(self, request: Request) -> Response:
        """One payment, the payments of one request, or with `all` everything."""
        body = request.json()
        if flag(body, "all"):
            settled = self._books.settle_all()
        else:
            early = flag(body, "early")
            with self._store.transaction():
                payments = self._payments_in(body)
                settled = [self._books.settle(each, is_early=early) for each in payments]
        return _rows(settled)

    def reverse(self, request: Request) -> Response:
        [payment, *_] = self._payments_in(request.json())
        return json_response(200, self._books.reverse(payment).document)

    def charge_back(self, request: Request) -> Response:
        body = request.json()
        [payment, *_] = self._payments_in(body)
        row = self._books.charge_back(payment, amount=amount_in(body))
        return json_response(200, row.document)

    def return_charge_back(self, request: Request) -> Response:
        body = request.json()
        [payment, *_] = self._payments_in(body)
        row = self._books.return_charge_back(payment, amount=amount_in(body))
        return json_response(200, row.document)

    def withdraw(self, request: Request) -> Response:
        return json_response(200, self._books.withdraw(amount_in(request.json())).document)

    def add(self, request: Request) -> Response:
        """Money that only /transactions knows."""
        body = request.json()
        amount = amount_in(body)
        if amount is None:
            raise invalid("amount is required")
        row = self._books.add_stray(
            choice(body, "type", STRAYS, default="PAYMENT"),
            amount,
            channel_code=choice(body, "channel_code", STRAY_CHANNELS, default="QRIS"),
            reference_id=word(body, "reference_id", default="made-elsewhere"),
        )
        return json_response(200, row.document)

    def list_transactions(self, request: Request) -> Response:
        return _rows(self._store.page(Wanted(), limit=request.limit(default=100)))

    def _payments_in(self, body: Json) -> list[Transaction]:
        """By `payment_id`, or all of a payment request, newest first."""
        if "payment_id" in body:
            return [self._books.payment(str(body["payment_id"]))]
        of = request_named_in(body, self._requests)
        paid = [each for each in self._requests.payments_of_request(of.id) if each["captures"]]
        if not paid:
            raise not_found(f"payment of {of.id}")
        return [self._books.payment(each["payment_id"]) for each in paid]


def _rows(rows: list[Transaction]) -> Response:
    return json_response(200, {"data": [each.document for each in rows]})
