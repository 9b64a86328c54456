"""What becomes of an attempt after it was submitted, beside `scenarios/`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.tests.builders import make_variant, stock_of
from orders.models import Order, OrderStatus
from orders.tests.builders import make_cart, make_order
from payments.checkout import place_and_pay, submit
from payments.expiry import expire_unpaid
from payments.models import (
    AttemptState,
    PaymentAttempt,
)
from payments.money_loop import run_once
from payments.polling import NUDGE_WITHIN, claim_due_polls, next_poll, poll
from payments.tests.builders import make_attempt
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_checkout import attempt_of, order_form
from shop.core.tests.misbehaving import hangs_up, misbehaving

pytestmark = pytest.mark.django_db(transaction=True)


def placed_attempt(method: str = "dana") -> PaymentAttempt:
    mug = make_variant(on_hand=3)
    return attempt_of(place_and_pay(**order_form(make_cart({mug: 1}), method=method)).order)


def status_of(attempt: PaymentAttempt) -> str:
    return Order.objects.get(pk=attempt.order_id).status


def stock() -> tuple[int, int]:
    return stock_of(Order.objects.latest("pk").lines.get().variant)


def turn_money_loop() -> None:
    """Until nothing more is due."""
    with ThreadPoolExecutor(2) as pool:
        while run_once(pool):
            pass


@pytest.mark.django_db
def test_a_turn_of_the_loop_with_nothing_to_do_asks_so_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with ThreadPoolExecutor(1) as pool, django_assert_num_queries(1):
        assert run_once(pool) == 0


# --- polling -------------------------------------------------------------------------------------
def test_a_customer_who_says_to_have_paid_is_believed_enough_to_ask(client: Client) -> None:
    attempt = make_attempt()
    for _press in range(3):
        client.post(f"/pay/{attempt.order.token}/check/")
    attempt.refresh_from_db()
    assert attempt.next_poll_at is not None
    assert attempt.next_poll_at <= timezone.now() + NUDGE_WITHIN


def test_money_that_comes_after_a_failure_is_still_booked(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    gateway_up.fail(attempt.gateway_ref, "PARTNER_TIMEOUT_ERROR")
    poll(attempt_id=attempt.pk)
    gateway_up.pay(attempt.gateway_ref, force_late=True)
    attempt = poll(attempt_id=attempt.pk)
    assert attempt.state == AttemptState.SUCCEEDED
    assert status_of(attempt) == OrderStatus.CONFIRMED
    check_invariants()


def test_an_unwanted_attempt_is_cancelled_at_the_gateway(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    PaymentAttempt.objects.update(cancel_requested_at=timezone.now(), next_poll_at=timezone.now())
    turn_money_loop()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CANCELLED
    assert gateway_up.requested(attempt.reference)["status"] == "CANCELED"


def test_an_attempt_is_asked_about_on_schedule_and_long_after_its_end() -> None:
    attempt = make_attempt(method="ovo")
    begun = attempt.submitted_at
    assert begun is not None
    assert next_poll(attempt, now=begun) == begun + timedelta(seconds=10)
    assert next_poll(attempt, now=begun + timedelta(minutes=2)) == begun + timedelta(minutes=5)
    end = attempt.expires_at
    assert next_poll(attempt, now=end) == end + timedelta(minutes=2)
    assert next_poll(attempt, now=end + timedelta(hours=2)) == end + timedelta(hours=24)
    assert next_poll(attempt, now=end + timedelta(hours=49)) is None
    attempt.state = AttemptState.SUCCEEDED
    assert next_poll(attempt, now=begun) is None


def test_a_gateway_that_cannot_be_asked_changes_nothing(gateway_down: None) -> None:
    attempt = make_attempt()
    asked = poll(attempt_id=attempt.pk)
    assert asked.state == AttemptState.PENDING
    assert asked.next_poll_at is not None
    assert asked.next_poll_at > timezone.now()


def test_a_due_attempt_is_claimed_by_one_loop() -> None:
    attempt = make_attempt(next_poll_at=timezone.now())
    assert claim_due_polls() == [attempt.pk]
    assert claim_due_polls() == []


# --- a request without an answer -----------------------------------------------------------------
def test_an_unanswered_request_is_unknown_and_not_failed(settings: Settings) -> None:
    with misbehaving(hangs_up) as server:
        settings.XENDIT_URL = server.url
        attempt = placed_attempt()
        assert attempt.state == AttemptState.UNKNOWN
        assert len(server.requests) == 1


def test_a_process_that_died_before_submitting_is_finished_by_the_loop(
    gateway_up: Simulator,
) -> None:
    attempt = make_attempt(
        state=AttemptState.NEW, gateway_ref="", submitted_at=None, next_poll_at=timezone.now()
    )
    turn_money_loop()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.PENDING
    assert len(gateway_up.requests(attempt.reference)) == 1


# --- the end of the window -----------------------------------------------------------------------
def test_what_never_reached_the_gateway_does_not_keep_an_order_open(gateway_up: Simulator) -> None:
    attempt = make_attempt(state=AttemptState.NEW, gateway_ref="", submitted_at=None)
    lost = make_attempt(make_order(), state=AttemptState.SUBMITTING, gateway_ref="")
    assert expire_unpaid(order_id=attempt.order_id) is True
    assert expire_unpaid(order_id=lost.order_id) is True
    assert set(PaymentAttempt.objects.values_list("state", flat=True)) == {"abandoned"}


def test_a_superseded_attempt_is_never_sent_to_the_gateway(gateway_up: Simulator) -> None:
    attempt = make_attempt(
        state=AttemptState.NEW,
        gateway_ref="",
        submitted_at=None,
        cancel_requested_at=timezone.now(),
    )
    assert submit(attempt_id=attempt.pk, timeout=5).state == AttemptState.ABANDONED
    assert gateway_up.requests(attempt.reference) == []


def test_an_unwanted_request_that_still_lives_is_cancelled_soon(gateway_up: Simulator) -> None:
    attempt = placed_attempt("bca_va")
    PaymentAttempt.objects.update(state=AttemptState.ABANDONED, next_poll_at=timezone.now())
    turn_money_loop()
    assert gateway_up.requested(attempt.reference)["status"] == "CANCELED"
