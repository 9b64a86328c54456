"""Whose an address is, what two customers have, and how an answer is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

from django.db import transaction
from django.test import Client

from accounts.models import Device, SavedAddress, User
from accounts.tests.builders import make_user
from accounts.tokens import begin
from catalog.models import Variant, Wishlist
from orders.address_book import add_address
from orders.models import Cart, Order, Return, Review
from orders.tests.builders import make_address, make_cart
from orders.tests.life.builders import ask_return, delivered
from orders.tests.reviews.builders import make_review

Given = dict[str, object]
REFUSALS = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.GONE,
}


@dataclass(frozen=True, slots=True)
class Things:
    """What one customer has."""

    user: User
    device: Device
    bearer: str
    order: Order
    variant: Variant
    goods_return: Return
    review: Review
    cart: Cart
    wishlist: Wishlist
    address: SavedAddress


class Whose(Enum):
    ANYBODYS = auto()
    # Whoever has the address has what it is of.
    HOLDERS = auto()
    # Of the person who is signed in, and it names nothing that could be another's.
    ACCOUNTS = auto()
    # As the holder's, but who is signed in has those of the account instead.
    GUESTS = auto()
    # Only with the order's token in a header.
    BUYERS = auto()
    # Kept at the edge for everybody, or good for signing in: a bearer token is not looked at.
    UNREAD = auto()
    # It names something of an account: for another account it is not there.
    OWNERS = auto()
    # Programs show who they are in a header.
    MACHINES = auto()
    # It is made of a secret of its own each time: here only that a made-up one is good for nothing.
    LINKS = auto()


class Row(NamedTuple):
    whose: Whose
    given: Callable[[Things], Given] = lambda things: {}
    method: str = "GET"
    # What of `given` is inside of the rest: another's does not go with one's own.
    inner: tuple[str, ...] = ()
    data: str = ""
    # Nothing is there of this kind; the tests of its room have it.
    is_empty: bool = False


def slug(things: Things) -> Given:
    return {"slug": things.variant.product.translations.get(language="id").slug}


def order(things: Things) -> Given:
    return {"token": things.order.token, "number": things.order.number}


def bought(things: Things) -> Given:
    return {**order(things), "variant_id": things.variant.public_id}


def own_return(things: Things) -> Given:
    public_id = things.goods_return.public_id
    return {**order(things), "return_id": public_id, "goods_return": public_id}


def saved_address(things: Things) -> Given:
    return {"public_id": things.address.public_id}


def cart(things: Things) -> Given:
    return {"token": things.cart.token, "variant": things.variant.public_id}


def wishlist(things: Things) -> Given:
    return {"token": things.wishlist.token, **slug(things)}


def review(things: Things) -> Given:
    return {"review": things.review.public_id, "review_id": things.review.public_id}


def make_things(email: str) -> Things:
    user = make_user(email)
    goods = delivered()
    Order.objects.filter(pk=goods.pk).update(customer=user)
    goods.refresh_from_db()
    variant = goods.lines.get().variant
    assert variant is not None
    pair = begin(user=user, device_name="Pixel 9")
    list_ = Wishlist.objects.create()
    return Things(
        user=user,
        device=Device.objects.get(user=user),
        bearer=pair.access,
        order=goods,
        variant=variant,
        goods_return=ask_return(goods),
        review=make_review(variant, order=goods),
        cart=make_cart({variant: 1}),
        wishlist=list_,
        address=add_address(customer_id=user.pk, address=make_address()),
    )


def judged(answer: Any) -> str:
    status = HTTPStatus(answer.status_code)
    if status == HTTPStatus.FOUND and "/account/sign-in/" in answer.headers["Location"]:
        return "out"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"fell over: {status}"
    refusals = (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    )
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "wrong method"
    return "out" if status in refusals else "in"


def asked(client: Client, row: Row, path: str, **headers: str) -> str:
    """Nothing that a request did is left behind."""
    with transaction.atomic():
        kind = "json" if path.startswith("/api/") else "x-www-form-urlencoded"
        cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
        answer = client.generic(
            row.method, path, row.data, content_type=f"application/{kind}", headers=headers
        )
        client.cookies = cookies
        transaction.set_rollback(True)
    return judged(answer)
