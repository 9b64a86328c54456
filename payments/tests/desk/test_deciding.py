"""The exceptions desk, button by button, as staff press them: T20, T21, T27, T28, T34 and I7."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.tests.builders import make_owner, make_user
from catalog.inventory import receive_stock
from catalog.models import Variant
from catalog.tests.builders import make_variant, stock_of
from orders.models import Order, OrderEvent, OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from orders.tests.life.builders import send_mails
from payments.credit.giving_back import refund_to_credit
from payments.desk.accepting import waive_rest
from payments.desk.applying import assign_money, fulfil_late
from payments.models import (
    CreditAccount,
    PaymentAttempt,
    PaymentReceipt,
    Refund,
)
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_attempt, pay
from payments.tests.desk.builders import (
    all_is_right,
    balance,
    cashier,
    clerk,
    do,
    over,
    phantom,
    refused,
    said,
    short,
    signed_in,
    state,
    steps,
    the_one,
    unmatched,
)
from payments.tests.simulated import Simulator
from tests.racing import race

pytestmark = pytest.mark.django_db


def sold_out_late(then: str, settings: Settings, *, on_hand: int = 0) -> tuple[Order, Variant]:
    """An order that ended, was paid then, and whose goods are (not) there."""
    settings.LATE_MONEY = {"*": {"then": then}}
    mug = make_variant(on_hand=1)
    late = make_order(lines={mug: 1})
    attempt = make_attempt(late)
    close_unpaid(order_id=late.pk)
    if not on_hand:
        pay(make_attempt(make_order(lines={mug: 1})))
    pay(attempt)
    return late, mug


# --- short ---------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_customer_is_asked_for_the_rest_and_pays_it_by_another_method(
    gateway_up: Simulator, client: Client
) -> None:
    order = short(20_000)
    staff = signed_in(clerk())
    assert said(do(staff, "ask-rest")) == ["The customer is asked for the rest."]
    window = order.reserve_until
    order.refresh_from_db()
    assert order.reserve_until > window + timedelta(hours=20)
    assert order.next_expiry_at == order.reserve_until
    send_mails()
    received = PaymentReceipt.objects.get().amount.format()
    for words in ("Rp20.000", received, f"/pay/{order.token}/"):
        assert words in mail.outbox[-1].body, words
    page = client.get(f"/pay/{order.token}/").context["page"]
    assert (page.stage, page.to_pay.minor) == ("rest", 20_000)
    client.post(f"/pay/{order.token}/again/", {"method": "dana"})
    attempt = PaymentAttempt.objects.latest("seq")
    assert (attempt.method, attempt.amount_minor) == ("dana", 20_000)
    pay(attempt)
    assert Order.objects.get().status == OrderStatus.CONFIRMED
    assert the_one().resolution == "the rest has come"
    all_is_right()


def test_the_customer_is_asked_once_a_day(settings: Settings) -> None:
    settings.REST_WINDOW = timedelta(minutes=1)
    short()
    staff = signed_in(clerk())
    do(staff, "ask-rest")
    before = state()
    assert refused(do(staff, "ask-rest"), before)
    assert steps() == ["asked"]


def test_a_small_part_is_waived_as_goodwill_and_the_order_confirmed() -> None:
    order = short(1_000)
    rest = make_attempt(order, method="qris", seq=2)
    user = cashier()
    assert said(do(signed_in(user), "waive")) == ["The rest is waived, and the order is confirmed."]
    order.refresh_from_db()
    rest.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED
    assert rest.cancel_requested_at is not None
    assert (balance("goodwill"), balance("gift_cards"), balance("customer_funds")) == (1_000, 0, 0)
    assert payment_status(order=order) == PaymentStatus.PAID
    assert (the_one().resolution, steps()) == ("waived: Rp1.000", ["waived"])
    event = OrderEvent.objects.get(kind="exception_waived")
    assert (event.user, event.data["amount"]) == (user, 1_000)
    all_is_right()


def test_an_order_that_ended_over_a_small_part_is_confirmed_while_its_goods_are_there() -> None:
    mug = make_variant(on_hand=1)
    order = short(1_000, order=make_order(lines={mug: 1}), is_over=True)
    do(signed_in(cashier()), "waive")
    assert (Order.objects.get().status, stock_of(mug)) == (OrderStatus.CONFIRMED, (0, 0))
    assert payment_status(order=order) == PaymentStatus.PAID
    all_is_right()


@pytest.mark.parametrize("why", ["too much", "sold out"])
def test_what_cannot_be_waived_changes_nothing(why: str) -> None:
    mug = make_variant(on_hand=1)
    short(
        5_001 if why == "too much" else 1,
        order=make_order(lines={mug: 1}),
        is_over=why != "too much",
    )
    if why == "sold out":
        receive_all_away(mug)
    before = state()
    assert refused(do(signed_in(cashier()), "waive"), before)
    assert CreditAccount.objects.count() == 0


def receive_all_away(mug: Variant) -> None:
    """Bought by somebody else, who has not paid yet."""
    make_order(lines={mug: stock_of(mug)[0]})


@pytest.mark.django_db(transaction=True)
def test_two_who_waive_at_once_waive_once() -> None:
    short(1_000)
    waive = partial(waive_rest, exception_id=the_one().pk, user_id=cashier().pk)
    assert sorted(race([waive] * 4), key=str) == [False, False, False, True]
    assert balance("goodwill") == 1_000
    all_is_right()


# --- over, double --------------------------------------------------------------------------------
def test_a_surplus_goes_back_and_two_presses_are_one_refund() -> None:
    over(5_000)
    staff = signed_in(cashier())
    assert said(do(staff, "give-back")) == ["The money goes back."]
    do(staff, "give-back")
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.state) == (5_000, "approved")
    assert steps() == ["given_back"]
    page = staff.get(f"/admin/payments/paymentexception/{the_one().pk}/change/").text
    assert "The money is on its way back." in page
    all_is_right()


def test_a_surplus_becomes_store_credit_where_the_customer_has_an_account() -> None:
    customer = make_user()
    over(5_000, customer=customer)
    staff = signed_in(cashier())
    for _twice in "12":
        assert said(do(staff, "as-credit")) == ["It becomes the customer's store credit."]
    refund = Refund.objects.open().get()
    refund_to_credit(refund_id=refund.pk)
    account = CreditAccount.objects.get(customer=customer)
    assert (account.balance_minor, balance("store_credit")) == (5_000, -5_000)
    assert (the_one().resolved_at is not None, steps()) == (True, ["as_credit"])
    all_is_right()


def test_a_guest_has_no_account_for_it() -> None:
    over()
    before = state()
    staff = signed_in(cashier())
    page = staff.get(f"/admin/payments/paymentexception/{the_one().pk}/change/").text
    assert "store credit" not in page
    assert refused(do(staff, "as-credit"), before)


def test_a_large_refund_waits_for_a_second_person(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 1_000}
    unmatched(50_000)
    staff = signed_in(cashier())
    assert "second person" in said(do(staff, "give-back"))[0]
    refund = Refund.objects.get()
    page = staff.get(f"/admin/payments/paymentexception/{the_one().pk}/change/").text
    for words in ("A second person has to approve the refund.", f"refund/{refund.pk}/change/"):
        assert words in page, words
    assert refund.state == "draft"
    all_is_right()


# --- late, sold out ------------------------------------------------------------------------------
def test_late_money_that_was_asked_about_confirms_its_order(settings: Settings) -> None:
    late, mug = sold_out_late("ask", settings, on_hand=1)
    staff = signed_in(cashier())
    for _twice in "12":
        do(staff, "fulfil")
    late.refresh_from_db()
    assert (late.status, stock_of(mug)) == (OrderStatus.CONFIRMED, (0, 0))
    assert PaymentReceipt.objects.get().disposition == "applied"
    assert (the_one().resolution, steps()) == (f"confirmed late: {late.number}", ["fulfilled"])
    all_is_right()


def test_goods_that_have_come_back_are_sent_after_all_and_the_refund_is_called_back(
    settings: Settings,
) -> None:
    late, mug = sold_out_late("fulfil", settings)
    staff, before = signed_in(cashier()), state()
    assert refused(do(staff, "fulfil"), before)
    item = mug.stock_items.get()
    receive_stock(stock_item_id=item.pk, quantity=1, actor_id=make_owner().pk)
    assert said(do(staff, "fulfil")) == ["The order is confirmed. The customer is told."]
    late.refresh_from_db()
    assert (late.status, Refund.objects.get().state) == (OrderStatus.CONFIRMED, "cancelled")
    assert stock_of(mug) == (0, 0)
    all_is_right()


def test_money_that_is_being_sent_back_confirms_nothing(settings: Settings) -> None:
    sold_out_late("give_back", settings, on_hand=1)
    Refund.objects.update(state="pending")
    before = state()
    assert refused(do(signed_in(cashier()), "fulfil"), before)


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_a_late_order_at_once_confirm_it_once(settings: Settings) -> None:
    _late, mug = sold_out_late("ask", settings, on_hand=1)
    fulfil = partial(fulfil_late, exception_id=the_one().pk, user_id=cashier().pk)
    assert sorted(race([fulfil] * 4), key=str) == [False, False, False, True]
    assert (stock_of(mug), steps()) == ((0, 0), ["fulfilled"])
    all_is_right()


# --- unmatched -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("surplus", "kind", "status"),
    [(0, "unmatched", "confirmed"), (700, "surplus", "confirmed"), (-700, "partial", "pending")],
)
def test_money_of_nobody_pays_the_order_that_staff_name(
    surplus: int, kind: str, status: str
) -> None:
    order = make_order()
    receipt = unmatched(order.total_minor + surplus)
    staff = signed_in(cashier())
    for _twice in "12":
        do(staff, "assign", number=f" {order.number.lower()} ")
    order.refresh_from_db()
    receipt.refresh_from_db()
    assert (order.status, receipt.order) == (status, order)
    trouble = the_one()
    assert (trouble.kind, trouble.order, trouble.resolved_at is None) == (
        kind,
        order,
        bool(surplus),
    )
    assert balance("suspense") == 0
    assert OrderEvent.objects.filter(kind="exception_assigned").count() == 1
    all_is_right()


@pytest.mark.parametrize("why", ["nobody's", "currency", "given back"])
def test_money_is_not_assigned_to_what_it_cannot_pay(why: str) -> None:
    order = make_order()
    unmatched(50_000, currency="USD" if why == "currency" else "IDR")
    staff = signed_in(cashier())
    if why == "given back":
        do(staff, "give-back")
    before = state()
    number = "NONE-1" if why == "nobody's" else order.number
    assert refused(do(staff, "assign", number=number), before)


@pytest.mark.django_db(transaction=True)
def test_money_that_two_assign_at_once_is_one_orders() -> None:
    orders = [make_order(), make_order()]
    unmatched(orders[0].total_minor)
    user = cashier().pk
    calls = [
        partial(assign_money, exception_id=the_one().pk, number=order.number, user_id=user)
        for order in orders * 2
    ]
    results = race(calls)
    assert results.count(True) == 1
    assert Order.objects.filter(status=OrderStatus.CONFIRMED).count() == 1
    assert steps() == ["assigned"]
    all_is_right()


# --- by words ------------------------------------------------------------------------------------
def test_an_exception_is_closed_and_opened_again_with_words() -> None:
    phantom()
    staff = signed_in(clerk())
    before = state()
    assert refused(do(staff, "explain", words="x"), before)
    assert refused(do(staff, "close", words="  "), before)
    do(staff, "found", words="seen in the dashboard")
    do(staff, "close", words="a second time")
    assert the_one().resolution == "seen in the dashboard"
    do(staff, "reopen", words="it was another payment")
    trouble = the_one()
    assert (trouble.resolved_at, trouble.resolution) == (None, "")
    assert steps() == ["found", "reopened"]
    do(staff, "note", words="called them")
    page = staff.get(f"/admin/payments/paymentexception/{trouble.pk}/change/").text
    for words in ("seen in the dashboard", "it was another payment", "called them"):
        assert words in page, words
