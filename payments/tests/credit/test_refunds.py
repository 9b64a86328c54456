"""What was paid with credit goes back to it, first of all."""

import pytest

from accounts.tests.builders import make_owner
from catalog.tests.builders import make_variant
from orders.calling_off import call_off_by_customer
from orders.models import Cart, Order, RefundDue, ReturnOutcome
from orders.tests.builders import make_cart
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship
from payments.credit.giving_back import refund_to_credit
from payments.models import (
    CreditAccount,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.refunds.deciding import (
    CreditStaysCredit,
    NoAccountToCredit,
    send_as_credit,
    send_by_bank,
)
from payments.refunds.exceptions import refund_exception
from payments.refunds.sending import claim_due_refunds, follow_refund
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_capture, pay
from payments.tests.credit.builders import (
    Card,
    balances,
    buy,
    check_books,
    make_card,
    make_customer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_down")]


def paid_with(card: Card, *, units: int = 1, method: str = "dana") -> Order:
    order = buy(card.code, cart=make_cart({make_variant(on_hand=9): units}), method=method).order
    for attempt in PaymentAttempt.objects.filter(order=order):
        attempt.gateway_ref = "pr-1"
        attempt.save()
        pay(attempt)
    order.refresh_from_db()
    return order


def follow_all() -> None:
    for pk in claim_due_refunds():
        if Refund.objects.get(pk=pk).channel == "store_credit":
            follow_refund(refund_id=pk)


def refunds_of(order: Order) -> list[tuple[str, str, int]]:
    rows = Refund.objects.filter(order=order).order_by("pk")
    return list(rows.values_list("channel", "state", "amount_minor"))


def test_a_cancelled_order_gives_each_part_back_the_way_it_came() -> None:
    card = make_card(100_000)
    order = paid_with(card)
    call_off_by_customer(order_id=order.pk)
    rest = order.total_minor - 100_000
    assert refunds_of(order) == [
        ("store_credit", "approved", 100_000),
        ("gateway", "approved", rest),
    ]
    follow_all()
    assert card.balance == 100_000
    assert refunds_of(order)[0] == ("store_credit", "succeeded", 100_000)
    assert balances(order).get("gift_cards", 0) == 0
    assert "gateway_clearing:credit" not in balances(order)
    check_books()
    follow_all()
    refund_to_credit(refund_id=Refund.objects.get(channel="store_credit").pk)
    assert card.balance == 100_000


def test_of_goods_that_come_back_the_credit_is_refunded_first() -> None:
    card = make_card(200_000)
    order = paid_with(card, units=3)
    deliver(ship(order))
    for _unit in range(3):
        settle(receive(ask_return(order, 1)), ReturnOutcome.REFUND)
    follow_all()
    credit = [amount for channel, _state, amount in refunds_of(order) if channel == "store_credit"]
    assert sum(credit) == 200_000 == card.balance
    back = PaymentReceipt.objects.get(gateway="credit")
    assert (back.refunded_minor, back.refundable_minor) == (200_000, 0)
    assert RefundDue.objects.filter(paid_at=None).count() == 2
    check_books()


def test_an_order_paid_wholly_by_credit_is_refunded_wholly_to_it() -> None:
    card = make_card(1_000_000)
    order = paid_with(card)
    call_off_by_customer(order_id=order.pk)
    follow_all()
    assert card.balance == 1_000_000
    assert payment_status(order=order) == PaymentStatus.REFUNDED
    assert RefundDue.objects.get().paid_at is not None
    check_books()


def test_credit_comes_back_to_a_blocked_card_too_and_never_becomes_money() -> None:
    card = make_card(1_000_000)
    order = paid_with(card)
    CreditAccount.objects.update(state="blocked")
    call_off_by_customer(order_id=order.pk)
    with pytest.raises(CreditStaysCredit):
        send_by_bank(refund_id=Refund.objects.get().pk, user_id=make_owner().pk)
    follow_all()
    assert card.balance == 1_000_000
    check_books()


def own_cart(email: str) -> Cart:
    cart = make_cart()
    Cart.objects.filter(pk=cart.pk).update(customer=make_customer(email))
    return Cart.objects.get(pk=cart.pk)


def test_money_becomes_store_credit_where_the_customer_wishes_it() -> None:
    cart = own_cart("ani@example.com")
    order = buy(cart=cart, method="bca_va").order
    pay(PaymentAttempt.objects.get())
    call_off_by_customer(order_id=order.pk)
    owner = make_owner()
    send_as_credit(refund_id=Refund.objects.get().pk, user_id=owner.pk)
    follow_all()
    account = CreditAccount.objects.get()
    assert (account.customer, account.balance_minor) == (cart.customer, order.total_minor)
    assert balances() == {
        "gateway_clearing:xendit": order.total_minor,
        "store_credit": -order.total_minor,
    }
    check_books()


def test_a_guest_has_no_account_to_credit() -> None:
    order = buy(method="bca_va").order
    pay(PaymentAttempt.objects.get())
    call_off_by_customer(order_id=order.pk)
    with pytest.raises(NoAccountToCredit):
        send_as_credit(refund_id=Refund.objects.get().pk, user_id=make_owner().pk)
    assert [channel for channel, _state, _amount in refunds_of(order)] == ["bank_transfer"]


def test_money_that_came_too_much_goes_back_as_money() -> None:
    card = make_card(100_000)
    order = buy(card.code).order
    attempt = PaymentAttempt.objects.get()
    pay(attempt, make_capture(attempt.amount_minor + 5_000))
    [refund] = refund_exception(
        exception_id=PaymentException.objects.get().pk, user_id=make_owner().pk
    )
    assert (refund.order, refund.amount_minor) == (order, 5_000)
    assert (refund.receipt and refund.receipt.gateway, card.balance) == ("xendit", 0)
    check_books()
