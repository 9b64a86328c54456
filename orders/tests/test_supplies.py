"""What a cart says it can have is what placing it gives, wherever the units lie."""

from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.test import Client
from django.utils import timezone

from catalog.inventory import receive_stock
from catalog.models import StockItem, Variant, Waiting
from catalog.tests.builders import (
    make_location,
    make_product,
    make_stock,
    make_variant,
    stock_of,
)
from orders.addresses import Contact
from orders.carts import TooFewInStock, add_held, set_quantity
from orders.checkout import Checkout, PriceChanged, from_any_place
from orders.models import Cart, Order, ShippingRate
from orders.placing import place_order
from orders.priced_cart import price_cart
from orders.settlement import close_unpaid
from orders.tests.builders import (
    make_address,
    make_cart,
    make_checkout,
    make_contact,
    make_order,
    make_rate,
)
from orders.tests.queueing import wait
from tests.racing import race

pytestmark = pytest.mark.django_db


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def place(cart: Cart) -> Order:
    cart.refresh_from_db()
    return place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())


def place_it(checkout: Checkout) -> Order:
    return place_order(checkout=checkout, reserve_until=in_an_hour())


def want(cart: Cart, variant: Variant, quantity: int) -> None:
    set_quantity(cart_token=cart.token, variant_id=variant.public_id, quantity=quantity)


def available(cart: Cart) -> list[int]:
    return [line.available for line in price_cart(cart=cart, language="id").lines]


def shirt_in_two_places(first: int, second: int) -> tuple[Variant, StockItem, StockItem]:
    shirt = make_variant(on_hand=first)
    make_stock(shirt, on_hand=second, location=make_location(city="Kota Bandung"))
    one, other = StockItem.objects.order_by("pk")
    return shirt, one, other


def hold_for(cart: Cart, shirt: Variant, order: Order, quantity: int = 1) -> None:
    """The unpaid order ends, and what it held is held for this cart."""
    wait(shirt, quantity=quantity)
    close_unpaid(order_id=order.pk)
    add_held(cart_token=cart.token, waiting_token=Waiting.objects.get().token)


def reserved() -> list[int]:
    return list(StockItem.objects.order_by("pk").values_list("reserved", flat=True))


@pytest.mark.parametrize("fewer", [1, 0])
def test_what_placing_again_gives_up_goes_to_the_queue(fewer: int) -> None:
    shirt, mug = make_variant(on_hand=2), make_variant(on_hand=1)
    cart = make_cart({shirt: 2} if fewer else {shirt: 2, mug: 1})
    place(cart)
    wait(shirt, quantity=2)

    want(cart, shirt, fewer)
    place(cart)

    waiting = Waiting.objects.get()
    assert (waiting.state, waiting.quantity) == ("offered", 2 - fewer)
    assert stock_of(shirt) == (2, 2)


def test_the_last_ones_in_ones_own_unpaid_order_are_there_for_its_cart(client: Client) -> None:
    shirt = make_variant(on_hand=2)
    cart = make_cart({shirt: 2})
    client.cookies["cart"] = str(cart.token)
    other = make_cart()
    place(cart)

    assert available(cart) == [2]
    want(cart, shirt, 1)
    want(cart, shirt, 0)
    want(cart, shirt, 2)
    with pytest.raises(TooFewInStock):
        want(cart, shirt, 3)
    with pytest.raises(TooFewInStock):
        want(other, shirt, 1)

    assert "Stok tinggal" not in client.get("/cart/").text
    assert stock_of(shirt) == (2, 2)
    place(cart)
    assert stock_of(shirt) == (2, 2)


def test_more_than_the_own_unpaid_order_and_all_that_is_free_is_short(client: Client) -> None:
    shirt = make_variant(on_hand=3)
    cart = make_cart({shirt: 2})
    client.cookies["cart"] = str(cart.token)
    place(cart)
    cart.lines.update(quantity=4)

    assert available(cart) == [3]
    assert 'name="quantity" value="3"' in client.get("/cart/").text


def test_a_hold_in_one_place_does_not_hide_more_in_another() -> None:
    shirt, _one, other = shirt_in_two_places(1, 0)
    cart = make_cart()
    hold_for(cart, shirt, make_order(lines={shirt: 1}))
    receive_stock(stock_item_id=other.pk, quantity=3)

    want(cart, shirt, 3)

    assert available(cart)[-1] == 3
    order = place(cart)
    assert order.lines.get(variant=shirt).stock_item_id == other.pk
    assert stock_of(shirt) == (4, 3)


def test_an_unpaid_order_in_the_fuller_place_can_be_placed_again() -> None:
    shirt, one, _other = shirt_in_two_places(2, 1)
    cart = make_cart({shirt: 2})
    place(cart)

    assert available(cart) == [2]
    assert place(cart).lines.get().stock_item_id == one.pk
    assert reserved() == [2, 0]


def test_free_and_own_units_of_one_place_count_together() -> None:
    shirt, one, _other = shirt_in_two_places(5, 3)
    cart = make_cart({shirt: 2})
    make_order(lines={shirt: 1})
    place(cart)

    want(cart, shirt, 4)

    assert available(cart) == [4]
    assert place(cart).lines.get().stock_item_id == one.pk
    assert reserved() == [5, 0]


