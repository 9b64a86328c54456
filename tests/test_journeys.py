"""From the first page to the parcel: what the shop is for, against the whole running shop."""

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.buying import Customer
from tests.running import RunningShop, eventually


def stock(shop: RunningShop, variant_id: str) -> tuple[int, int]:
    rows = shop.sql(
        "SELECT sum(on_hand), sum(reserved) FROM catalog_stockitem s"
        " JOIN catalog_variant v ON v.id = s.variant_id WHERE v.public_id = %s",
        variant_id,
    )
    return int(rows[0][0]), int(rows[0][1])


def test_a_customer_of_the_app_buys_pays_and_is_written_to(shop: RunningShop) -> None:
    siti = Customer(shop)
    variant = siti.first_variant(at_least=3)
    on_hand, reserved = stock(shop, variant["id"])
    cart = siti.fill_cart(variant["id"], 2)
    order = siti.place(siti.order_form(cart))

    assert (order["status"], order["payment"]["state"]) == ("pending", "pending")
    number = order["payment"]["actions"][0]
    assert (number["descriptor"], number["value"].isdigit()) == ("VIRTUAL_ACCOUNT_NUMBER", True)
    assert stock(shop, variant["id"]) == (on_hand, reserved + 2)

    shop.pay(siti.reference)
    siti.wait_until("confirmed")
    assert stock(shop, variant["id"]) == (on_hand - 2, reserved)
    [subject] = siti.wait_for_mails(1)
    assert order["number"] in subject
    assert siti.ask("GET", f"/carts/{cart}")["lines"] == []
    booked = shop.sql(
        "SELECT sum(amount_minor), count(*) FROM payments_ledgerentry e"
        " JOIN payments_ledgertransaction t ON t.id = e.transaction_id"
        " JOIN orders_order o ON o.id = t.order_id WHERE o.number = %s",
        order["number"],
    )
    totals = order["totals"]
    is_shipping_free = totals["shipping"]["amount"] == totals["shipping_discount"]["amount"]
    # Money in, then goods and their shipping; what costs nothing is not booked.
    assert booked == [(0, 4 if is_shipping_free else 5)]


@pytest.mark.parametrize(
    ("method", "details"), [("ovo", {"phone": "0812 3456 7890"}), ("dana", {})]
)
def test_wallets_are_paid_too(shop: RunningShop, method: str, details: dict[str, str]) -> None:
    siti = Customer(shop, language="en")
    siti.buy(method=method, **details)
    shop.pay(siti.reference)
    siti.wait_until("confirmed")
    [subject] = siti.wait_for_mails(1)
    assert subject == f"Payment received, order {siti.order['number']} is confirmed"


def test_the_same_order_sent_by_many_taps_is_one_order(shop: RunningShop) -> None:
    siti = Customer(shop)
    form = siti.order_form(siti.fill_cart(siti.first_variant()["id"]))
    headers = {"Idempotency-Key": uuid4().hex, "Accept-Language": "id"}

    def tap(_number: int) -> tuple[int, bytes]:
        def answered() -> tuple[int, bytes] | None:
            answer = httpx.post(f"{shop.url}/api/v1/orders", json=form, headers=headers, timeout=30)
            return None if answer.status_code == 409 else (answer.status_code, answer.content)

        return eventually(answered, what="an answer that is no 409")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(tap, range(8)))
    assert [status for status, _body in answers] == [201]
    placed = shop.sql("SELECT count(*) FROM orders_ordercontact WHERE email = %s", siti.email)
    assert placed == [(1,)]


def test_an_unpaid_order_ends_with_its_window_and_gives_its_stock_back(shop: RunningShop) -> None:
    siti = Customer(shop)
    variant = siti.first_variant()
    before = stock(shop, variant["id"])
    siti.buy(variant_id=variant["id"])
    assert stock(shop, variant["id"]) == (before[0], before[1] + 1)
    shop.sql(
        "UPDATE orders_order SET reserve_until = now(), next_expiry_at = now() WHERE number = %s",
        siti.order["number"],
    )
    siti.wait_until("expired")
    assert stock(shop, variant["id"]) == before
    [subject] = siti.wait_for_mails(1)
    assert siti.order["number"] in subject
    known = httpx.get(
        f"{shop.simulator_url}/_sim/requests", params={"reference_id": siti.reference}
    )
    assert known.json()["data"][0]["status"] == "CANCELED"


def test_a_stranger_cannot_see_an_order(shop: RunningShop) -> None:
    siti, stranger = Customer(shop), Customer(shop)
    siti.buy()
    path = f"/orders/{siti.order['number']}"
    hidden = stranger.ask("GET", path, status=404, headers={"X-Order-Token": "guess"})
    absent = stranger.ask(
        "GET", "/orders/2222-2222", status=404, headers={"X-Order-Token": "guess"}
    )
    assert hidden == absent


STORED = "SELECT length(body) FROM payments_webhookevent WHERE webhook_id = %s"
REFUSED = (
    "SELECT length(body), size FROM payments_refusedwebhook"
    " WHERE starts_with(convert_from(body, 'UTF8'), %s)"
)


def test_a_webhook_may_come_in_chunks(shop: RunningShop) -> None:
    """Without Content-Length, which no test client of Django can do."""
    url = f"{shop.url}/webhooks/xendit/"
    token = str(shop.env["XENDIT_CALLBACK_TOKENS"]).split(",")[0]
    name = f"chunked-{uuid4()}"
    headers = {"x-callback-token": token, "webhook-id": name}
    small = httpx.post(url, content=iter([b'{"event"', b': "new.event"}']), headers=headers)
    assert (small.status_code, shop.sql(STORED, name)) == (200, [(22,)])
    name = f"chunked-{uuid4()}"
    large = [name.encode(), b"x" * 256 * 1024]
    answer = httpx.post(url, content=iter(large), headers=headers | {"webhook-id": name})
    assert (answer.status_code, shop.sql(STORED, name)) == (413, [])
    # More was not read.
    assert shop.sql(REFUSED, name) == [(8 * 1024, 256 * 1024 + 1)]


def test_chunks_that_are_none_are_refused_and_not_taken_for_a_webhook(shop: RunningShop) -> None:
    name = f"broken-{uuid4()}"
    token = str(shop.env["XENDIT_CALLBACK_TOKENS"]).split(",")[0]
    url = urlsplit(shop.url)
    said = (
        f"POST /webhooks/xendit/ HTTP/1.1\r\nHost: {url.netloc}\r\nx-callback-token: {token}\r\n"
        f"webhook-id: {name}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n"
    )
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(said.encode())
        answer = connection.recv(200)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert shop.sql(STORED, name) == []
