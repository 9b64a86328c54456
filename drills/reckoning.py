"""What must be true once a drill is over: three books are compared, none with itself alone.

What the buyers were told, what the gateway has in its own book, and the rows of the shop.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drills.scratch import Shop
from drills.visits import Outcome, Visit
from drills.whole import WholeShop

# Nothing that is on its way may take longer once nothing happens any more.
QUIET_SECONDS = 60
OPEN_REQUESTS = ("REQUIRES_ACTION", "PENDING", "ACCEPTING_PAYMENTS")


@dataclass(frozen=True, slots=True)
class Capture:
    payment_id: str
    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class GatewayBook:
    """The simulator's own: what was paid, what could still be paid, what went back."""

    captures: Sequence[Capture]
    # Reference and status of each payment request.
    requests: Sequence[tuple[str, str]]
    # Our reference and amount of each refund that arrived.
    refunds: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    status: str
    total: int
    email: str


@dataclass(frozen=True, slots=True)
class ShopBook:
    orders: Sequence[Order]
    # Payment id and amount of each receipt.
    receipts: Sequence[tuple[str, int]]
    # Reference, amount and state of each refund by the gateway.
    refunds: Sequence[tuple[str, int, str]]
    # Of each attempt, reference and state.
    attempts: Sequence[tuple[str, str]]


def order_of(reference: str) -> str:
    """The order's number in the reference of one of its attempts."""
    return reference.rpartition("-A")[0]


def differences(visits: Sequence[Visit], gateway: GatewayBook, shop: ShopBook) -> list[str]:
    """All that the three books disagree about; none if nothing is wrong."""
    return [
        *_of_buyers(visits, shop),
        *_of_money(visits, gateway, shop),
        *_of_refunds(gateway, shop),
        *_of_requests(gateway, shop),
    ]


def _of_buyers(visits: Sequence[Visit], shop: ShopBook) -> Iterator[str]:
    by_number = {order.number: order for order in shop.orders}
    of_person = Counter(order.email.partition("@")[0] for order in shop.orders)
    for visit in visits:
        if visit.trouble:
            yield f"{visit.key}, who {visit.intention}: {visit.trouble}"
        if visit.unknown and visit.outcome is Outcome.UNKNOWN:
            yield f"{visit.key} never learnt what became of an order"
        if of_person[visit.key] > (visit.outcome is not Outcome.REFUSED):
            yield f"{visit.key}: {of_person[visit.key]} orders under one key"
        if visit.outcome is Outcome.OK:
            yield from _of_order(visit, by_number.get(visit.number))


def _of_order(visit: Visit, order: Order | None) -> Iterator[str]:
    if order is None:
        yield f"order {visit.number} was acknowledged and is lost"
        return
    if order.total != visit.total:
        yield f"order {visit.number}: acknowledged over {visit.total}, is over {order.total}"
    # A word about cancelling may have been lost on the way to the buyer.
    ends = {"confirmed"} if visit.is_paid else {"cancelled", "expired"}
    if visit.is_paid and visit.intention == "pays, then calls it off":
        ends = {"cancelled"} if visit.is_cancelled else {"confirmed", "cancelled"}
    if not visit.trouble and order.status not in ends:
        yield f"order {visit.number} is {order.status}, its buyer {_did(visit)}"


def _did(visit: Visit) -> str:
    paid = "paid" if visit.is_paid else "did not pay"
    return f"{paid} and cancelled" if visit.is_cancelled else paid


