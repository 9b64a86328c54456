"""Place and pay, against the simulator, and the idempotency of placement."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from catalog.tests.builders import make_variant, stock_of
from orders.checkout import EmptyCart, PriceChanged
from orders.models import Cart, Order, OrderStatus
from orders.tests.builders import make_address, make_cart, make_checkout, make_contact
from payments.checkout import (
    MethodNotOffered,
    PaymentClosed,
    Placed,
    _try_again,
    offer_methods,
    pay_again,
    place_and_pay,
    submit,
)
from payments.gateways.methods import METHODS
from payments.models import AttemptState, PaymentAttempt
from payments.offering import AmountChanged
from payments.polling import poll
from payments.status import outstanding
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.simulated import Simulator
from shop.core.idempotency import KeyReused, RequestKey
from shop.core.money import Money
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def order_form(cart: Cart, *, key: str = "k-1", body: str = "b", **changes: Any) -> dict[str, Any]:
    checkout = make_checkout(cart)
    return {
        "request": RequestKey(f"test:{cart.token}", key, body),
        "cart_token": cart.token,
        "contact": make_contact(),
        "address": make_address(),
        "shipping": {key: option.code for key, option in checkout.shipping.items()},
        "method": "dana",
        "details": {},
        "expected_total": checkout.total,
        "language": "id",
    } | changes


def attempt_of(order: Order) -> PaymentAttempt:
    return PaymentAttempt.objects.get(order=order)


def test_an_order_is_placed_and_its_money_asked_for(gateway_up: Simulator) -> None:
    mug = make_variant(on_hand=3)
    placed = place_and_pay(**order_form(make_cart({mug: 2})))
    attempt = attempt_of(placed.order)
    assert attempt.state == AttemptState.PENDING
    assert [action["type"] for action in attempt.actions][:1] == ["REDIRECT_CUSTOMER"]
    assert gateway_up.requested(attempt.reference)["request_amount"] == placed.order.total_minor
    assert stock_of(mug) == (3, 2)
    assert placed.order.reserve_until == attempt.expires_at


def test_a_double_click_is_one_order_and_one_request(gateway_up: Simulator) -> None:
    mug = make_variant(on_hand=3)
    form = order_form(make_cart({mug: 1}))
    results = race([partial(place_and_pay, **form)] * 6)
    assert {result.order.pk for result in results if isinstance(result, Placed)} == {
        Order.objects.get().pk
    }
    assert sum(result.is_new for result in results if isinstance(result, Placed)) == 1
    assert len(gateway_up.requests(attempt_of(Order.objects.get()).reference)) == 1
    assert stock_of(mug) == (3, 1)


def test_the_same_key_with_another_form_is_refused(gateway_up: Simulator) -> None:
    cart = make_cart()
    form = order_form(cart)
    place_and_pay(**form)
    with pytest.raises(KeyReused):
        place_and_pay(**form | {"request": RequestKey(f"test:{cart.token}", "k-1", "other")})
    assert Order.objects.count() == 1


def test_a_repeat_after_the_cart_was_emptied_still_gives_the_order(gateway_up: Simulator) -> None:
    cart = make_cart()
    form = order_form(cart)
    placed = place_and_pay(**form)
    cart.lines.all().delete()
    assert place_and_pay(**form).order == placed.order
    with pytest.raises(EmptyCart):
        place_and_pay(**form | {"request": RequestKey(f"test:{cart.token}", "k-2", "b")})


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"method": "cheque"}, MethodNotOffered),
        ({"expected_total": Money(149_001, "IDR")}, PriceChanged),
    ],
)
def test_a_refused_form_changes_nothing(
    gateway_up: Simulator, change: dict[str, Any], refusal: type[Exception]
) -> None:
    mug = make_variant(on_hand=3)
    form = order_form(make_cart({mug: 1})) | change
    with pytest.raises(refusal):
        place_and_pay(**form)
    assert (Order.objects.count(), PaymentAttempt.objects.count()) == (0, 0)
    assert stock_of(mug) == (3, 0)
    # The key is still free: corrected, the same form goes through.
    assert place_and_pay(**form | {"method": "dana", "expected_total": make_total(form)}).is_new


def make_total(form: dict[str, Any]) -> Money:
    return make_checkout(Cart.objects.get(token=form["cart_token"])).total


def test_with_the_gateway_away_the_order_stands_and_says_so(gateway_down: None) -> None:
    mug = make_variant(on_hand=3)
    placed = place_and_pay(**order_form(make_cart({mug: 1})))
    attempt = attempt_of(placed.order)
    assert (attempt.state, attempt.failure_code) == (AttemptState.FAILED, "gateway_unavailable")
    assert (placed.order.status, stock_of(mug)) == (OrderStatus.PENDING, (3, 1))


def test_when_it_is_back_the_same_order_can_be_paid(
    gateway_down: None, request: pytest.FixtureRequest
) -> None:
    placed = place_and_pay(**order_form(make_cart()))
    request.getfixturevalue("gateway_up")
    attempt = pay_again(order=placed.order, method="dana", details={})
    assert (attempt.seq, attempt.state) == (2, AttemptState.PENDING)


def test_another_method_asks_for_the_first_to_be_cancelled(gateway_up: Simulator) -> None:
    placed = place_and_pay(**order_form(make_cart()))
    first = attempt_of(placed.order)
    second = pay_again(order=placed.order, method="bca_va", details={})
    first.refresh_from_db()
    assert first.cancel_requested_at is not None
    assert (second.state, second.seq) == (AttemptState.PENDING, 2)
    assert second.actions[0]["descriptor"] == "VIRTUAL_ACCOUNT_NUMBER"


def test_after_part_was_paid_the_same_method_asks_for_the_rest_only(
    gateway_up: Simulator,
) -> None:
    placed = place_and_pay(**order_form(make_cart(), method="bca_va"))
    first = attempt_of(placed.order)
    pay(make_attempt(placed.order, method="qris", seq=9), make_capture(50_000))
    with pytest.raises(AmountChanged):
        pay_again(order=placed.order, method="bca_va", details={})
    poll(attempt_id=first.pk)
    first.refresh_from_db()
    assert first.state == AttemptState.CANCELLED
    again = pay_again(order=placed.order, method="bca_va", details={})
    assert again.amount_minor == placed.order.total_minor - 50_000


def test_money_that_comes_while_a_method_is_chosen_is_not_asked_for_again(
    gateway_up: Simulator,
) -> None:
    placed = place_and_pay(**order_form(make_cart()))
    before = outstanding(placed.order)
    pay(make_attempt(placed.order, method="qris", seq=9), make_capture(50_000))
    with pytest.raises(AmountChanged):
        _try_again(placed.order, METHODS["bca_va"], {}, before)
    assert not PaymentAttempt.objects.filter(method="bca_va").exists()


def test_an_order_that_has_ended_takes_no_new_payment(gateway_up: Simulator) -> None:
    placed = place_and_pay(**order_form(make_cart()))
    Order.objects.update(reserve_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(PaymentClosed):
        pay_again(order=placed.order, method="bca_va", details={})
    assert PaymentAttempt.objects.count() == 1


def test_placing_the_cart_again_gives_up_the_first_attempt(gateway_up: Simulator) -> None:
    mug = make_variant(on_hand=1)
    cart = make_cart({mug: 1})
    first = place_and_pay(**order_form(cart))
    second = place_and_pay(**order_form(cart, key="k-2"))
    first.order.refresh_from_db()
    assert (first.order.status, second.order.status) == ("cancelled", "pending")
    assert attempt_of(first.order).cancel_requested_at is not None
    assert stock_of(mug) == (1, 1)


def test_methods_are_offered_by_the_total() -> None:
    def codes(minor: int) -> list[str]:
        return [method.code for method in offer_methods(total=Money(minor, "IDR"))]

    assert codes(9_999) == ["ovo", "dana", "qris"]
    assert codes(10_000) == ["ovo", "dana", "bca_va", "qris"]
    assert codes(20_000_001) == ["bca_va"]
    assert codes(50_000_001) == []


def test_ovo_rings_the_phone_that_was_given(gateway_up: Simulator) -> None:
    form = order_form(make_cart(), method="ovo", details={"phone": "0857-1111-2222"})
    attempt = attempt_of(place_and_pay(**form).order)
    assert attempt.details == {"phone": "+6285711112222"}
    assert attempt.state == AttemptState.PENDING


def test_an_attempt_is_submitted_once_however_many_try(gateway_up: Simulator) -> None:
    placed = place_and_pay(**order_form(make_cart()))
    attempt = attempt_of(placed.order)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.NEW, gateway_ref="", reference="AGAIN-A1"
    )
    results = race([partial(submit, attempt_id=attempt.pk, timeout=5.0)] * 5)
    assert all(isinstance(result, PaymentAttempt) for result in results)
    assert len(gateway_up.requests("AGAIN-A1")) == 1
