"""A cart becomes an order with everything frozen, or nothing happens at all."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.inventory import OutOfStock
from catalog.models import Price, Reservation, Variant
from catalog.tests.builders import make_product, make_variant, stock_of
from orders.addresses import InvalidAddress
from orders.carts import CartNotFound, set_quantity
from orders.checkout import (
    CartChanged,
    Checkout,
    EmptyCart,
    PriceChanged,
    SoldOut,
    prepare,
)
from orders.models import Cart, Order, OrderEvent, OrderStatus
from orders.phones import InvalidPhone
from orders.placing import place_order
from orders.settlement import confirm
from orders.shipping import NoShipping, ShippingNotOffered
from orders.tests.builders import (
    make_address,
    make_cart,
    make_checkout,
    make_contact,
    make_order,
)
from tests.racing import race


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def check_again(checkout: Checkout, **changes: Any) -> Checkout:
    wanted: dict[str, Any] = {
        "cart_token": checkout.cart.token,
        "contact": checkout.contact,
        "address": make_address(),
        "shipping": {key: option.code for key, option in checkout.shipping.items()},
        "language": "id",
        "expected_total": checkout.total,
    }
    return prepare(**wanted | changes)


def set_price(variant: Variant, amount: int) -> None:
    Price.objects.filter(variant=variant).update(amount_minor=amount)


@pytest.mark.django_db
def test_an_order_freezes_names_prices_and_the_courier() -> None:
    product = make_product("Kemeja Batik")
    shirt = make_variant(product=product, price=149_000, sku="KB-M", weight_grams=600)
    order = make_order(lines={shirt: 2})
    set_price(shirt, 999_000)
    product.translations.update(name="Anders")

    order.refresh_from_db()
    line, group = order.lines.get(), order.groups.get()
    assert (line.product_name, line.variant_name, line.sku) == (
        "Kemeja Batik",
        "Terakota, M",
        "KB-M",
    )
    assert (line.quantity, line.unit_price_minor, line.total_minor) == (2, 149_000, 298_000)
    # 1,200 g are two kilograms to a courier.
    assert (group.service_name, group.weight_grams, group.shipping_minor) == (
        "JNE REG",
        1200,
        21_000,
    )
    assert (order.subtotal_minor, order.shipping_minor, order.total_minor) == (
        298_000,
        21_000,
        319_000,
    )
    assert order.status == OrderStatus.PENDING
    assert stock_of(shirt) == (10, 2)


@pytest.mark.django_db
def test_the_steps_to_the_total_sum_to_it() -> None:
    order = make_order(lines={make_variant(price=149_000): 2, make_variant(price=1): 3})
    steps = list(order.adjustments.order_by("step").values_list("kind", "amount_minor"))
    assert [kind for kind, _amount in steps] == ["list_price", "list_price", "shipping"]
    assert sum(amount for _kind, amount in steps) == order.total_minor


@pytest.mark.django_db
def test_what_is_personal_lies_in_one_row() -> None:
    order = make_order()
    contact = order.contact
    assert (contact.email, contact.phone) == ("siti@example.com", "+6281234567890")
    assert (contact.recipient_name, contact.province_name) == ("Siti Aminah", "Jawa Barat")
    assert OrderEvent.objects.get(order=order).data == {}


@pytest.mark.django_db(transaction=True)
def test_ten_shoppers_one_mug() -> None:
    mug = make_variant(on_hand=1)
    checkouts = [make_checkout(make_cart({mug: 1})) for _ in range(10)]
    results = race(
        [
            partial(place_order, checkout=checkout, reserve_until=in_an_hour())
            for checkout in checkouts
        ]
    )
    assert sum(isinstance(result, Order) for result in results) == 1
    assert sum(isinstance(result, SoldOut) for result in results) == 9
    assert stock_of(mug) == (1, 1)
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_cart_placed_in_two_tabs_leaves_one_open_order() -> None:
    mug = make_variant(on_hand=3)
    checkout = make_checkout(make_cart({mug: 2}))
    results = race([partial(place_order, checkout=checkout, reserve_until=in_an_hour())] * 5)
    assert all(isinstance(result, Order) for result in results)
    assert sorted(Order.objects.values_list("status", flat=True)) == ["cancelled"] * 4 + ["pending"]
    assert stock_of(mug) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_one_cart_placed_for_different_people_at_once_leaves_one_open_order() -> None:
    mug = make_variant(on_hand=3)
    cart = make_cart({mug: 2})
    checkouts = [
        make_checkout(
            cart,
            contact=make_contact(f"p{person}@example.com", f"08123450000{person}"),
            address=make_address(street=f"Jl. Mawar {person}"),
        )
        for person in range(5)
    ]
    results = race(
        [partial(place_order, checkout=one, reserve_until=in_an_hour()) for one in checkouts]
    )
    assert [result for result in results if not isinstance(result, Order)] == []
    assert sorted(Order.objects.values_list("status", flat=True)) == ["cancelled"] * 4 + ["pending"]
    assert stock_of(mug) == (3, 2)


@pytest.mark.django_db
def test_too_late_for_the_last_one_nothing_has_changed() -> None:
    mug, cup = make_variant(on_hand=1), make_variant(on_hand=5)
    checkout = make_checkout(make_cart({cup: 1, mug: 1}))
    make_order(lines={mug: 1})
    with pytest.raises(SoldOut) as refusal:
        place_order(checkout=checkout, reserve_until=in_an_hour())
    assert refusal.value.extra == {"variant_ids": [str(mug.public_id)]}
    assert Order.objects.count() == 1
    assert (stock_of(mug), stock_of(cup)) == ((1, 1), (5, 0))
    assert Reservation.objects.count() == 1


@pytest.mark.django_db
def test_what_is_known_to_be_gone_is_refused_before_anything_is_written() -> None:
    mug = make_variant(on_hand=1)
    cart = make_cart({mug: 1})
    make_order(lines={mug: 1})
    with pytest.raises(SoldOut):
        make_checkout(cart)


@pytest.mark.django_db
def test_a_buyer_whose_own_unpaid_order_holds_the_last_one_may_place_it_again() -> None:
    mug = make_variant(on_hand=1)
    cart = make_cart({mug: 1})
    first = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    second = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    first.refresh_from_db()
    assert (first.status, second.status) == (OrderStatus.CANCELLED, OrderStatus.PENDING)
    assert stock_of(mug) == (1, 1)


@pytest.mark.django_db
def test_a_changed_total_needs_consent() -> None:
    shirt = make_variant(price=149_000)
    cart = make_cart({shirt: 1})
    agreed = make_checkout(cart).total
    set_price(shirt, 159_000)
    with pytest.raises(PriceChanged) as refusal:
        make_checkout(cart, expected_total=agreed)
    assert refusal.value.extra["total"] == {"amount": 171_000, "currency": "IDR"}
    assert Order.objects.count() == 0


@pytest.mark.django_db
def test_a_cart_changed_after_it_was_checked_is_not_placed() -> None:
    mug = make_variant()
    cart = make_cart({mug: 1})
    checkout = make_checkout(cart)
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
    with pytest.raises(CartChanged):
        place_order(checkout=checkout, reserve_until=in_an_hour())
    assert (Order.objects.count(), stock_of(mug)) == (0, (10, 0))


@pytest.mark.django_db
def test_an_empty_cart_is_no_order() -> None:
    mug = make_variant()
    cart = make_cart({mug: 1})
    checkout = make_checkout(cart)
    set_quantity(cart_token=cart.token, variant_id=mug.public_id, quantity=0)
    with pytest.raises(EmptyCart):
        check_again(checkout)


@pytest.mark.django_db
def test_a_cart_that_never_was_cannot_be_placed() -> None:
    checkout = make_checkout()
    Cart.objects.all().delete()
    with pytest.raises(CartNotFound):
        check_again(checkout)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipient_name", " "),
        ("street", ""),
        ("region", ""),
        ("region", "99.99.99"),
        # A regency: there are hundreds of streets of that name in it.
        ("region", "32.73"),
        ("city", "Kota Bandung"),
        ("postal_code", ""),
        ("postal_code", "4011"),
        ("postal_code", "40111\n1"),
        ("rt", "5a"),
        ("street", "x" * 251),
        ("country", "SG"),
    ],
)
def test_an_address_that_no_courier_could_find_is_refused(field: str, value: str) -> None:
    checkout = make_checkout()
    with pytest.raises(InvalidAddress) as refusal:
        check_again(checkout, address=make_address(**{field: value}))
    assert refusal.value.extra == {"field": f"address.{field}"}


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["", "abc", "0812", "+999 1"])
def test_a_phone_that_nobody_can_call_is_refused(phone: str) -> None:
    with pytest.raises(InvalidPhone):
        make_checkout(contact=make_contact(phone=phone))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "phone", ["0812-3456 7890", "+62 812 3456 7890", "6281234567890", "81234567890"]
)
def test_a_phone_is_understood_however_it_is_written(phone: str) -> None:
    assert make_checkout(contact=make_contact(phone=phone)).contact.phone == "+6281234567890"


@pytest.mark.django_db
def test_every_parcel_needs_a_courier() -> None:
    with pytest.raises(ShippingNotOffered):
        make_checkout(shipping={})


@pytest.mark.django_db
def test_where_no_courier_goes_nothing_is_sold() -> None:
    checkout = make_checkout()
    with pytest.raises(NoShipping):
        check_again(checkout, address=make_address(region="91.03.01"))


@pytest.mark.django_db
def test_the_database_refuses_a_total_that_does_not_add_up() -> None:
    order = make_order()
    with pytest.raises(IntegrityError, match="order_total_adds_up"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(total_minor=1)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET kind = 'x'", "DELETE FROM {}"])
def test_the_history_of_an_order_cannot_be_changed(statement: str) -> None:
    make_order()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("orders_orderevent"))


@pytest.mark.django_db
def test_placing_costs_as_many_statements_for_one_line_as_for_ten() -> None:
    def statements(lines: int) -> int:
        checkout = make_checkout(make_cart({make_variant(): 1 for _ in range(lines)}))
        with CaptureQueriesContext(connection) as queries:
            place_order(checkout=checkout, reserve_until=in_an_hour())
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    assert (statements(1), statements(10)) == (8, 8)


@pytest.mark.django_db
def test_a_cart_emptied_by_a_confirmation_is_not_placed_a_second_time() -> None:
    mug = make_variant()
    cart = make_cart({mug: 1})
    first = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    second_tab = make_checkout(cart)
    confirm(order_id=first.pk)
    with pytest.raises(CartChanged):
        place_order(checkout=second_tab, reserve_until=in_an_hour())
    assert (Order.objects.count(), stock_of(mug)) == (1, (9, 0))


@pytest.mark.django_db
def test_what_was_added_after_the_order_stays_in_the_cart() -> None:
    mug, bowl = make_variant(), make_variant()
    cart = make_cart({mug: 1, bowl: 2})
    order = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    set_quantity(cart_token=cart.token, variant_id=mug.public_id, quantity=3)
    set_quantity(cart_token=cart.token, variant_id=bowl.public_id, quantity=1)
    confirm(order_id=order.pk)
    assert list(cart.lines.values_list("variant", "quantity")) == [(mug.pk, 2)]


@pytest.mark.django_db
def test_late_money_takes_the_last_one_from_the_buyers_own_newer_order() -> None:
    mug = make_variant(on_hand=1)
    cart = make_cart({mug: 1})
    first = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    second = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    confirm(order_id=first.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (OrderStatus.CONFIRMED, OrderStatus.CANCELLED)
    assert stock_of(mug) == (0, 0)
    assert Reservation.objects.filter(state="held").count() == 0


@pytest.mark.django_db
def test_late_money_leaves_the_newer_order_alone_where_there_is_enough() -> None:
    mug = make_variant(on_hand=2)
    cart = make_cart({mug: 1})
    first = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    second = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    confirm(order_id=first.pk)
    second.refresh_from_db()
    assert second.status == OrderStatus.PENDING
    assert stock_of(mug) == (1, 1)


@pytest.mark.django_db
def test_late_money_takes_nothing_from_others() -> None:
    mug = make_variant(on_hand=1)
    late = make_order(lines={mug: 1}, status=OrderStatus.EXPIRED)
    other = make_order(lines={mug: 1})
    with pytest.raises(OutOfStock):
        confirm(order_id=late.pk)
    other.refresh_from_db()
    assert other.status == OrderStatus.PENDING
    assert stock_of(mug) == (1, 1)
