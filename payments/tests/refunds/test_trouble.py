"""Refunds at a gateway that differ from what was asked for, do not end, or come back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from orders.calling_off import call_off_by_customer
from orders.models import RefundDue
from orders.tests.builders import make_order
from orders.tests.life.builders import staff
from payments.gateways.base import RemoteRefund, RemoteRefundState
from payments.models import PaymentAttempt, PaymentException, Refund
from payments.refunds import sending
from payments.refunds.exceptions import refund_exception
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.refunds.test_at_gateway import cancelled, make_due, the_refund
from payments.tests.refunds.test_planning import booked, held, paid, refunds_of, right
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import turn_money_loop
from shop.core.money import Money

pytestmark = pytest.mark.django_db


def said(refund: Refund, state: str, *, amount: int = 0, ref: str = "rfd-ours") -> RemoteRefund:
    money = Money(amount or refund.amount_minor, refund.currency)
    return RemoteRefund(ref, refund.reference, money, RemoteRefundState(state))


def listed(attempt: PaymentAttempt, *remote: RemoteRefund) -> None:
    for _twice in "12":
        sending.observe_refunds(attempt=attempt, listed=remote)


def called_off() -> tuple[PaymentAttempt, Refund]:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    Refund.objects.update(state="pending", refund_ref="rfd-ours", next_try_at=timezone.now())
    return PaymentAttempt.objects.get(order=order), the_refund()


@pytest.mark.parametrize("other", [{"amount": 1_000}, {"ref": "rfd-other"}], ids=["amount", "id"])
def test_another_amount_or_id_than_ours_is_told_once_and_decides_nothing(
    other: dict[str, Any],
) -> None:
    attempt, refund = called_off()
    listed(attempt, said(refund, "succeeded", **other))
    assert refunds_of(attempt.order) == [("gateway", "pending", refund.amount_minor)]
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.key) == ("refund_differs", f"refund-differs:{refund.pk}")
    for words in (refund.amount.format(), "rfd-ours", *map(str, other.values())):
        assert words.replace("1000", "1.000") in trouble.note, words


@pytest.mark.django_db(transaction=True)
def test_a_refund_without_end_is_told_once_asked_about_and_settled(
    gateway_up: Simulator, settings: Settings
) -> None:
    settings.REFUND_TOO_LONG_DAYS = 7
    gateway_up.switch(refund_delay=0, no_refunds=[], balance=None)
    attempt = cancelled(gateway_up)
    turn_money_loop()
    assert the_refund().state == "pending"
    for days, told in ((6, 0), (7, 1), (8, 1)):
        Refund.objects.update(approved_at=timezone.now() - timedelta(days=days))
        make_due()
        turn_money_loop()
        assert PaymentException.objects.filter(kind="refund_late").count() == told, days
    assert the_refund().next_try_at is not None
    gateway_up.settle_refund(the_refund().reference)
    make_due()
    turn_money_loop()
    assert PaymentException.objects.get().resolution == "it has ended"
    assert held(attempt.order) == [(attempt.amount_minor, 0)]


def test_what_had_left_and_came_back_is_owed_again_and_a_second_person_looks() -> None:
    attempt, refund = called_off()
    total = refund.amount_minor
    listed(attempt, said(refund, "succeeded"))
    assert RefundDue.objects.get().paid_at is not None
    listed(attempt, said(refund, "failed"))
    assert refunds_of(attempt.order) == [
        ("gateway", "failed", total),
        ("bank_transfer", "draft", total),
    ]
    assert held(attempt.order) == [(0, total)]
    assert booked(attempt.order) == {"gateway_clearing:xendit": total, "refunds_payable": -total}
    assert RefundDue.objects.get().paid_at is None
    assert PaymentException.objects.get().kind == "refund_differs"
    assert right()
    # And nothing that the gateway says later lets it leave twice.
    listed(attempt, said(refund, "succeeded"))
    assert refunds_of(attempt.order)[1] == ("bank_transfer", "draft", total)
    assert held(attempt.order) == [(0, total)]
    assert PaymentException.objects.filter(key=f"refunded-twice:{refund.pk}").count() == 1


def test_a_surplus_that_came_back_lies_with_its_exception_again() -> None:
    order = make_order()
    attempt = make_attempt(order)
    pay(attempt, make_capture(order.total_minor + 5_000))
    surplus = PaymentException.objects.get()
    refund_exception(exception_id=surplus.pk, user_id=staff().pk)
    refund = the_refund()
    Refund.objects.update(state="pending", refund_ref="rfd-ours")
    listed(attempt, said(refund, "succeeded"))
    surplus.refresh_from_db()
    assert surplus.resolution == f"given back: {refund.reference}"
    listed(attempt, said(refund, "failed"))
    surplus.refresh_from_db()
    assert (surplus.resolved_at, surplus.resolution) == (None, "")
    assert (held(order), booked(order)["refunds_payable"]) == ([(0, 5_000)], -5_000)
    assert right()
