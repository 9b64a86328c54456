"""Carts at sign-in: they go along, and of two nothing is merged or lost before the choice."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import Variant, Waiting
from catalog.tests.builders import make_product, make_variant, stock_of
from orders.carts import add_to_cart, set_quantity
from orders.merging import bring_along
from orders.models import Cart, CartLine, Order, OrderStatus
from orders.placing import place_order
from orders.settlement import confirm
from orders.tests.builders import make_cart, make_checkout, make_order
from orders.tests.promotions.builders import make_coupon
from shop.pages.tests.signed_in import (
    OURS,
    cart_behind,
    cart_of_account,
    choose_both,
    contents,
    cookie,
    decide,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_the_cart_of_a_guest_becomes_that_of_an_account_that_has_none(
    client: Client, siti: User, mug: Variant
) -> None:
    cart = make_cart({mug: 2})

    assert sign_in(client, siti, cart) == "/account/"

    assert contents(Cart.objects.get(customer=siti)) == {mug: 2}
    assert cookie(client) == ""
    assert "Cangkir" in client.get("/cart/").text


def test_a_device_without_a_cart_shows_that_of_the_account(
    client: Client, siti: User, mug: Variant
) -> None:
    cart_of_account(siti, {mug: 2})

    assert sign_in(client, siti) == "/account/"

    assert "Cangkir" in client.get("/cart/").text
    assert ">2<" in client.get("/fragments/badge/").text


def test_an_account_and_its_cart_are_seen_and_changed_from_every_device(
    client: Client, siti: User, mug: Variant
) -> None:
    cart_of_account(siti, {mug: 2})
    phone = Client()
    client.force_login(siti)
    phone.force_login(siti)

    phone.post(f"/cart/lines/{mug.public_id}/", {"quantity": "5"})

    assert contents(Cart.objects.get()) == {mug: 5}
    assert 'value="5"' in client.get("/cart/").text


def test_what_is_added_while_signed_in_is_in_the_account(client: Client, siti: User) -> None:
    make_variant(product=make_product("Kemeja Ubud"), size="M", on_hand=3)
    client.force_login(siti)

    form = {"product": "kemeja-ubud", "colour": "terakota", "size": "m", "quantity": "1"}
    client.post("/cart/add/", form, headers=OURS)
    client.post("/cart/add/", form, headers=OURS)

    line = CartLine.objects.get()
    assert (line.quantity, line.cart.customer) == (2, siti)
    assert cookie(client) == ""


def test_two_carts_are_shown_side_by_side_and_nothing_has_happened_to_them(
    client: Client, siti: User, mug: Variant, bowl: Variant
) -> None:
    account = cart_of_account(siti, {mug: 2})
    device = make_cart({bowl: 1})

    where = sign_in(client, siti, device)
    page = client.get(where).text

    assert where == "/account/carts/?next=%2Faccount%2F"
    assert page.index("Mangkuk") < page.index("Cangkir")
    assert contents(account) == {mug: 2}
    assert contents(device) == {bowl: 1}
    # Gone away without choosing: the device's is in use, the other is one link away.
    assert "Mangkuk" in client.get("/cart/").text
    assert "/account/carts/" in client.get("/cart/").text
    assert client.get("/checkout/")["Location"] == "/account/carts/?next=%2Fcheckout%2F"


def test_who_signs_out_without_choosing_leaves_both_as_they_were(
    client: Client, siti: User, mug: Variant, bowl: Variant
) -> None:
    account, device = cart_of_account(siti, {mug: 2}), make_cart({bowl: 1})
    sign_in(client, siti, device)

    client.post("/account/sign-out/")

    assert "Mangkuk" in client.get("/cart/").text
    assert contents(account) == {mug: 2}
    assert contents(device) == {bowl: 1}


@pytest.mark.parametrize("choice", ["together", "device", "account"])
def test_the_choice_makes_one_cart_of_the_account(
    client: Client, siti: User, mug: Variant, bowl: Variant, choice: str
) -> None:
    cart_of_account(siti, {mug: 2})
    device = make_cart({mug: 1, bowl: 1})
    sign_in(client, siti, device)

    assert decide(client, choice)["Location"] == "/cart/"

    expected = {
        "together": {mug: 3, bowl: 1},
        "device": {mug: 1, bowl: 1},
        "account": {mug: 2},
    }
    assert contents(Cart.objects.get()) == expected[choice]
    assert Cart.objects.get().customer == siti
    assert cookie(client) == ""


def test_a_second_click_and_another_tab_change_nothing(
    client: Client, siti: User, mug: Variant
) -> None:
    cart_of_account(siti, {mug: 2})
    device = make_cart({mug: 1})
    sign_in(client, siti, device)
    page = client.get("/account/carts/").text
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]

    for choice in ("together", "together", "device"):
        client.cookies["cart"] = str(device.token)
        answer = client.post("/account/carts/", {"choice": choice, "seen": seen})
        assert answer["Location"] == "/cart/"

    assert contents(Cart.objects.get()) == {mug: 3}


def test_a_cart_that_changed_since_it_was_shown_is_shown_again(
    client: Client, siti: User, mug: Variant, bowl: Variant
) -> None:
    account, device = cart_of_account(siti, {mug: 2}), make_cart({mug: 1})
    sign_in(client, siti, device)
    page = client.get("/account/carts/").text
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    add_to_cart(cart_token=device.token, variant_id=bowl.public_id)

    answer = client.post("/account/carts/", {"choice": "account", "seen": seen})

    assert answer.status_code == 409
    assert "Mangkuk" in answer.text
    assert contents(device) == {mug: 1, bowl: 1}
    assert contents(account) == {mug: 2}


@pytest.mark.parametrize(
    ("stock", "limit", "account", "device", "together", "said"),
    [
        (5, None, 3, 4, 5, "5 bukan 7"),
        (5, None, 5, 1, 5, "5 bukan 6"),
        (200, None, 60, 60, 99, "99 bukan 120"),
        (200, 4, 3, 3, 4, "4 bukan 6"),
        (200, 4, 2, 2, 4, ""),
    ],
)
def test_together_is_never_more_than_is_allowed_and_what_is_left_out_is_said(
    client: Client,
    siti: User,
    stock: int,
    limit: int | None,
    account: int,
    device: int,
    together: int,
    said: str,
) -> None:
    mug = make_variant(product=make_product("Cangkir", purchase_limit=limit), on_hand=stock)
    cart_of_account(siti, {mug: account})
    sign_in(client, siti, make_cart({mug: device}))
    client.cookies["django_language"] = "en"
    before = client.get("/en/account/carts/").text

    decide(client, "together")

    assert contents(Cart.objects.get()) == {mug: together}
    words = said.replace("bukan", "instead of")
    assert (words in before) if said else ("added up" in before)


def test_a_limit_of_a_product_holds_for_its_sizes_together(siti: User) -> None:
    shirt = make_product("Kemeja", purchase_limit=3)
    small, large = make_variant(product=shirt, size="S"), make_variant(product=shirt, size="L")
    cart_of_account(siti, {small: 2})
    device = make_cart({large: 2})

    merged = choose_both(siti, device)()

    assert contents(merged.cart) == {small: 2, large: 1}
    assert [line.said != "" for line in merged.lines] == [True]


def test_what_is_sold_out_stays_in_the_cart_which_says_so(siti: User, mug: Variant) -> None:
    bowl = make_variant(product=make_product("Mangkuk"), on_hand=2)
    cart_of_account(siti, {mug: 1})
    device = make_cart({bowl: 2})
    bowl.stock_items.update(on_hand=0)

    assert contents(choose_both(siti, device)().cart) == {mug: 1, bowl: 2}


def test_a_code_comes_along_and_of_two_the_one_of_the_device_stays(
    siti: User, mug: Variant
) -> None:
    make_coupon("HEMAT")
    make_coupon("BARU")
    account = cart_of_account(siti, {mug: 1})
    Cart.objects.filter(pk=account.pk).update(coupon_code="HEMAT")
    device = make_cart({mug: 1})
    Cart.objects.filter(pk=device.pk).update(coupon_code="BARU")

    merged = choose_both(siti, device)()

    assert merged.dropped_code == "HEMAT"
    assert Cart.objects.get().coupon_code == "BARU"


def test_the_unpaid_order_of_the_device_belongs_to_the_cart_that_both_became(
    siti: User, mug: Variant, bowl: Variant
) -> None:
    cart_of_account(siti, {mug: 1})
    order = make_order(lines={bowl: 2})
    device = cart_behind(order)

    cart = choose_both(siti, device)().cart

    assert contents(cart) == {mug: 1, bowl: 2}
    confirm(order_id=order.pk)
    assert contents(cart) == {mug: 1}


def test_what_the_unpaid_order_of_the_device_holds_is_there_for_both_together(
    client: Client, siti: User, mug: Variant
) -> None:
    bowl = make_variant(product=make_product("Mangkuk"), on_hand=2)
    order = make_order(lines={bowl: 2})
    device, _account = cart_behind(order), cart_of_account(siti, {mug: 1})
    sign_in(client, siti, device)
    decide(client, "together")

    stays = Cart.objects.get()
    set_quantity(cart_token=stays.token, variant_id=bowl.public_id, quantity=2, customer_id=siti.pk)
    stays.refresh_from_db()
    placed = place_order(
        checkout=make_checkout(stays), reserve_until=timezone.now() + timedelta(hours=1)
    )

    assert stock_of(bowl) == (2, 2)
    # Late money for the first one takes its goods from the second, which it has become.
    confirm(order_id=order.pk)
    assert [*Order.objects.order_by("pk").values_list("status", flat=True)] == [
        "confirmed",
        "cancelled",
    ]
    assert placed.pk != order.pk


@pytest.mark.parametrize("choice", ["device", "account"])
def test_the_unpaid_order_of_a_cart_that_goes_touches_nothing_of_the_one_that_stays(
    client: Client, siti: User, mug: Variant, choice: str
) -> None:
    bowl = make_variant(product=make_product("Mangkuk"), on_hand=9)
    order = make_order(lines={bowl: 2})
    behind = cart_behind(order)
    account = cart_of_account(siti, {mug: 1, bowl: 1} if choice == "account" else {mug: 1})
    if choice == "device":
        Order.objects.update(cart_token=account.token)
    sign_in(client, siti, behind)
    decide(client, choice)

    stays = Cart.objects.get()
    before = contents(stays)
    place_order(checkout=make_checkout(stays), reserve_until=timezone.now() + timedelta(hours=1))
    order.refresh_from_db()
    assert order.status == "pending"
    confirm(order_id=order.pk)
    assert contents(stays) == before


def test_of_two_unpaid_orders_neither_is_lost_nor_ordered_twice(
    siti: User, mug: Variant, bowl: Variant
) -> None:
    first = make_order(lines={mug: 1})
    account = cart_behind(first)
    bring_along(customer_id=siti.pk, device_token=account.token, language="id")
    second = make_order(lines={bowl: 2})
    device = cart_behind(second)
    add_to_cart(cart_token=device.token, variant_id=bowl.public_id, quantity=1)

    merged = choose_both(siti, device)()

    assert contents(merged.cart) == {mug: 1, bowl: 1}
    assert Order.objects.filter(status=OrderStatus.PENDING).count() == 2
    assert [line.reason for line in merged.lines] == ["ordered"]


def test_what_the_queue_holds_for_the_device_is_held_for_both_together(
    siti: User, mug: Variant
) -> None:
    cart_of_account(siti, {mug: 1})
    device = make_cart({mug: 1})
    Waiting.objects.create(
        variant=mug,
        quantity=1,
        email="",
        language="id",
        state="offered",
        bearer=device.token,
        hold_until=timezone.now(),
    )

    cart = choose_both(siti, device)().cart

    assert Waiting.objects.get().bearer == cart.token
