"""Too little, too much, another currency, another cart; limits, nothing, fractions. T27 to T33."""

from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from catalog.models import Variant
from catalog.tests.builders import make_variant, stock_of
from orders.models import Cart, Order, OrderLine
from orders.tests.builders import make_cart
from orders.tests.promotions.builders import make_coupon, make_promotion, with_code
from payments.checkout import MethodNotOffered, Placed, pay_again, place_and_pay
from payments.models import LedgerTransaction, PaymentAttempt, PaymentException
from payments.refunds.exceptions import refund_exception
from payments.status import payment_status
from payments.tests.test_checkout import order_form
from shop.core.money import Money
from tests.racing import race
from tests.scenarios.scene import (
    Scene,
    balance,
    books_untouched,
    dispositions,
    newest_attempt,
    status_of,
    stock,
    troubles,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAID = ("confirmed", "succeeded")


def test_t27_too_little_comes(scene: Scene) -> None:
    attempt = scene.placed("bca_va")
    scene.pay(attempt, amount=attempt.amount_minor - 50_000)
    scene.told()
    assert (status_of(attempt)[0], stock(attempt)) == ("pending", (1, 1))
    assert (dispositions(), troubles()) == (["partial"], ["partial"])
    assert payment_status(order=attempt.order) == "partially_paid"
    rest = pay_again(order=attempt.order, method="dana", details={})
    assert rest.amount_minor == 50_000
    scene.pay(rest)
    scene.told()
    assert (status_of(rest), stock(rest), troubles()) == (PAID, (0, 0), [])


def test_t28_too_much_comes(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt, amount=attempt.amount_minor + 5_000)
    scene.told()
    assert (status_of(attempt), dispositions()) == (PAID, ["surplus"])
    assert (balance("customer_funds"), troubles()) == (-5_000, ["surplus"])
    refund_exception(exception_id=PaymentException.objects.get().pk, user_id=None)
    scene.turn()
    [back] = scene.refunds()
    assert back["amount"] == 5_000
    scene.sim("refunds/settle", reference_id=back["reference_id"])
    scene.told()
    assert payment_status(order=attempt.order) == "paid"


def test_t29_money_in_another_currency(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt, currency="USD")
    scene.told()
    assert (status_of(attempt)[0], stock(attempt)) == ("pending", (1, 1))
    assert (dispositions(), troubles()) == (["unmatched"], ["wrong_currency"])
    assert not LedgerTransaction.objects.filter(kind="sale").exists()


def test_t30_the_cart_is_changed_after_the_request_was_made(scene: Scene) -> None:
    shirt = make_variant(on_hand=3)
    cart = make_cart({shirt: 1})
    first = newest_attempt(place_and_pay(**order_form(cart)).order)
    make_coupon("HALO10")
    changed = with_code(Cart.objects.get(pk=cart.pk), "HALO10")
    second = newest_attempt(place_and_pay(**order_form(changed, key="k-2")).order)
    assert second.amount_minor < first.amount_minor
    scene.turn()
    assert scene.requests(first)[0]["status"] == "CANCELED"
    # The old one is paid all the same: what came counts, for the order that it was asked for.
    scene.pay(first, force_late=True)
    scene.told()
    assert (status_of(first), dispositions()) == (PAID, ["applied"])
    scene.pay(second)
    scene.told()
    assert (status_of(second), dispositions()) == (PAID, ["applied", "applied"])
    assert stock_of(shirt) == (1, 0)


@pytest.mark.parametrize(
    ("price", "method"), [(9_000, "bca_va"), (21_000_000, "ovo"), (12_000_000, "qris")]
)
def test_t31_an_amount_that_the_method_does_not_take(scene: Scene, price: int, method: str) -> None:
    make_promotion("Ongkir", kind="free_shipping")
    form = order_form(make_cart({make_variant(price=price): 1}), method=method)
    with pytest.raises(MethodNotOffered):
        place_and_pay(**form)
    assert (Order.objects.count(), PaymentAttempt.objects.count()) == (0, 0)
    assert scene.control.get("/_sim/requests").json()["data"] == []


def free_form(variant: Variant) -> dict[str, Any]:
    """A cart that a coupon makes cost nothing, shipping included."""
    make_coupon("GRATIS", percent=100)
    make_promotion("Ongkir", kind="free_shipping")
    form = order_form(with_code(make_cart({variant: 1}), "GRATIS"))
    return form | {"method": "", "expected_total": Money(0, "IDR")}


def test_t32_a_total_of_nothing(scene: Scene) -> None:
    shirt = make_variant(on_hand=3)
    results = race([partial(place_and_pay, **free_form(shirt))] * 3)
    order = Order.objects.get()
    assert {result.order.pk for result in results if isinstance(result, Placed)} == {order.pk}
    assert (order.status, order.total_minor, stock_of(shirt)) == ("confirmed", 0, (2, 0))
    assert (PaymentAttempt.objects.count(), books_untouched()) == (0, True)
    assert payment_status(order=order) == "paid"
    assert scene.control.get("/_sim/requests").json()["data"] == []


def test_t33_thirds_of_a_rupiah(scene: Scene) -> None:
    make_promotion("Sepertiga", percent=33)
    shirts = {
        make_variant(price=price, on_hand=9): units
        for price, units in ((33_333, 1), (66_667, 2), (99_999, 3))
    }
    order = place_and_pay(**order_form(make_cart(shirts))).order
    attempt = newest_attempt(order)
    lines = OrderLine.objects.filter(order=order).aggregate(
        off=Sum("discount_minor"), tax=Sum("tax_minor")
    )
    goods = sum(line.unit_price_minor * line.quantity for line in order.lines.all())
    assert lines["off"] == order.discount_minor == round(goods * 33 / 100)
    assert order.total_minor == goods - lines["off"] + order.shipping_minor
    assert scene.requests(attempt)[0]["request_amount"] == order.total_minor
    scene.pay(attempt)
    scene.told()
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])