def _of_money(visits: Sequence[Visit], gateway: GatewayBook, shop: ShopBook) -> Iterator[str]:
    """Nobody is charged but once, on purpose; and each capture is booked once."""
    charged: Counter[str] = Counter()
    for capture in gateway.captures:
        charged[order_of(capture.reference)] += capture.amount
    meant = {visit.number: visit.total for visit in visits if visit.is_paid}
    # Whoever went home in trouble may have paid without hearing of it.
    unsure = {visit.number: visit.total for visit in visits if visit.trouble}
    for number in sorted(charged.keys() | meant.keys()):
        wanted = {meant.get(number, 0), unsure.get(number, 0) if number in unsure else -1}
        if charged[number] not in wanted:
            yield f"order {number}: charged {charged[number]}, meant {meant.get(number, 0)}"
    booked = Counter(shop.receipts)
    taken = Counter((capture.payment_id, capture.amount) for capture in gateway.captures)
    for payment_id, amount in sorted(taken - booked):
        yield f"payment {payment_id} over {amount} is not booked"
    for payment_id, amount in sorted(booked - taken):
        yield f"receipt of {payment_id} over {amount}: no such money came"


def _of_refunds(gateway: GatewayBook, shop: ShopBook) -> Iterator[str]:
    gone = Counter(gateway.refunds)
    noted = Counter(
        (reference, amount) for reference, amount, state in shop.refunds if state == "succeeded"
    )
    for reference, amount in sorted((gone - noted).elements()):
        yield f"refund {reference} over {amount} went out and is not booked, or went out twice"
    for reference, amount in sorted((noted - gone).elements()):
        yield f"refund {reference} over {amount} is booked and never went out"


def _of_requests(gateway: GatewayBook, shop: ShopBook) -> Iterator[str]:
    """One request for each attempt, and none left that could still be paid by mistake."""
    known = {reference for reference, _state in shop.attempts}
    for reference, times in Counter(reference for reference, _status in gateway.requests).items():
        if times > 1:
            yield f"{reference} was asked for {times} times"
        if reference not in known:
            yield f"{reference} was asked for and no attempt says so"
    waiting = {order.number for order in shop.orders if order.status == "pending"}
    for reference, status in gateway.requests:
        if status in OPEN_REQUESTS and order_of(reference) not in waiting:
            yield f"{reference} could still be paid, its order is over"


