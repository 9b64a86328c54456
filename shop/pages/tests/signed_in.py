"""Carts of people with accounts, for tests."""

import re
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tests.builders import PASSWORD
from catalog.models import Variant
from orders.merging import Choice, bring_along, choose, stamp_of
from orders.models import Cart, Order
from orders.owners import carts_of
from orders.tests.builders import make_cart

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def cart_of_account(user: User, quantities: dict[Variant, int]) -> Cart:
    cart = make_cart(quantities)
    bring_along(customer_id=user.pk, device_token=cart.token, language="id")
    return Cart.objects.get(customer=user)


def sign_in(client: Client, user: User, cart: Cart | None = None) -> str:
    """As with the form: returns where it leads."""
    if cart:
        client.cookies["cart"] = str(cart.token)
    user.set_password(PASSWORD)
    user.save()
    answer = client.post("/account/sign-in/", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return str(answer["Location"])


def cookie(client: Client) -> str:
    found = client.cookies.get("cart")
    return found.value if found else ""


def contents(cart: Cart | None) -> dict[Variant, int]:
    assert cart is not None
    return {line.variant: line.quantity for line in cart.lines.select_related("variant")}


def cart_behind(order: Order) -> Cart:
    assert order.cart_token is not None
    return Cart.objects.get(token=order.cart_token)


def decide(client: Client, choice: str, **changes: str) -> Any:
    page = client.get("/account/carts/").text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    form = {"choice": choice, "seen": seen[1]} | changes
    return client.post("/account/carts/", form)


def choose_both(siti: User, device: Cart) -> Any:
    found = carts_of(device_token=device.token, customer_id=siti.pk)
    assert found.device is not None
    assert found.account is not None
    seen = stamp_of([found.device, found.account])

    def act() -> Any:
        return choose(
            customer_id=siti.pk,
            device_token=device.token,
            choice=Choice.TOGETHER,
            seen=seen,
            language="id",
        )

    return act