@pytest.mark.parametrize(("limit", "expected"), [(None, 2), (2, 2), (1, 1)])
def test_what_is_held_joins_what_the_cart_has_once(limit: int | None, expected: int) -> None:
    shirt = make_variant(product=make_product(purchase_limit=limit), on_hand=2)
    cart = make_cart({shirt: 1})
    place(cart)
    other = make_contact("budi@example.com", "081299999999")
    address = make_address(street="Jl. Mawar 1")
    hold_for(cart, shirt, make_order(lines={shirt: 1}, contact=other, address=address))

    assert [line.quantity for line in cart.lines.all()] == [expected]
    add_held(cart_token=cart.token, waiting_token=Waiting.objects.get().token)
    assert [line.quantity for line in cart.lines.all()] == [expected]

    assert available(cart) == [2]
    place(cart)
    assert stock_of(shirt) == (2, expected)


def test_what_is_held_is_no_more_than_there_is_and_comes_back_once_taken_out() -> None:
    shirt = make_variant(on_hand=1)
    cart = make_cart({shirt: 1})
    hold_for(cart, shirt, make_order(lines={shirt: 1}))
    assert [line.quantity for line in cart.lines.all()] == [1]

    want(cart, shirt, 0)
    add_held(cart_token=cart.token, waiting_token=Waiting.objects.get().token)

    assert [line.quantity for line in cart.lines.all()] == [1]


def test_two_holds_for_one_cart_are_both_its_own() -> None:
    shirt = make_variant(on_hand=2)
    order = make_order(lines={shirt: 2})
    cart = make_cart()
    wait(shirt, 1)
    wait(shirt, 2)
    close_unpaid(order_id=order.pk)
    for waiting in Waiting.objects.all():
        add_held(cart_token=cart.token, waiting_token=waiting.token)

    assert available(cart)[-1] == 2
    place(cart)
    assert set(Waiting.objects.values_list("state", flat=True)) == {"taken"}
    assert stock_of(shirt) == (2, 2)


def test_an_unpaid_order_in_one_place_and_a_hold_in_another_do_not_make_one_line() -> None:
    shirt, one, _other = shirt_in_two_places(1, 1)
    cart = make_cart({shirt: 1})
    place(cart)
    hold_for(cart, shirt, make_order(lines={shirt: 1}))

    assert available(cart) == [1]
    with pytest.raises(TooFewInStock):
        want(cart, shirt, 2)
    assert place(cart).lines.get().stock_item_id == one.pk
    assert reserved() == [1, 0]


def test_a_parcel_stays_as_it_was_shown_while_its_place_has_enough() -> None:
    shirt, one, _other = shirt_in_two_places(3, 2)
    cart = make_cart({shirt: 1})
    shown = make_checkout(cart)
    make_order(lines={shirt: 2})

    options = {key: option.code for key, option in shown.shipping.items()}
    again = make_checkout(cart, shipping=options, expected_total=shown.total)
    assert place_it(again).lines.get().stock_item_id == one.pk
    assert reserved() == [3, 0]


def test_another_place_gives_what_the_shown_one_has_run_out_of() -> None:
    shirt, _one, other = shirt_in_two_places(1, 1)
    cart = make_cart({shirt: 1})
    shown = make_checkout(cart)
    options = {key: option.code for key, option in shown.shipping.items()}
    make_order(lines={shirt: 1})

    def again() -> Checkout:
        return make_checkout(cart, shipping=options, expected_total=shown.total)

    ready = iter([lambda: shown, again])
    order = from_any_place(lambda: next(ready)(), place_it)

    assert order.lines.get().stock_item_id == other.pk
    assert reserved() == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_who_saw_the_same_place_each_get_theirs_from_one_of_their_own() -> None:
    shirt, one, other = shirt_in_two_places(1, 1)
    make_rate()
    carts = [make_cart({shirt: 1}) for _ in range(2)]
    both_have_seen = Barrier(2)

    def buy(cart: Cart, contact: Contact) -> Order:
        seen: list[Checkout] = []

        def ready() -> Checkout:
            seen.append(make_checkout(cart, contact=contact))
            if len(seen) == 1:
                assert [line.supply.source(1) for line in seen[0].priced.lines] == [one.pk]
                both_have_seen.wait(timeout=30)
            return seen[-1]

        return from_any_place(ready, place_it)

    contacts = [make_contact("siti@example.com"), make_contact("budi@example.com", "081234567891")]
    orders = race([partial(buy, *each) for each in zip(carts, contacts, strict=True)])
    taken = [order.lines.get().stock_item_id for order in orders if isinstance(order, Order)]
    assert sorted(taken) == [one.pk, other.pk], orders
    assert reserved() == [1, 1]


def test_another_place_is_no_reason_to_charge_more() -> None:
    shirt, _one, other = shirt_in_two_places(1, 1)
    cart = make_cart({shirt: 1})
    shown = make_checkout(cart)
    options = {key: option.code for key, option in shown.shipping.items()}
    make_order(lines={shirt: 1})
    dearer = ShippingRate.objects.get()
    dearer.pk, dearer.origin, dearer.first_kg_minor = None, other.location, 15_000
    dearer.save()
    with pytest.raises(PriceChanged):
        make_checkout(cart, shipping=options, expected_total=shown.total)
