"""Money that nobody claims: words do not end it, a button does, once, and above a limit by two."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import transaction
from pytest_django import Settings

from orders.models import Order, OrderStatus
from payments.desk.giving_back import give_back
from payments.desk.keeping import keep_unclaimed
from payments.models import LedgerAdjustment, PaymentReceipt, Refund
from payments.refunds.deciding import call_back_refund
from payments.refunds.owned import StillGoingBack
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.desk.builders import (
    LIST,
    all_is_right,
    balance,
    cashier,
    clerk,
    do,
    over,
    refused,
    said,
    short,
    signed_in,
    state,
    steps,
    the_one,
    unmatched,
)
from tests.racing import race, wait_until_blocked

pytestmark = pytest.mark.django_db


def test_words_do_not_end_what_still_owns_money_and_say_which_button_does() -> None:
    over(5_000)
    staff = signed_in(cashier())
    before = state()
    answer = do(staff, "close", words="the customer gives it to us")
    assert refused(answer, before)
    assert "Rp5.000 of it lie here" in answer.context["error"]
    assert refused(do(staff, "found", words="x"), before)
    do(staff, "give-back")
    before = state()
    assert refused(do(staff, "close", words="on its way"), before)
    assert refused(do(staff, "keep", words="on its way"), before)
    all_is_right()


def test_what_nobody_claims_becomes_income_once() -> None:
    order = over(5_000)
    staff = signed_in(cashier())
    before = state()
    assert refused(do(staff, "keep", words=" "), before)
    assert do(signed_in(clerk()), "keep", words="x").status_code == 403
    assert said(do(staff, "keep", words="the customer gives it to us")) == ["Booked: Rp5.000."]
    do(staff, "keep", words="a second time")
    assert (balance("unclaimed_money"), balance("customer_funds")) == (-5_000, 0)
    assert PaymentReceipt.objects.get().refundable_minor == order.total_minor
    assert payment_status(order=order) == PaymentStatus.PAID
    assert (the_one().resolution, steps()) == ("the customer gives it to us", ["kept"])
    before = state()
    assert refused(do(staff, "reopen", words="they want it back"), before)
    all_is_right()


def test_a_part_that_was_kept_pays_no_later_order(settings: Settings) -> None:
    settings.LATE_MONEY = {"*": {"then": "fulfil"}}
    order = short(1_000, is_over=True)
    do(signed_in(cashier()), "keep", words="nobody answers")
    pay(make_attempt(order, seq=2), make_capture(1_000))
    assert Order.objects.get().status == OrderStatus.EXPIRED
    all_is_right()


def test_the_rest_of_an_order_that_waits_is_nobodys_to_keep() -> None:
    short(1_000)
    staff, before = signed_in(cashier()), state()
    for act in ("keep", "close"):
        assert refused(do(staff, act, words="x"), before)


def test_a_large_sum_of_nobodys_is_kept_by_two(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 1_000}
    unmatched(50_000)
    first = cashier()
    assert "second person" in said(do(signed_in(first), "keep", words="older than a year"))[0]
    adjustment = LedgerAdjustment.objects.get()
    page = f"/admin/payments/ledgeradjustment/{adjustment.pk}/"
    shown = signed_in(first).get(f"{LIST}{the_one().pk}/change/").text
    for words in ("A second person has to approve the adjustment", f"{page}change/"):
        assert words in shown, words
    assert (balance("unclaimed_money"), the_one().resolved_at) == (0, None)
    approver = signed_in(
        clerk("payments.view_ledgeradjustment", "payments.approve_ledgeradjustment")
    )
    # What has happened to the money since is not undone by an approval.
    do(signed_in(first), "give-back")
    assert (
        "has happened to this money since"
        in approver.post(f"{page}approve/decide/", follow=True).text
    )
    call_back_refund(refund_id=Refund.objects.get().pk, user_id=first.pk)
    for _twice in "12":
        approver.post(f"{page}approve/decide/")
    assert (balance("unclaimed_money"), balance("customer_funds")) == (-50_000, 0)
    assert PaymentReceipt.objects.get().refundable_minor == 0
    all_is_right()


@pytest.mark.django_db(transaction=True)
def test_who_keeps_what_is_just_being_given_back_is_told_so() -> None:
    unmatched(50_000)
    pk, user = the_one().pk, cashier().pk
    keep = partial(keep_unclaimed, exception_id=pk, words="x", user_id=user)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            give_back(exception_id=pk, user_id=user)
            kept = pool.submit(race, [keep])
            wait_until_blocked()
        assert isinstance(kept.result()[0], StillGoingBack)
    assert (steps(), LedgerAdjustment.objects.count()) == (["given_back"], 0)
    all_is_right()
