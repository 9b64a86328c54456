"""Orders that are paid by card on a page of Xendit's: from the button to the money and back."""

from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.tests.builders import make_variant
from orders.calling_off import call_off_by_customer
from orders.models import Order, OrderStatus, ReturnOutcome
from orders.tests.builders import make_cart
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship
from orders.tests.receipts.builders import seal_all
from orders.tests.receipts.test_nota import page_of
from payments.books import differences
from payments.checkout import place_and_pay
from payments.expiry import expire_unpaid
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
    WebhookEvent,
)
from payments.money_loop import follow_up
from payments.polling import LOOKUPS_APART, poll
from payments.tests.cards.builders import (
    hear,
    make_due,
    paid_by_card,
    pay_page,
    send,
    session,
)
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_checkout import attempt_of, order_form
from payments.tests.test_following_up import placed_attempt, status_of, stock, turn_money_loop
from payments.webhooks import FORGED_AFTER

pytestmark = pytest.mark.django_db(transaction=True)


def right() -> bool:
    check_invariants()
    return [str(each) for each in differences()] == []


# --- paying --------------------------------------------------------------------------------------
def test_a_card_is_typed_in_at_xendit_and_what_the_payer_brings_back_proves_nothing(
    cards_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    link = attempt.actions[0]["value"]
    assert f'href="{link}" rel="noreferrer">Continue to the payment page' in pay_page(
        client, attempt
    )
    typed = httpx.post(f"{link}/pay", data={"outcome": "approved"})
    back = typed.headers["location"].removeprefix("http://127.0.0.1:8000")
    assert back == f"{reverse('payments:pay', args=[attempt.order.token])}?returned=1"
    # Back before any webhook: it waits, and asks nobody to pay once more.
    waiting = client.get(back).text
    assert "data-countdown" in waiting
    assert f"/pay/{attempt.order.token}/check/" in waiting
    assert "Kembali ke halaman pembayaran" in waiting
    assert "Lanjutkan ke halaman pembayaran" not in waiting
    assert status_of(attempt) == OrderStatus.PENDING

    events = hear(client, cards_up, attempt.reference)

    assert events == ["payment.capture", "payment_session.completed"]
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert (status_of(attempt), stock()) == (OrderStatus.CONFIRMED, (2, 0))
    assert PaymentReceipt.objects.get().amount_minor == attempt.amount_minor
    attempt.refresh_from_db()
    assert (
        attempt.gateway_ref
        == f"session.{session(cards_up, attempt.reference)['payment_session_id']}"
    )
    assert reverse("orders:view_order", args=[attempt.order.token]) in pay_page(client, attempt)
    seal_all()
    assert "Kartu kredit atau debit" in page_of(attempt.order, client)
    assert right()


def test_cards_that_are_declined_cost_nothing_and_the_next_one_pays(
    cards_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    for refusal in ("declined", "3ds_failed"):
        cards_up.try_card(attempt.reference, refusal)
        hear(client, cards_up, attempt.reference)
        attempt.refresh_from_db()
        assert attempt.state == AttemptState.PENDING
        shown = pay_page(client, attempt)
        assert "The last card was not accepted" in shown
        assert attempt.actions[0]["value"] in shown
    assert attempt.failure_code == "AUTHENTICATION_FAILED"
    cards_up.try_card(attempt.reference)
    hear(client, cards_up, attempt.reference)
    assert (status_of(attempt), PaymentReceipt.objects.count()) == (OrderStatus.CONFIRMED, 1)
    assert not PaymentException.objects.exists()
    assert right()


def test_who_gives_up_a_card_pays_another_way_and_the_page_is_closed(
    cards_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    cards_up.try_card(attempt.reference, "declined")
    chosen = {"method": "dana"}
    assert client.post(f"/pay/{attempt.order.token}/again/", chosen).status_code == 302
    turn_money_loop()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CANCELLED
    assert session(cards_up, attempt.reference)["status"] == "CANCELED"
    other = PaymentAttempt.objects.get(method="dana")
    cards_up.pay(other.gateway_ref)
    poll(attempt_id=other.pk)
    assert status_of(attempt) == OrderStatus.CONFIRMED
    assert right()


def test_a_page_whose_time_is_over_gives_way_to_another_one(
    cards_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    cards_up.expire_session(attempt.reference)
    assert hear(client, cards_up, attempt.reference) == ["payment_session.expired"]
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.EXPIRED
    assert "Your goods are still reserved" in pay_page(client, attempt)
    assert client.post(f"/pay/{attempt.order.token}/again/", {"method": "card"}).status_code == 302
    second = PaymentAttempt.objects.get(seq=2)
    assert (second.state, second.reference) == ("pending", f"{attempt.order.number}-A2")
    cards_up.try_card(second.reference)
    poll(attempt_id=second.pk)
    # And the first page takes a card all the same.
    cards_up.try_card(attempt.reference, force=True)
    hear(client, cards_up, attempt.reference)
    assert status_of(attempt) == OrderStatus.CONFIRMED
    assert PaymentException.objects.get().kind == PaymentException.Kind.DUPLICATE
    assert right()


def test_without_any_webhook_a_card_is_found_by_asking(cards_up: Simulator, client: Client) -> None:
    attempt = placed_attempt("card")
    cards_up.try_card(attempt.reference)
    PaymentAttempt.objects.update(next_poll_at=timezone.now())
    turn_money_loop()
    assert status_of(attempt) == OrderStatus.CONFIRMED
    assert not WebhookEvent.objects.exists()
    assert right()


# --- the end of the window -----------------------------------------------------------------------
def test_money_of_a_card_for_an_order_that_is_over_is_booked(
    cards_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    assert expire_unpaid(order_id=attempt.order_id)
    assert session(cards_up, attempt.reference)["status"] == "CANCELED"
    assert (status_of(attempt), stock()) == (OrderStatus.EXPIRED, (3, 0))
    cards_up.try_card(attempt.reference, force=True)
    assert hear(client, cards_up, attempt.reference) == ["payment.capture"]
    assert (status_of(attempt), stock()) == (OrderStatus.CONFIRMED, (2, 0))
    assert right()


def test_a_card_in_the_last_second_is_booked_instead_of_ending_the_order(
    cards_up: Simulator,
) -> None:
    attempt = placed_attempt("card")
    cards_up.try_card(attempt.reference)
    assert expire_unpaid(order_id=attempt.order_id)
    assert (status_of(attempt), stock()) == (OrderStatus.CONFIRMED, (2, 0))
    assert right()


def test_cancelling_an_order_closes_the_page_that_somebody_has_open(
    cards_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    client.post(reverse("payments:cancel_order", args=[attempt.order.token]))
    turn_money_loop()
    assert (status_of(attempt), stock()) == (OrderStatus.CANCELLED, (3, 0))
    assert session(cards_up, attempt.reference)["status"] == "CANCELED"
    typed = httpx.post(f"{attempt.actions[0]['value']}/pay", data={"outcome": "approved"})
    assert typed.headers["location"].startswith("/session/")
    assert not PaymentReceipt.objects.exists()


# --- an answer that was lost ---------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["reset_before", "reset_after"])
def test_a_page_whose_address_was_lost_is_replaced_after_two_look_ups(
    cards_up: Simulator, client: Client, mode: str
) -> None:
    cards_up.arm("session", mode)
    attempt = placed_attempt("card")
    assert attempt.state == AttemptState.UNKNOWN
    assert follow_up(attempt_id=attempt.pk).state == AttemptState.UNKNOWN
    assert PaymentAttempt.objects.count() == 1
    PaymentAttempt.objects.update(last_lookup_at=timezone.now() - LOOKUPS_APART)
    second = follow_up(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    assert (attempt.state, second.state) == (AttemptState.ABANDONED, AttemptState.PENDING)
    assert second.actions[0]["value"] in pay_page(client, attempt)
    if mode == "reset_after":
        # Nobody could know its address; should somebody all the same, it is money of the order.
        cards_up.try_card(attempt.reference)
        hear(client, cards_up, attempt.reference)
        assert status_of(attempt) == OrderStatus.CONFIRMED
    assert right()


# --- webhooks that are not true ------------------------------------------------------------------
def test_a_webhook_that_claims_a_card_is_not_believed(cards_up: Simulator, client: Client) -> None:
    attempt = placed_attempt("card")
    ours = session(cards_up, attempt.reference)
    claims = [
        ours | {"status": "COMPLETED"},
        {"payment_session_id": "ps-nobody", "reference_id": attempt.reference},
        {"payment_session_id": ours["payment_session_id"], "reference_id": "ANOTHER-A1"},
    ]
    for number, data in enumerate(claims):
        sent = send(client, "payment_session.completed", data, webhook_id=f"wh-{number}")
        assert sent == 200
    # What is not found yet is a forgery only after some minutes.
    WebhookEvent.objects.update(received_at=timezone.now() - FORGED_AFTER)
    turn_money_loop()
    states = WebhookEvent.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["retry", "dead", "dead"]
    kinds = PaymentException.objects.values_list("kind", flat=True)
    assert set(kinds) == {PaymentException.Kind.FORGED}
    assert (status_of(attempt), PaymentReceipt.objects.count()) == (OrderStatus.PENDING, 0)


# --- giving back ---------------------------------------------------------------------------------
def test_a_card_is_given_back_and_the_webhook_of_its_own_id_says_so(
    cards_up: Simulator, client: Client
) -> None:
    attempt = paid_by_card(cards_up)
    call_off_by_customer(order_id=attempt.order_id)
    turn_money_loop()
    refund = Refund.objects.get()
    assert (refund.channel, refund.state) == ("gateway", "pending")
    cards_up.settle_refund(refund.reference)
    assert hear(client, cards_up, refund.reference) == ["refund.succeeded"]
    assert WebhookEvent.objects.get().state == "processed"
    refund.refresh_from_db()
    assert (refund.state, refund.amount_minor) == ("succeeded", attempt.amount_minor)
    assert right()


def test_goods_that_come_back_in_two_parts_are_given_back_to_the_card_twice(
    cards_up: Simulator,
) -> None:
    order = three_shirts(cards_up)
    deliver(ship(order))
    amounts = []
    for units in (1, 2):
        settle(receive(ask_return(order, units)), ReturnOutcome.REFUND)
        turn_money_loop()
        refund = Refund.objects.latest("pk")
        assert (refund.channel, refund.state) == ("gateway", "pending")
        cards_up.settle_refund(refund.reference)
        make_due()
        turn_money_loop()
        refund.refresh_from_db()
        assert refund.state == "succeeded"
        amounts.append(refund.amount_minor)
    assert sum(amounts) == order.lines.get().total_minor
    assert PaymentReceipt.objects.get().refunded_minor == sum(amounts)
    assert right()


def three_shirts(simulator: Simulator) -> Order:
    """Paid by card."""
    cart = make_cart({make_variant(on_hand=3): 3})
    attempt = attempt_of(place_and_pay(**order_form(cart, method="card")).order)
    simulator.try_card(attempt.reference)
    return poll(attempt_id=attempt.pk).order


def test_a_card_that_was_given_back_in_the_dashboard_is_booked_as_such(
    cards_up: Simulator, client: Client
) -> None:
    attempt = paid_by_card(cards_up)
    request_id = session(cards_up, attempt.reference)["payment_request_id"]
    made = cards_up.refund_in_dashboard(request_id, amount=50_000, outcome="succeeded")
    sent = send(client, "refund.succeeded", made)
    assert sent == 200
    turn_money_loop()
    assert WebhookEvent.objects.get().state == "processed"
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.refund_ref) == (50_000, made["id"])
    assert PaymentException.objects.get().kind == PaymentException.Kind.FOREIGN_REFUND
    assert right()


def test_after_a_year_a_card_is_given_back_by_bank_transfer(cards_up: Simulator) -> None:
    attempt = paid_by_card(cards_up)
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(days=365))
    call_off_by_customer(order_id=attempt.order_id)
    assert Refund.objects.get().channel == "bank_transfer"
