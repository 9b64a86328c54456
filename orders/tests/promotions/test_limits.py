"""What is limited is had no more often than that, however many want it at once."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Variant
from catalog.tests.builders import make_variant, stock_of
from orders.checkout import Checkout
from orders.models import (
    Coupon,
    Order,
    OrderStatus,
    Promotion,
    PromotionUse,
    PromotionUser,
    PromotionUseState,
)
from orders.placing import place_order
from orders.promotions.uses import PromotionUsedUp
from orders.settlement import close_unpaid, confirm
from orders.tests.builders import make_address, make_cart, make_checkout, make_contact
from orders.tests.promotions.builders import make_coupon, make_promotion, with_code
from tests.racing import race

pytestmark = pytest.mark.django_db


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def checkout_of(person: int, shirt: Variant, code: str = "HALO10") -> Checkout:
    """One shirt with a code, for a person with a mailbox, a phone and a house of their own."""
    cart = make_cart({shirt: 1})
    return make_checkout(
        with_code(cart, code) if code else cart,
        contact=make_contact(f"pembeli{person}@example.com", f"0812345{person:05}"),
        address=make_address(street=f"Jl. Mawar {person}"),
    )


def place(checkout: Checkout) -> Order:
    return place_order(checkout=checkout, reserve_until=in_an_hour())


def uses() -> list[str]:
    return sorted(PromotionUse.objects.values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_single_use_coupon_is_redeemed_once_however_many_carts_have_it() -> None:
    coupon = make_coupon(max_uses=1)
    shirt = make_variant(price=100_000, on_hand=20)
    checkouts = [checkout_of(person, shirt) for person in range(8)]
    results = race([partial(place, checkout) for checkout in checkouts])
    assert sum(isinstance(result, Order) for result in results) == 1
    assert sum(isinstance(result, PromotionUsedUp) for result in results) == 7
    coupon.refresh_from_db()
    assert (coupon.uses, uses(), Order.objects.count()) == (1, ["taken"], 1)
    assert stock_of(shirt) == (20, 1)


@pytest.mark.django_db(transaction=True)
def test_a_promotion_without_a_code_is_limited_as_well() -> None:
    promotion = make_promotion(max_uses=2)
    shirt = make_variant(price=100_000, on_hand=20)
    checkouts = [checkout_of(person, shirt, code="") for person in range(6)]
    results = race([partial(place, checkout) for checkout in checkouts])
    assert sum(isinstance(result, Order) for result in results) == 2
    promotion.refresh_from_db()
    assert (promotion.uses, uses()) == (2, ["taken", "taken"])


@pytest.mark.django_db(transaction=True)
def test_one_person_has_a_limited_coupon_once_from_many_carts_at_the_same_moment() -> None:
    make_coupon(max_uses_per_customer=1)
    shirt = make_variant(price=100_000, on_hand=20)
    checkouts = [checkout_of(1, shirt) for _ in range(5)]
    results = race([partial(place, checkout) for checkout in checkouts])
    assert sum(isinstance(result, Order) for result in results) == 1
    assert sum(isinstance(result, PromotionUsedUp) for result in results) == 4
    assert uses() == ["taken"]


@pytest.mark.django_db(transaction=True)
def test_a_first_order_is_had_once_even_in_two_windows() -> None:
    make_promotion(first_order_only=True)
    shirt = make_variant(price=100_000, on_hand=20)
    checkouts = [checkout_of(1, shirt, code="") for _ in range(2)]
    results = race([partial(place, checkout) for checkout in checkouts])
    assert sum(isinstance(result, Order) for result in results) == 1


def test_the_database_refuses_the_same_turn_twice() -> None:
    coupon = make_coupon(max_uses_per_customer=1)
    place(checkout_of(1, make_variant()))
    user = PromotionUser.objects.first()
    assert user is not None
    with pytest.raises(IntegrityError, match="promotion_turn_once"), transaction.atomic():
        PromotionUser.objects.create(
            promotion=coupon.promotion, use=user.use, key=user.key, turn=user.turn
        )


@pytest.mark.parametrize("model", [Coupon, Promotion])
def test_the_database_refuses_more_uses_than_the_limit(
    model: type[Coupon] | type[Promotion],
) -> None:
    make_coupon(max_uses=1)
    model._default_manager.update(max_uses=1)
    with pytest.raises(IntegrityError, match="not_overused"), transaction.atomic():
        model._default_manager.update(uses=2)


def test_another_mailbox_of_the_same_person_is_the_same_person() -> None:
    make_coupon(max_uses_per_customer=1)
    shirt = make_variant(price=100_000)
    place(checkout_of(1, shirt))
    cart = with_code(make_cart({shirt: 1}))
    same_phone = make_contact("lain@example.com", "0812345 00001")
    again = make_checkout(cart, contact=same_phone, address=make_address(street="Lain 9"))
    assert again.priced.coupon_discount.minor == 0
    assert again.priced.coupon_trouble is not None
    assert again.priced.coupon_trouble.trouble == "used_by_you"


@pytest.mark.parametrize("email", ["PEMBELI1@example.com", "pembeli1+lagi@example.com"])
def test_a_mailbox_is_known_however_it_is_written(email: str) -> None:
    make_coupon(max_uses_per_customer=1)
    shirt = make_variant(price=100_000)
    place(checkout_of(1, shirt))
    cart = with_code(make_cart({shirt: 1}))
    other = make_checkout(cart, contact=make_contact(email, "081299999999"))
    assert other.priced.coupon_discount.minor == 0


def test_who_only_shares_a_house_may_use_the_code_too() -> None:
    make_coupon(max_uses_per_customer=1)
    shirt = make_variant(price=100_000)
    house = make_address(street="Jl. Mawar 1")
    for person in (1, 2):
        contact = make_contact(f"anak{person}@example.com", f"08123450000{person}")
        cart = with_code(make_cart({shirt: 1}))
        place(make_checkout(cart, contact=contact, address=house))
    assert uses() == ["taken", "taken"]


def test_an_order_that_expires_gives_its_uses_back_once() -> None:
    coupon = make_coupon(max_uses=1, max_uses_per_customer=1)
    shirt = make_variant(price=100_000)
    order = place(checkout_of(1, shirt))
    assert close_unpaid(order_id=order.pk) is True
    assert close_unpaid(order_id=order.pk) is False
    coupon.refresh_from_db()
    assert (coupon.uses, uses(), PromotionUser.objects.count()) == (0, ["released"], 0)
    assert place(checkout_of(1, shirt)).discount_minor == 10_000


def test_placing_the_same_cart_again_keeps_its_coupon() -> None:
    coupon = make_coupon(max_uses=1, max_uses_per_customer=1)
    cart = with_code(make_cart({make_variant(price=100_000): 1}))
    first = place(make_checkout(cart))
    second = place(make_checkout(cart))
    first.refresh_from_db()
    coupon.refresh_from_db()
    assert (first.status, second.discount_minor) == (OrderStatus.CANCELLED, 10_000)
    assert (coupon.uses, uses()) == (1, ["released", "taken"])


def test_another_code_of_the_same_promotion_is_used_up_for_itself() -> None:
    mine = make_coupon(max_uses=1)
    other = Coupon.objects.create(promotion=mine.promotion, code="TEMAN", max_uses=1)
    shirt = make_variant(price=100_000)
    place(checkout_of(2, shirt, code="TEMAN"))
    cart = with_code(make_cart({shirt: 1}))
    place(make_checkout(cart))
    again = make_checkout(with_code(cart, "TEMAN"))
    assert again.priced.coupon_trouble is not None
    assert again.priced.coupon_trouble.trouble == "used_up"
    assert place(again).discount_minor == 0
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.uses, other.uses) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_orders_that_are_placed_again_and_new_ones_do_not_wait_for_each_other() -> None:
    first = make_promotion("Satu", max_uses=99, is_active=False)
    make_promotion("Dua", max_uses=99)
    shirt = make_variant(price=100_000, on_hand=50)
    old = [checkout_of(person, shirt, code="") for person in range(4)]
    for checkout in old:
        place(checkout)
    Promotion.objects.filter(pk=first.pk).update(is_active=True)
    again = [
        make_checkout(checkout.cart, contact=checkout.contact, address=make_address())
        for checkout in old
    ]
    new = [checkout_of(person, shirt, code="") for person in range(10, 14)]
    results = race([partial(place, checkout) for checkout in [*again, *new]])
    assert [type(result) for result in results] == [Order] * 8
    assert list(Promotion.objects.order_by("pk").values_list("uses", flat=True)) == [8, 8]


def test_late_money_takes_the_use_again() -> None:
    coupon = make_coupon(max_uses=1, max_uses_per_customer=1)
    order = place(checkout_of(1, make_variant(price=100_000)))
    close_unpaid(order_id=order.pk)
    confirm(order_id=order.pk)
    coupon.refresh_from_db()
    assert (coupon.uses, uses()) == (1, ["taken"])
    # The mailbox and the phone.
    assert PromotionUser.objects.count() == 2


def test_late_money_keeps_its_price_though_others_have_used_the_code_up() -> None:
    coupon = make_coupon(max_uses=1)
    shirt = make_variant(price=100_000)
    late = place(checkout_of(1, shirt))
    close_unpaid(order_id=late.pk)
    place(checkout_of(2, shirt))
    confirm(order_id=late.pk)
    coupon.refresh_from_db()
    late.refresh_from_db()
    assert (late.status, late.discount_minor, coupon.uses) == (OrderStatus.CONFIRMED, 10_000, 1)
    assert PromotionUse.objects.get(order=late).state == PromotionUseState.LATE


def test_a_refused_order_leaves_the_coupon_as_it_was() -> None:
    coupon = make_coupon(max_uses=1)
    shirt = make_variant(on_hand=1)
    checkout = checkout_of(1, shirt)
    place(checkout_of(2, shirt, code=""))
    with pytest.raises(Exception, match="not enough"):
        place(checkout)
    coupon.refresh_from_db()
    assert (coupon.uses, PromotionUse.objects.count()) == (0, 0)


def test_a_coupon_without_limits_touches_no_row_that_others_wait_for() -> None:
    coupon = make_coupon()
    place(checkout_of(1, make_variant()))
    coupon.refresh_from_db()
    assert (coupon.uses, coupon.promotion.uses, uses()) == (0, 0, ["taken"])


def test_late_money_that_takes_over_a_newer_order_has_the_code_once() -> None:
    coupon = make_coupon(max_uses=1)
    shirt = make_variant(price=100_000, on_hand=1)
    cart = with_code(make_cart({shirt: 1}))
    first, second = place(make_checkout(cart)), place(make_checkout(cart))
    confirm(order_id=first.pk)
    coupon.refresh_from_db()
    second.refresh_from_db()
    assert (second.status, coupon.uses) == (OrderStatus.CANCELLED, 1)
    assert PromotionUse.objects.get(order=first).state == PromotionUseState.TAKEN
