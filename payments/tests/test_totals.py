"""Totals of nothing, and what discounts and tax make of the books."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Seller, Variant
from catalog.tests.builders import make_variant
from orders.checkout import PriceChanged
from orders.models import Order
from orders.placing import place_order
from orders.tests.builders import make_cart, make_checkout
from orders.tests.promotions.builders import make_coupon, make_promotion, with_code
from payments.checkout import MethodNotOffered, place_and_pay
from payments.models import LedgerEntry
from payments.tests.builders import make_attempt, pay
from payments.tests.simulated import Simulator
from payments.tests.test_checkout import order_form
from shop.core.money import Money

pytestmark = pytest.mark.django_db(transaction=True)


def free_form(mug: Variant) -> dict[str, Any]:
    """A cart that a coupon makes cost nothing, shipping included."""
    make_coupon("GRATIS", percent=100)
    make_promotion("Ongkir", kind="free_shipping")
    cart = with_code(make_cart({mug: 1}), "GRATIS")
    form = order_form(cart)
    return form | {"method": "", "expected_total": Money(0, "IDR")}


def test_what_costs_something_is_never_free(gateway_up: Simulator) -> None:
    form = order_form(make_cart())
    for claim in ({"method": ""}, {"method": "", "expected_total": Money(0, "IDR")}):
        with pytest.raises((MethodNotOffered, PriceChanged)):
            place_and_pay(**form | claim)
    assert Order.objects.count() == 0


def test_a_sale_is_booked_without_discounts_and_with_its_tax() -> None:
    make_coupon("HALO10")
    make_promotion("Ongkir", kind="free_shipping", max_discount_minor=5_000)
    cart = with_code(make_cart({make_variant(price=111_000): 1}))
    Seller.objects.update(is_taxable=True)
    in_an_hour = timezone.now() + timedelta(hours=1)
    pay(make_attempt(place_order(checkout=make_checkout(cart), reserve_until=in_an_hour)))
    booked = dict(
        LedgerEntry.objects.filter(transaction__kind="sale").values_list(
            "account_id", "amount_minor"
        )
    )
    # 99.900 of goods and 7.000 of shipping, of which 11/111 are tax.
    assert booked == {
        "customer_funds": 106_900,
        "sales": -90_000,
        "shipping_income": -6_306,
        "ppn_out": -10_594,
    }
