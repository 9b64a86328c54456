"""The cart of an account is its own, also after it signed out; and its races."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import Variant
from catalog.tests.builders import make_product, make_variant
from orders.carts import add_to_cart
from orders.checkout import CartChanged
from orders.merging import CartsChanged, NothingToChoose, bring_along
from orders.models import Cart, CartLine, Order
from orders.placing import place_order
from orders.tests.builders import make_cart, make_checkout
from shop.pages.tests.signed_in import cart_of_account, choose_both, contents, sign_in
from tests.racing import race

pytestmark = pytest.mark.django_db


def test_after_signing_out_the_device_has_no_cart_and_the_account_keeps_it(
    client: Client, siti: User, mug: Variant
) -> None:
    cart = make_cart({mug: 2})
    sign_in(client, siti, cart)

    client.post("/account/sign-out/")

    assert "Cangkir" not in client.get("/cart/").text
    assert contents(Cart.objects.get(customer=siti)) == {mug: 2}


def test_to_know_the_old_token_of_an_accounts_cart_opens_nothing(
    client: Client, siti: User, mug: Variant
) -> None:
    cart = make_cart({mug: 2})
    sign_in(client, siti, cart)
    stranger = Client()
    stranger.cookies["cart"] = str(cart.token)

    assert "Cangkir" not in stranger.get("/cart/").text
    assert stranger.get("/fragments/badge/").text.strip() == ""
    assert stranger.get("/checkout/")["Location"] == "/cart/"
    stranger.post(f"/cart/lines/{mug.public_id}/", {"quantity": "7"})
    stranger.post("/cart/coupon/", {"remove": "1"})
    api = f"/api/v1/carts/{cart.token}"
    assert stranger.get(api).status_code == 404
    put = stranger.put(
        f"{api}/lines/{mug.public_id}", {"quantity": 7}, content_type="application/json"
    )
    assert put.status_code == 404
    assert contents(Cart.objects.get(customer=siti)) == {mug: 2}


def test_a_guest_who_signed_in_elsewhere_cannot_place_the_cart_as_a_guest(
    siti: User, mug: Variant, bowl: Variant
) -> None:
    cart_of_account(siti, {bowl: 1})
    device = make_cart({mug: 1})
    checkout = make_checkout(device)
    choose_both(siti, device)()

    with pytest.raises(CartChanged):
        place_order(checkout=checkout, reserve_until=timezone.now())

    assert not Order.objects.exists()


def test_the_order_of_an_accounts_cart_is_the_customers(siti: User, mug: Variant) -> None:
    cart = cart_of_account(siti, {mug: 1})

    order = place_order(checkout=make_checkout(cart), reserve_until=timezone.now())

    assert order.customer_id == siti.pk


@pytest.mark.django_db(transaction=True)
def test_two_devices_that_sign_in_at_once_make_one_cart(siti: User, mug: Variant) -> None:
    devices = [make_cart({mug: 1}) for _ in range(4)]

    def go_along(cart: Cart) -> Any:
        return lambda: bring_along(customer_id=siti.pk, device_token=cart.token, language="id")

    found = race([go_along(cart) for cart in devices])

    assert [one for one in found if isinstance(one, Exception)] == []
    assert Cart.objects.filter(customer=siti).count() == 1
    assert CartLine.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_double_click_puts_both_together_once(siti: User, mug: Variant) -> None:
    cart_of_account(siti, {mug: 1})
    device = make_cart({mug: 1})
    act = choose_both(siti, device)

    found = race([act] * 4)

    assert len([one for one in found if isinstance(one, NothingToChoose)]) == 3
    assert contents(Cart.objects.get()) == {mug: 2}


@pytest.mark.django_db(transaction=True)
def test_what_is_added_while_two_become_one_is_never_lost(siti: User, mug: Variant) -> None:
    others = [make_variant(product=make_product(f"Vas {number}")) for number in range(6)]
    cart_of_account(siti, {mug: 1})
    device = make_cart({mug: 1})
    act = choose_both(siti, device)

    def add(variant: Variant) -> Any:
        return lambda: add_to_cart(cart_token=device.token, variant_id=variant.public_id)

    done = race([act, *(add(variant) for variant in others)])

    refused = [one for one in done if isinstance(one, Exception)]
    assert [one for one in refused if not isinstance(one, CartsChanged)] == []
    kept = set(CartLine.objects.values_list("variant_id", flat=True))
    assert kept == {mug.pk, *(variant.pk for variant in others)}
