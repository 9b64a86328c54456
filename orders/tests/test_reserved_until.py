"""Until when an order has its goods, and that nobody keeps them from others for ever."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import Product, Variant
from catalog.tests.builders import make_variant, stock_of
from orders.models import Cart, Order, OrderStatus
from orders.placing import ReservationOver, place_order
from orders.tests.builders import make_cart, make_checkout
from orders.tests.queueing import wait

pytestmark = pytest.mark.django_db


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def place_last(shirt: Variant) -> Order:
    cart = make_cart({shirt: 1})
    soon = timezone.now() + timedelta(minutes=10)
    return place_order(checkout=make_checkout(cart), reserve_until=soon)


def place_again(order: Order) -> Order:
    assert order.cart_token is not None
    cart = Cart.objects.get(token=order.cart_token)
    return place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())


def test_placing_a_cart_again_begins_the_time_anew_where_nobody_waits() -> None:
    first = place_last(make_variant(on_hand=1))
    assert place_again(first).reserve_until > first.reserve_until + timedelta(minutes=45)


def test_placing_a_cart_again_wins_no_time_while_somebody_waits() -> None:
    shirt = make_variant(on_hand=1)
    first = place_last(shirt)
    wait(shirt)
    second = place_again(first)
    assert second.reserve_until == second.next_expiry_at == first.reserve_until
    assert place_again(second).reserve_until == first.reserve_until


def test_whose_time_is_over_goes_behind_those_who_wait() -> None:
    shirt = make_variant(on_hand=1)
    first = place_last(shirt)
    wait(shirt)
    Order.objects.update(reserve_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ReservationOver):
        place_again(first)
    first.refresh_from_db()
    assert (first.status, stock_of(shirt)) == (OrderStatus.PENDING, (1, 1))
    assert Order.objects.count() == 1


def test_those_who_wait_for_something_else_do_not_count() -> None:
    shirt, mug = make_variant(on_hand=1), make_variant(on_hand=1)
    place_last(mug)
    wait(mug)
    first = place_last(shirt)
    assert place_again(first).reserve_until > first.reserve_until + timedelta(minutes=45)


def test_goods_that_many_want_shorten_the_time_of_the_whole_order() -> None:
    shirt, mug = make_variant(on_hand=5), make_variant(on_hand=5)
    Product.objects.filter(pk=mug.product_id).update(payment_minutes=15)
    cart = make_cart({shirt: 1, mug: 1})
    order = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    left = order.reserve_until - order.placed_at
    assert timedelta(minutes=14, seconds=50) < left <= timedelta(minutes=15)
