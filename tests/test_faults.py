"""What still holds while parts of the shop are dead, deaf or just being killed."""

import signal

import httpx
import pytest

from tests.buying import Customer
from tests.running import RunningShop, eventually


def outbox_row(shop: RunningShop, siti: Customer) -> tuple[bool, bool]:
    """Whether the confirmation mail's row has been claimed, and whether it is done."""
    rows = shop.sql(
        "SELECT claimed_at IS NOT NULL, done_at IS NOT NULL FROM core_outboxmessage m"
        " JOIN orders_order o ON m.key = 'order-confirmed:' || o.id WHERE o.number = %s",
        siti.order["number"],
    )
    return (bool(rows[0][0]), bool(rows[0][1])) if rows else (False, False)


def test_with_valkey_gone_a_customer_still_buys_and_the_order_is_confirmed(
    shop: RunningShop,
) -> None:
    siti = Customer(shop)
    with shop.frozen("valkey"):
        assert httpx.get(shop.url, timeout=30).status_code == 200
        ready = httpx.get(f"{shop.url}/readyz", timeout=30)
        assert (ready.status_code, ready.json()["cache"]) == (200, "unavailable")
        siti.buy()
        shop.pay(siti.reference)
        siti.wait_until("confirmed")
        assert shop.mails(to=siti.email) == []
    assert len(siti.wait_for_mails(1)) == 1


def test_killed_between_commit_and_publish_the_mail_still_goes_out_once(shop: RunningShop) -> None:
    siti = Customer(shop)
    siti.buy()
    with shop.frozen("valkey"):
        shop.pay(siti.reference)
        siti.wait_until("confirmed")
        # Committed, and with the broker frozen certainly not published.
        assert outbox_row(shop, siti) == (False, False)
        shop.kill("money_loop")
    eventually(lambda: outbox_row(shop, siti)[1], what="the mail to be sent")
    assert len(siti.wait_for_mails(1)) == 1


def test_killed_between_claim_and_send_the_mail_still_goes_out(shop: RunningShop) -> None:
    siti = Customer(shop)
    siti.buy()
    with shop.frozen("mailbox"):
        shop.pay(siti.reference)
        eventually(lambda: outbox_row(shop, siti)[0], what="a worker to claim the mail")
        shop.kill("worker")
        # What the dead worker may have written into the frozen socket dies with it.
        shop.signal("mailbox", signal.SIGKILL)
    eventually(lambda: outbox_row(shop, siti)[1], what="the mail to be sent")
    assert len(siti.wait_for_mails(1)) == 1


def test_a_frozen_gateway_leaves_an_order_that_can_be_paid_once_it_answers(
    shop: RunningShop,
) -> None:
    siti = Customer(shop)
    form = siti.order_form(siti.fill_cart(siti.first_variant()["id"]))
    with shop.frozen("simulator"):
        order = siti.place(form)
        assert (order["status"], order["payment"]["state"]) == ("pending", "unknown")
    headers = {"X-Order-Token": order["token"]}
    path = f"/orders/{order['number']}"

    def payable() -> bool:
        return bool(siti.ask("GET", path, headers=headers)["payment"]["actions"])

    eventually(payable, what="the virtual account number")
    asked = httpx.get(
        f"{shop.simulator_url}/_sim/requests", params={"reference_id": siti.reference}
    )
    assert len(asked.json()["data"]) == 1
    shop.pay(siti.reference)
    siti.wait_until("confirmed")


@pytest.mark.parametrize("role", ["web", "worker", "money_loop", "postgres", "valkey", "simulator"])
def test_whatever_is_killed_comes_back_and_the_order_is_paid(shop: RunningShop, role: str) -> None:
    siti = Customer(shop)
    siti.buy()
    shop.kill(role)
    eventually(lambda: _is_ready(shop), what="the shop to be ready")
    eventually(lambda: _can_pay(shop, siti), what="the simulator to take the payment")
    eventually(lambda: _status(siti) == "confirmed", what="order to be confirmed")
    assert len(siti.wait_for_mails(1)) == 1


def _is_ready(shop: RunningShop) -> bool:
    try:
        return httpx.get(f"{shop.url}/readyz", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def _can_pay(shop: RunningShop, siti: Customer) -> bool:
    try:
        shop.pay(siti.reference)
    except httpx.TransportError:
        return False
    return True


def _status(siti: Customer) -> str:
    try:
        return siti.status()
    except (httpx.TransportError, AssertionError):
        return ""
