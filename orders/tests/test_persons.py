"""What one person may have: few unpaid orders, and so many of a product that is for many people."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Variant
from catalog.tests.builders import make_variant, stock_of
from orders.addresses import Address, Contact
from orders.models import BuyerKey, Order, OrderStatus
from orders.placing import PurchaseLimit, TooManyOpenOrders, place_order
from orders.settlement import close_unpaid, confirm
from orders.tests.builders import make_address, make_cart, make_checkout, make_contact, make_order
from tests.racing import race

pytestmark = pytest.mark.django_db

SITI = make_contact("siti@example.com", "081234567890")


def house(number: int) -> Address:
    return make_address(street=f"Jl. Mawar {number}")


def order_of(shirt: Variant, contact: Contact = SITI, address: Address | None = None) -> Order:
    return make_order(lines={shirt: 1}, contact=contact, address=address)


def test_one_person_has_few_open_orders() -> None:
    shirt = make_variant()
    for number in range(3):
        order_of(shirt, address=house(number))
    with pytest.raises(TooManyOpenOrders) as refusal:
        order_of(shirt, address=house(4))
    assert refusal.value.extra == {"open": 3}
    assert (Order.objects.count(), stock_of(shirt)) == (3, (10, 3))


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        (make_contact("siti@example.com", "081299999999"), house(9)),
        (make_contact("Siti+lagi@Example.com", "081299999999"), house(9)),
        (make_contact("lain@example.com", "+62 812 3456 7890"), house(9)),
    ],
)
def test_a_guest_is_known_by_mailbox_or_phone(contact: Contact, address: Address) -> None:
    shirt = make_variant()
    for number in range(3):
        order_of(shirt, address=house(number))
    with pytest.raises(TooManyOpenOrders):
        order_of(shirt, contact, address)


def test_one_address_has_a_few_more_since_it_may_be_many_people() -> None:
    shirt = make_variant()
    people = [make_contact(f"p{number}@example.com", f"08123456781{number}") for number in range(7)]
    written = ["Jl. Melati No. 5", "jl melati no 5", "JL. MELATI, NO.5"] * 2
    for contact, street in zip(people, written, strict=False):
        order_of(shirt, contact, make_address(street=street))
    with pytest.raises(TooManyOpenOrders):
        order_of(shirt, people[6], make_address(street="Jl. Melati No. 5"))
    assert Order.objects.count() == 6


@pytest.mark.parametrize("end", [confirm, close_unpaid])
def test_an_order_that_was_paid_or_ended_makes_room(end: Any) -> None:
    shirt = make_variant()
    orders = [order_of(shirt, address=house(number)) for number in range(3)]
    end(order_id=orders[0].pk)
    assert order_of(shirt, address=house(4)).status == OrderStatus.PENDING


def test_placing_the_same_cart_again_needs_no_room() -> None:
    shirt = make_variant()
    for number in range(2):
        order_of(shirt, address=house(number))
    cart = make_cart({shirt: 1})
    until = timezone.now() + timedelta(hours=1)
    for _ in range(3):
        place_order(checkout=make_checkout(cart, contact=SITI), reserve_until=until)
    assert Order.objects.filter(status=OrderStatus.PENDING).count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_person_placing_many_carts_at_once_has_few_open_orders() -> None:
    shirt = make_variant(on_hand=20)
    until = timezone.now() + timedelta(hours=1)
    checkouts = [
        make_checkout(make_cart({shirt: 1}), contact=SITI, address=house(number))
        for number in range(8)
    ]
    results = race([partial(place_order, checkout=one, reserve_until=until) for one in checkouts])
    assert sum(isinstance(result, Order) for result in results) == 3
    assert sum(isinstance(result, TooManyOpenOrders) for result in results) == 5
    assert stock_of(shirt) == (20, 3)


def limited(units: int = 2, days: int = 30) -> Variant:
    shirt = make_variant(on_hand=50)
    type(shirt.product).objects.filter(pk=shirt.product_id).update(
        purchase_limit=units, purchase_limit_days=days
    )
    return shirt


def test_a_limited_product_is_had_so_often_in_all_orders_of_a_person() -> None:
    shirt = limited(2)
    confirm(order_id=order_of(shirt).pk)
    with pytest.raises(PurchaseLimit) as refusal:
        make_order(lines={shirt: 2}, contact=SITI)
    assert refusal.value.extra["left"] == 1
    assert Order.objects.count() == 1
    assert order_of(shirt).status == OrderStatus.PENDING
    with pytest.raises(PurchaseLimit):
        order_of(shirt)


def test_a_limited_product_is_free_again_where_an_order_was_not_paid() -> None:
    shirt = limited(1)
    close_unpaid(order_id=order_of(shirt).pk)
    assert order_of(shirt).status == OrderStatus.PENDING


def test_the_limit_of_a_product_is_of_some_days() -> None:
    shirt = limited(1, days=7)
    old = order_of(shirt)
    confirm(order_id=old.pk)
    Order.objects.filter(pk=old.pk).update(placed_at=timezone.now() - timedelta(days=8))
    assert order_of(shirt).status == OrderStatus.PENDING


def test_another_person_has_the_product_too() -> None:
    shirt = limited(1)
    order_of(shirt)
    ani = make_contact("ani@example.com", "081277777777")
    assert order_of(shirt, ani).status == OrderStatus.PENDING


def test_what_a_person_is_known_by_cannot_be_read() -> None:
    order_of(make_variant())
    keys = BuyerKey.objects.values_list("kind", "key")
    assert sorted(kind for kind, _key in keys) == ["address", "email", "phone"]
    assert all(len(key) == 32 and int(key, 16) for _kind, key in keys)