def read_gateway(database: Path) -> GatewayBook:
    """From the simulator's own file, which it keeps whatever becomes of the process."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as book:
        captures = book.execute(
            "SELECT payments.id, reference_id, json_extract(value, '$.capture_amount')"
            " FROM payments JOIN payment_requests AS request"
            " ON request.id = json_extract(payments.document, '$.payment_request_id'),"
            " json_each(payments.document, '$.captures')"
        ).fetchall()
        requests = book.execute("SELECT reference_id, status FROM payment_requests").fetchall()
        refunds = book.execute(
            "SELECT reference_id, json_extract(document, '$.amount') FROM refunds"
            " WHERE status = 'SUCCEEDED'"
        ).fetchall()
    return GatewayBook([Capture(*each) for each in captures], requests, refunds)


def read_shop(shop: Shop) -> ShopBook:
    orders = shop.sql(
        "SELECT number, status, total_minor, email FROM orders_order AS placed"
        " JOIN orders_ordercontact AS contact ON contact.order_id = placed.id"
    )
    return ShopBook(
        [Order(*each) for each in orders],
        _pairs(shop.sql("SELECT payment_id, amount_minor FROM payments_paymentreceipt")),
        [
            (str(reference), int(amount), str(state))
            for reference, amount, state in shop.sql(
                "SELECT reference, amount_minor, state FROM payments_refund"
                " WHERE channel = 'gateway'"
            )
        ],
        [
            (str(reference), str(state))
            for reference, state in shop.sql("SELECT reference, state FROM payments_paymentattempt")
        ],
    )


def _pairs(rows: Iterable[tuple[object, ...]]) -> list[tuple[str, int]]:
    return [(str(name), int(str(amount))) for name, amount in rows]


# What is on its way. Nothing of it may be older than a minute when nothing happens any more.
OPEN_WORK = {
    "unpaid orders": "FROM orders_order WHERE status = 'pending'",
    "payments in the making": "FROM payments_paymentattempt"
    " WHERE state IN ('new', 'submitting', 'unknown')",
    # What claims money that the gateway denies is asked about for 40 minutes: it may be a lie.
    "unread webhooks": "FROM payments_webhookevent WHERE state IN ('received', 'retry')"
    " AND last_error <> 'the gateway does not show the money yet'",
    "unsent refunds": "FROM payments_refund WHERE state IN ('approved', 'submitting', 'unknown')",
    "refunds on their way": "FROM payments_refund WHERE state = 'pending'",
    "work in the outbox": "FROM core_outboxmessage"
    " WHERE done_at IS NULL AND failed_at IS NULL AND available_at < now() + interval '1 minute'",
    "given up": "FROM core_outboxmessage WHERE failed_at IS NOT NULL",
    "dead webhooks": "FROM payments_webhookevent WHERE state = 'dead'",
}


def open_work(shop: Shop) -> dict[str, int]:
    """How much of each is left; nothing of what is finished."""
    kinds = list(OPEN_WORK)
    counts = ", ".join(f"(SELECT count(*) {OPEN_WORK[kind]})" for kind in kinds)
    [found] = shop.sql(f"SELECT {counts}")
    return {kind: number for kind, number in zip(kinds, found, strict=True) if number}


def unbalanced(shop: Shop) -> list[str]:
    """The ledger as a whole, and the shelf: units that came are sold, reserved or still there."""
    sums = shop.sql(
        "SELECT currency, sum(amount_minor) FROM payments_ledgerentry"
        " GROUP BY currency HAVING sum(amount_minor) <> 0"
    )
    shelf = shop.sql(
        """
        WITH came AS (
            SELECT stock_item_id AS item, sum(quantity) AS units FROM catalog_stockmovement
            WHERE kind = 'received' GROUP BY 1
        ), sold AS (
            SELECT stock_item_id AS item, sum(quantity) AS units FROM orders_orderline AS line
            JOIN orders_order AS placed ON placed.id = line.order_id
            WHERE placed.status IN ('confirmed', 'closed') GROUP BY 1
        )
        SELECT stock.id, came.units, on_hand, reserved, coalesce(sold.units, 0)
        FROM catalog_stockitem AS stock JOIN came ON came.item = stock.id
            LEFT JOIN sold ON sold.item = stock.id
        WHERE came.units <> on_hand + coalesce(sold.units, 0) OR reserved <> 0
        """
    )
    return [f"the ledger sums to {amount} {currency}" for currency, amount in sums] + [
        f"stock item {item}: {came} came, {on_hand} are there, {reserved} reserved, {sold} sold"
        for item, came, on_hand, reserved, sold in shelf
    ]


def wait_until_quiet(shop: WholeShop, *, seconds: float = QUIET_SECONDS) -> dict[str, int]:
    """What is still on its way when nothing is, or after so long in which nobody did anything."""
    give_up_at = time.monotonic() + seconds
    while (left := open_work(shop)) and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return left


def reckon(shop: WholeShop, visits: Sequence[Visit], left: Mapping[str, int]) -> list[str]:
    """Everything that is wrong in the end; `left` is what was still on its way."""
    gateway = read_gateway(shop.directory / "simulator" / "simulator.sqlite3")
    wrong = differences(visits, gateway, read_shop(shop))
    stuck = [f"stuck: {number} {kind}" for kind, number in left.items()]
    books = shop.books_are_right()
    return [*stuck, *wrong, *unbalanced(shop), *([books] if books else [])]


class Wrong(Exception):
    """Something is; raised inside of a shop, so that its logs and data are kept."""

    def __init__(self, troubles: Sequence[str]) -> None:
        super().__init__(f"{len(troubles)} troubles")
        self.troubles = troubles


def no_trouble(troubles: Sequence[str]) -> None:
    """Raises Wrong where there is any."""
    if troubles:
        raise Wrong(troubles)
