"""What the customer saw is what is placed, and the order keeps it whatever happens later."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Location, Variant
from catalog.tests.builders import make_variant, stock_of
from orders.checkout import Checkout, PriceChanged, prepare, quote_cart
from orders.models import Cart, FulfilmentGroup, Order, ShippingRate
from orders.places import Destination
from orders.placing import place_order
from orders.priced_cart import price_cart
from orders.shipping import CourierChanged, GroupQuote, sources
from orders.tests.builders import make_address, make_cart, make_contact
from orders.tests.shipping.builders import make_fare, make_zone
from orders.tests.shipping.couriers import Couriers

pytestmark = pytest.mark.django_db

ADDRESS = make_address(postal_code="40132")
GOAL = Destination("ID", "32", ADDRESS.region, ADDRESS.postal_code)


@pytest.fixture(autouse=True)
def _table() -> None:
    make_fare(make_zone(), 25_000)


def make_measured(**sides: Any) -> Variant:
    variant = make_variant(weight_grams=400)
    Location.objects.update(postal_code="51122")
    Variant.objects.filter(pk=variant.pk).update(**sides)
    return variant


def shown(cart: Cart) -> GroupQuote:
    (quote,) = quote_cart(cart=cart, destination=GOAL, language="id").groups
    return quote


def check(cart: Cart, quote: GroupQuote, code: str) -> Checkout:
    """What the customer sends after choosing one of what was shown."""
    option = next(option for option in quote.options if option.code == code)
    return prepare(
        cart_token=cart.token,
        contact=make_contact(),
        address=ADDRESS,
        shipping={quote.key: code},
        language="id",
        expected_total=price_cart(cart=cart, language="id").subtotal + option.amount,
    )


def placed(cart: Cart, quote: GroupQuote, code: str) -> FulfilmentGroup:
    in_an_hour = timezone.now() + timedelta(hours=1)
    order = place_order(checkout=check(cart, quote, code), reserve_until=in_an_hour)
    return order.groups.get()


def test_the_order_keeps_all_that_the_api_said(api: Couriers, settings: Settings) -> None:
    cart = make_cart({make_measured(length_mm=300, width_mm=200, height_mm=100): 2})
    group = placed(cart, shown(cart), "jne:yes")
    group.refresh_from_db()
    # 2 × 6.000 cm³ count as two kilograms, although they weigh 800 g.
    assert (group.weight_grams, group.volume_cm3, group.charged_grams) == (800, 12_000, 2000)
    assert group.shipping_minor == 2 * 17_100
    assert (group.courier, group.service.lower()) == ("jne", "yes")
    assert group.source == settings.COURIER_RATES
    assert group.rate_reference.lower() == "jne:yes"
    assert (group.eta_min_days, group.eta_max_days) == (1, 1)
    assert group.quoted_at is not None
    assert timezone.now() - group.quoted_at < timedelta(minutes=1)


def test_the_order_keeps_what_the_table_said() -> None:
    cart = make_cart({make_measured(length_mm=300, width_mm=200): 1})
    group = placed(cart, shown(cart), "jne:reg")
    ShippingRate.objects.update(first_kg_minor=99_000, name="Other", eta_max_days=9)
    group.refresh_from_db()
    assert (group.shipping_minor, group.service_name, group.eta_max_days) == (
        25_000,
        "JNE Reguler",
        4,
    )
    # What is not measured on all sides takes no room.
    assert (group.source, group.volume_cm3, group.charged_grams) == ("table", 0, 400)


def test_packing_has_a_weight(settings: Settings) -> None:
    settings.COURIER_PACKING_GRAMS = 601
    cart = make_cart({make_measured(): 1})
    quote = shown(cart)
    assert (quote.weight_grams, quote.options[0].amount.minor) == (1001, 34_000)


def test_a_price_that_rose_since_it_was_shown_is_asked_about(biteship: Couriers) -> None:
    cart = make_cart({make_measured(): 1})
    quote = shown(cart)
    biteship.be("error")
    cache.clear()
    # Now the table answers: the same service at its own price.
    with pytest.raises(PriceChanged) as refusal:
        check(cart, quote, "jne:reg")
    assert refusal.value.extra["total"] == {"amount": 149_000 + 25_000, "currency": "IDR"}
    assert not Order.objects.exists()


def test_a_courier_that_is_gone_is_not_replaced_by_another(biteship: Couriers) -> None:
    variant = make_measured()
    cart = make_cart({variant: 1})
    quote = shown(cart)
    biteship.be("error")
    cache.clear()
    with pytest.raises(CourierChanged):
        check(cart, quote, "sicepat:reg")
    assert not Order.objects.exists()
    assert stock_of(variant) == (10, 0)


def test_a_quote_that_is_kept_places_the_order_while_the_api_is_down(biteship: Couriers) -> None:
    cart = make_cart({make_measured(): 1})
    quote = shown(cart)
    biteship.be("error")
    sources._known.clear()
    group = placed(cart, quote, "sicepat:reg")
    assert (group.shipping_minor, group.source) == (8_550, "biteship")


def test_a_parcel_has_dates(settings: Settings) -> None:
    cart = make_cart({make_measured(): 1})
    option = shown(cart).options[0]
    assert option.arrives_from is not None
    assert option.arrives_until is not None
    assert timezone.localdate() < option.arrives_from < option.arrives_until
