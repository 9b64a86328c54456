"""Refunds from the gateway's own pages (T44) count as paid what the shop was about to pay."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from orders.calling_off import call_off, call_off_by_customer
from orders.models import CallOffReason, Order, OrderEvent, RefundDue
from orders.tests.builders import make_order
from orders.tests.life.builders import staff
from payments.gateways.base import RemoteRefund, RemoteRefundState
from payments.models import PaymentAttempt, PaymentException, Refund
from payments.refunds.exceptions import refund_exception
from payments.refunds.sending import observe_refunds
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.refunds.test_planning import booked, held, paid, refunds_of, right
from shop.core.money import Money
from tests.racing import wait_until_blocked

pytestmark = pytest.mark.django_db


def in_dashboard(order: Order, amount: int, ref: str = "rfd-1", *more: RemoteRefund) -> None:
    """The gateway lists a refund that bears no reference of ours; seen twice."""
    attempt = PaymentAttempt.objects.filter(order=order).earliest("pk")
    done = RemoteRefund(ref, "", Money(amount, "IDR"), RemoteRefundState.SUCCEEDED)
    for _twice in "12":
        observe_refunds(attempt=attempt, listed=[done, *more])


def told() -> PaymentException:
    return PaymentException.objects.get(kind="foreign_refund")


@pytest.mark.parametrize("method", ["dana", "bca_va"])
def test_it_is_the_payment_of_what_the_shop_was_about_to_give_back(method: str) -> None:
    order = paid(method=method)
    call_off_by_customer(order_id=order.pk)
    ours, total = Refund.objects.get(), order.total_minor
    in_dashboard(order, total)
    assert refunds_of(order) == [
        (ours.channel, "cancelled", total),
        ("gateway", "succeeded", total),
    ]
    due = RefundDue.objects.get()
    assert (due.paid_at is not None, due.paid_reference) == (True, "rfd-1")
    assert (held(order), booked(order)) == ([(total, 0)], {})
    assert told().resolution == f"counts as {ours.reference}"
    event = OrderEvent.objects.get(kind="refund_given_elsewhere")
    assert event.data == {"amount": total, "reference": ours.reference}
    assert right()


def test_of_a_larger_one_of_ours_what_is_left_is_planned_anew() -> None:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    total = order.total_minor
    in_dashboard(order, 10_000)
    assert refunds_of(order) == [
        ("gateway", "cancelled", total),
        ("gateway", "succeeded", 10_000),
        ("gateway", "approved", total - 10_000),
    ]
    assert RefundDue.objects.get().paid_at is None
    assert held(order) == [(10_000, total - 10_000)]
    assert right()


def test_a_surplus_that_is_being_given_back_is_not_given_back_again() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 5_000))
    surplus = PaymentException.objects.get()
    refund_exception(exception_id=surplus.pk, user_id=staff().pk)
    in_dashboard(order, 5_000)
    surplus.refresh_from_db()
    assert surplus.resolution == "given back: xendit:rfd-1"
    assert held(order) == [(5_000, 0)]
    assert {"customer_funds", "refunds_payable"}.isdisjoint(booked(order))
    assert right()


@pytest.mark.parametrize(("back", "is_whole"), [(5_000, True), (3_000, False)])
def test_money_that_did_not_fit_has_gone_back_so_far(
    back: int,
    is_whole: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 5_000))
    surplus = PaymentException.objects.get()
    in_dashboard(order, back)
    surplus.refresh_from_db()
    assert [one.resolved_at is not None for one in (surplus, told())] == [is_whole, is_whole]
    assert booked(order).get("customer_funds", 0) == back - 5_000
    assert "refunds_payable" not in booked(order)
    assert right()
    if not is_whole:
        refund_exception(exception_id=surplus.pk, user_id=staff().pk)
        assert refunds_of(order)[1:] == [("gateway", "approved", 2_000)]


def test_what_was_owed_to_nobody_stays_to_be_explained_and_says_so() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 5_000))
    PaymentException.objects.update(resolved_at=timezone.now(), resolution="kept")
    in_dashboard(order, 12_000)
    assert booked(order)["refunds_payable"] == 7_000
    assert "customer_funds" not in booked(order)
    assert told().resolved_at is None
    assert Money(7_000, "IDR").format() in told().note
    assert right()


def test_goods_that_are_called_off_after_it_are_not_paid_a_second_time() -> None:
    order = paid()
    total = order.total_minor
    in_dashboard(order, total)
    assert booked(order)["refunds_payable"] == total
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    assert refunds_of(order) == [("gateway", "succeeded", total)]
    assert RefundDue.objects.get().paid_at is not None
    assert (held(order), booked(order)) == ([(total, 0)], {})
    assert told().resolved_at is not None
    assert right()


def test_one_of_ours_that_failed_in_the_same_look_is_replaced_by_it() -> None:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    Refund.objects.update(state="pending", refund_ref="rfd-ours")
    ours, total = Refund.objects.get(), order.total_minor
    failed = RemoteRefund("rfd-ours", ours.reference, order.total, RemoteRefundState.FAILED)
    in_dashboard(order, total, "rfd-1", failed)
    assert [one[:2] for one in refunds_of(order)] == [
        ("gateway", "failed"),
        ("bank_transfer", "cancelled"),
        ("gateway", "succeeded"),
    ]
    assert (held(order), booked(order)) == ([(total, 0)], {})
    assert right()


@pytest.mark.django_db(transaction=True)
def test_one_that_the_money_loop_sends_this_moment_is_not_cancelled() -> None:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    total = order.total_minor
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Refund.objects.update(state="submitting")
            seen = pool.submit(alone, partial(in_dashboard, order, total))
            wait_until_blocked()
        seen.result(timeout=30)
    assert refunds_of(order) == [("gateway", "submitting", total)]
    assert held(order) == [(0, total)]
    assert "not booked" in told().note


def alone(call: "partial[None]") -> None:
    try:
        call()
    finally:
        connection.close()
