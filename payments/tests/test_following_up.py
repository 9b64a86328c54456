"""What becomes of an attempt after it was submitted: T03, T08, T10, T13, T14, T17, T18, T25."""

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
from payments.money_loop import follow_up, run_once
from payments.polling import LOOKUPS_APART, NUDGE_WITHIN, claim_due_polls, next_poll, poll
from payments.tests.builders import make_attempt
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_checkout import attempt_of, order_form
from shop.core.tests.misbehaving import answers, hangs_up, misbehaving

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
def test_money_without_any_webhook_is_found_by_asking(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    PaymentAttempt.objects.update(next_poll_at=timezone.now())
    turn_money_loop()
    assert (status_of(attempt), stock()) == (OrderStatus.CONFIRMED, (2, 0))
    check_invariants()


def test_a_customer_who_says_to_have_paid_is_believed_enough_to_ask(client: Client) -> None:
    attempt = make_attempt()
    for _press in range(3):
        client.post(f"/pay/{attempt.order.token}/check/")
    attempt.refresh_from_db()
    assert attempt.next_poll_at is not None
    assert attempt.next_poll_at <= timezone.now() + NUDGE_WITHIN


def test_a_declined_payment_lets_the_customer_choose_again(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    gateway_up.fail(attempt.gateway_ref, "USER_DECLINED_PAYMENT")
    attempt = poll(attempt_id=attempt.pk)
    assert (attempt.state, attempt.failure_code) == ("failed", "USER_DECLINED_PAYMENT")
    assert (status_of(attempt), stock()) == (OrderStatus.PENDING, (3, 1))


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


def test_an_unanswered_request_that_got_there_is_found_and_not_repeated(
    gateway_up: Simulator,
) -> None:
    attempt = placed_attempt("bca_va")
    number = attempt.actions[0]["value"]
    # As if the answer had been lost on its way.
    PaymentAttempt.objects.update(
        state=AttemptState.UNKNOWN, gateway_ref="", actions=[], next_poll_at=timezone.now()
    )
    turn_money_loop()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.actions[0]["value"]) == (AttemptState.PENDING, number)
    assert len(gateway_up.requests(attempt.reference)) == 1


def test_a_request_that_never_got_there_is_replaced_after_two_look_ups(
    gateway_up: Simulator,
) -> None:
    attempt = placed_attempt()
    PaymentAttempt.objects.update(
        state=AttemptState.UNKNOWN, gateway_ref="", reference="LOST-A1", next_poll_at=timezone.now()
    )
    assert follow_up(attempt_id=attempt.pk).state == AttemptState.UNKNOWN
    assert follow_up(attempt_id=attempt.pk).state == AttemptState.UNKNOWN
    assert PaymentAttempt.objects.count() == 1
    PaymentAttempt.objects.update(last_lookup_at=timezone.now() - LOOKUPS_APART)
    replacement = follow_up(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.ABANDONED
    assert (replacement.seq, replacement.state) == (2, AttemptState.PENDING)


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


def test_an_answer_that_comes_after_the_money_does_not_take_it_back(
    gateway_up: Simulator,
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    poll(attempt_id=attempt.pk)
    with misbehaving(answers(200, {})):
        attempt = poll(attempt_id=attempt.pk)
    assert attempt.state == AttemptState.SUCCEEDED


# --- the end of the window -----------------------------------------------------------------------
def test_an_unpaid_order_ends_and_gives_its_stock_back(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    Order.objects.update(next_expiry_at=timezone.now())
    turn_money_loop()
    attempt.refresh_from_db()
    assert (status_of(attempt), attempt.state) == (OrderStatus.EXPIRED, AttemptState.CANCELLED)
    assert stock() == (3, 0)
    assert gateway_up.requested(attempt.reference)["status"] == "CANCELED"
    check_invariants()


def test_an_order_paid_in_the_last_second_is_booked_instead_of_ended(
    gateway_up: Simulator,
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    assert expire_unpaid(order_id=attempt.order_id) is True
    assert (status_of(attempt), stock()) == (OrderStatus.CONFIRMED, (2, 0))
    check_invariants()


def test_an_order_is_not_ended_while_the_gateway_cannot_be_asked(gateway_down: None) -> None:
    mug = make_variant(on_hand=3)
    attempt = make_attempt(make_order(lines={mug: 1}))
    assert expire_unpaid(order_id=attempt.order_id) is False
    assert (status_of(attempt), stock_of(mug)) == (OrderStatus.PENDING, (3, 1))
    Order.objects.update(reserve_until=timezone.now() - timedelta(minutes=16))
    assert expire_unpaid(order_id=attempt.order_id) is True
    assert (status_of(attempt), stock_of(mug)) == (OrderStatus.EXPIRED, (3, 0))


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
