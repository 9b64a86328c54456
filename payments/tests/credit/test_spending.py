"""Gift cards and store credit pay their part of an order, and get it back where it ends unpaid."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.tests.builders import make_variant
from orders.carts import get_cart
from orders.models import Order, OrderEvent, OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart
from payments.cancelling import cancel_unpaid
from payments.checkout import MethodNotOffered, pay_again
from payments.credit.moving import CreditChanged
from payments.credit.spending import GiftCardRefused, TooManyCards
from payments.models import (
    CreditAccount,
    CreditMovement,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.status import PaymentStatus, outstanding, payment_status
from payments.tests.builders import make_capture, pay
from payments.tests.credit.builders import (
    balances,
    buy,
    check_books,
    make_card,
    make_credit,
    make_customer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_down")]


def attempt_of(order: Order) -> PaymentAttempt:
    return PaymentAttempt.objects.get(order=order)


def receipts_of(order: Order) -> list[tuple[str, int, str]]:
    rows = PaymentReceipt.objects.filter(order=order).order_by("pk")
    return list(rows.values_list("gateway", "amount_minor", "disposition"))


def test_a_card_pays_its_part_and_the_gateway_is_asked_for_the_rest() -> None:
    card = make_card(100_000)
    order = buy(card.code).order
    rest = order.total_minor - 100_000
    assert (order.status, card.balance) == (OrderStatus.PENDING, 0)
    assert attempt_of(order).amount_minor == rest
    assert receipts_of(order) == [("credit", 100_000, "partial")]
    assert payment_status(order=order) == PaymentStatus.PARTIALLY_PAID
    assert outstanding(order).minor == rest
    assert not PaymentException.objects.exists()
    assert OrderEvent.objects.get(kind="credit_used").data == {"amount": 100_000, "missing": rest}
    check_books()
    pay(attempt_of(order))
    order.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED
    assert receipts_of(order) == [("credit", 100_000, "partial"), ("xendit", rest, "applied")]
    assert balances(order)["gateway_clearing:xendit"] == rest
    assert "gateway_clearing:credit" not in balances(order)
    assert "customer_funds" not in balances(order)
    assert balances(order)["gift_cards"] == 100_000
    check_books()


def test_what_a_card_pays_wholly_is_confirmed_without_a_gateway_and_the_rest_stays_on_it() -> None:
    card = make_card(1_000_000)
    order = buy(card.code, method="").order
    assert order.status == OrderStatus.CONFIRMED
    assert card.balance == 1_000_000 - order.total_minor
    assert not PaymentAttempt.objects.exists()
    assert receipts_of(order) == [("credit", order.total_minor, "applied")]
    assert order.lines.count() == 1
    check_books()


def test_cards_are_used_up_in_the_order_in_which_they_were_typed_and_store_credit_last() -> None:
    first, second = make_card(20_000), make_card(30_000)
    customer = make_customer()
    credit = make_credit(customer, 500_000)
    order = buy(second.code.lower().replace("-", " "), first.code, customer_id=customer.pk).order
    credit.refresh_from_db()
    assert (first.balance, second.balance) == (0, 0)
    assert credit.balance_minor == 500_000 - (order.total_minor - 50_000)
    assert order.status == OrderStatus.CONFIRMED
    check_books()


def test_the_same_request_again_takes_nothing_again() -> None:
    card = make_card(100_000)
    cart = make_cart()
    first = buy(card.code, cart=cart, key="once")
    again = buy(card.code, cart=cart, key="once")
    assert (again.order, again.is_new) == (first.order, False)
    assert CreditMovement.objects.filter(kind="redeem").count() == 1


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_an_order_that_ends_unpaid_gives_back_what_it_took_once(end: str) -> None:
    card = make_card(100_000)
    order = buy(card.code).order
    for _time in range(2):
        if end == "expired":
            close_unpaid(order_id=order.pk)
        else:
            cancel_unpaid(order_id=order.pk)
    assert card.balance == 100_000
    assert list(CreditMovement.objects.values_list("kind", "amount_minor").order_by("pk")) == [
        ("issue", 100_000),
        ("redeem", -100_000),
        ("give_back", 100_000),
    ]
    assert list(Refund.objects.values_list("channel", "state")) == [("store_credit", "succeeded")]
    assert outstanding(order) == order.total
    assert balances(order) == {}
    check_books()


def test_the_same_cart_again_takes_from_the_card_what_its_earlier_order_gives_back() -> None:
    card = make_card(100_000)
    cart = make_cart()
    first = buy(card.code, cart=cart).order
    second = buy(card.code, cart=get_cart(token=cart.token)).order
    first.refresh_from_db()
    assert (first.status, second.status) == (OrderStatus.CANCELLED, OrderStatus.PENDING)
    assert card.balance == 0
    assert attempt_of(second).amount_minor == second.total_minor - 100_000
    check_books()


def test_late_money_after_the_credit_went_back_is_too_little_and_somebody_owns_it() -> None:
    card = make_card(100_000)
    order = buy(card.code).order
    close_unpaid(order_id=order.pk)
    pay(attempt_of(order))
    order.refresh_from_db()
    assert (order.status, card.balance) == (OrderStatus.EXPIRED, 100_000)
    assert PaymentException.objects.get().kind == "partial"
    check_books()


def test_all_of_it_as_late_money_confirms_and_ends_the_newer_order_with_its_credit_back() -> None:
    card = make_card(100_000)
    cart = make_cart({make_variant(on_hand=1): 1})
    first = buy(cart=cart).order
    second = buy(card.code, cart=get_cart(token=cart.token)).order
    assert card.balance == 0
    pay(PaymentAttempt.objects.get(order=first))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (OrderStatus.CONFIRMED, OrderStatus.CANCELLED)
    assert card.balance == 100_000
    check_books()


def test_too_much_for_the_rest_is_a_surplus_as_with_any_order() -> None:
    order = buy(make_card(100_000).code).order
    rest = outstanding(order).minor
    pay(attempt_of(order), make_capture(rest + 5_000))
    assert PaymentException.objects.get().kind == "surplus"
    check_books()


def test_another_method_is_asked_for_the_rest_alone() -> None:
    order = buy(make_card(100_000).code).order
    again = pay_again(order=order, method="bca_va", details={})
    assert again.amount_minor == order.total_minor - 100_000


def test_a_method_that_does_not_take_the_rest_is_not_offered() -> None:
    total = buy(method="bca_va").order.total_minor
    card = make_card(total - 5_000)
    with pytest.raises(MethodNotOffered):
        buy(card.code, method="bca_va", email="ani@example.com")
    assert card.balance == total - 5_000


@pytest.mark.parametrize("why", ["unknown", "blocked", "over", "empty", "mistyped"])
def test_whatever_cannot_be_used_is_refused_with_one_answer(why: str) -> None:
    card = make_card()
    code = {"unknown": "2345-6789-ABCD-EFGH", "mistyped": card.code[:-1]}.get(why, card.code)
    changes: dict[str, dict[str, Any]] = {
        "blocked": {"state": "blocked"},
        "over": {"expires_at": timezone.now() - timedelta(seconds=1)},
    }
    if why == "empty":
        buy(card.code, method="dana")
    CreditAccount.objects.filter(pk=card.pk).update(**changes.get(why, {"last_four": "XXXX"}))
    orders = Order.objects.count()
    with pytest.raises(GiftCardRefused):
        buy(code, email="ani@example.com")
    assert Order.objects.count() == orders


def test_more_cards_than_anybody_has_are_refused() -> None:
    with pytest.raises(TooManyCards):
        buy(*[make_card(1_000).code for _each in range(6)])


def test_never_is_less_taken_than_the_buyer_was_shown() -> None:
    card = make_card(50_000)
    with pytest.raises(CreditChanged):
        buy(card.code, expected_minor=60_000)
    assert (card.balance, Order.objects.count()) == (50_000, 0)


def test_an_order_without_credit_asks_nothing_about_it() -> None:
    cart = make_cart()
    with CaptureQueriesContext(connection) as queries:
        buy(cart=cart)
    asked = [each["sql"] for each in queries if "payments_credit" in each["sql"]]
    assert asked == []
