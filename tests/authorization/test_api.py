"""Each operation of the API and each kind of person: own, another's, and what is not there."""

import json
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from accounts.tests.builders import make_owner
from accounts.tokens import begin
from orders.tests.promotions.builders import make_coupon
from tests.authorization.routes import all_routes
from tests.authorization.things import (
    Given,
    Row,
    Things,
    Whose,
    asked,
    cart,
    make_things,
    order,
    own_return,
    review,
    slug,
    wishlist,
)

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
EMPTY = "{}"


def device(things: Things) -> Given:
    return {"device": things.device.public_id}


def row(
    whose: Whose,
    given: Callable[[Things], Given] = lambda things: {},
    *inner: str,
    data: str = EMPTY,
    is_empty: bool = False,
) -> Row:
    return Row(whose, given, inner=inner, data=data, is_empty=is_empty)


ANYBODYS, ACCOUNTS = row(Whose.ANYBODYS), row(Whose.ACCOUNTS)
ORDERS = row(Whose.OWNERS, order)
CARTS, WISHLISTS = row(Whose.GUESTS, cart), row(Whose.GUESTS, wishlist)
UNREAD = row(Whose.UNREAD)
# Nothing here waits for goods that are gone: no token of the queue is good.
QUEUE = row(Whose.LINKS)
REVIEWS = row(Whose.BUYERS, review, data=json.dumps({"rating": 5}))
ROWS = {
    "POST auth/register": UNREAD,
    "POST auth/verify-email": UNREAD,
    "POST auth/password/reset": UNREAD,
    "PUT auth/password/reset": UNREAD,
    "POST auth/password/change": ACCOUNTS,
    "POST auth/login": UNREAD,
    "POST auth/refresh": UNREAD,
    "POST auth/logout": ACCOUNTS,
    "GET me": ACCOUNTS,
    "PATCH me": ACCOUNTS,
    "GET me/devices": ACCOUNTS,
    "DELETE me/devices": ACCOUNTS,
    "DELETE me/devices/<uuid:device>": row(Whose.OWNERS, device),
    "PUT me/devices/<uuid:device>/push": row(
        Whose.OWNERS, device, data=json.dumps({"platform": "fcm", "token": "cJ4xE2rQTtq0"})
    ),
    "DELETE me/devices/<uuid:device>/push": row(Whose.OWNERS, device),
    "GET products": UNREAD,
    "GET products/<slug:slug>": row(Whose.UNREAD, slug),
    "GET categories": UNREAD,
    "GET search/suggest": UNREAD,
    "GET products/<slug:slug>/reviews": row(Whose.UNREAD, slug),
    "POST products/<slug:slug>/reviews": row(
        Whose.BUYERS, slug, data=json.dumps({"rating": 5, "variant": str(uuid4())}), is_empty=True
    ),
    "PUT reviews/<uuid:review>": REVIEWS,
    "DELETE reviews/<uuid:review>": REVIEWS,
    "POST reviews/<uuid:review>/photos": REVIEWS,
    "DELETE reviews/<uuid:review>/photos/<uuid:photo>": REVIEWS,
    "PUT reviews/<uuid:review>/helpful": REVIEWS._replace(data='{"is_helpful": true}'),
    "POST carts": ANYBODYS,
    "GET carts/<uuid:token>": CARTS,
    "PUT carts/<uuid:token>/lines/<uuid:variant>": CARTS._replace(data='{"quantity": 1}'),
    "DELETE carts/<uuid:token>/lines/<uuid:variant>": CARTS,
    "PUT carts/<uuid:token>/coupon": CARTS._replace(data='{"code": "HALO10"}'),
    "DELETE carts/<uuid:token>/coupon": CARTS,
    "POST carts/<uuid:token>/shipping-quotes": CARTS._replace(
        data=json.dumps({"address": {"region": "31.74.03.1002"}})
    ),
    "PUT carts/<uuid:token>/holds/<uuid:waiting>": QUEUE,
    "POST waiting": ANYBODYS,
    "GET waiting/<uuid:token>": QUEUE,
    "DELETE waiting/<uuid:token>": QUEUE,
    "POST waiting/<uuid:token>/confirm": QUEUE,
    "POST wishlists": ANYBODYS,
    "GET wishlists/<uuid:token>": WISHLISTS,
    "PUT wishlists/<uuid:token>/products/<slug:slug>": WISHLISTS,
    "DELETE wishlists/<uuid:token>/products/<slug:slug>": WISHLISTS,
    "POST stock-alerts": ANYBODYS,
    "GET regions": ANYBODYS,
    "GET payment-methods": ANYBODYS,
    "GET orders": ACCOUNTS,
    "POST orders": ANYBODYS,
    "GET orders/<slug:number>": ORDERS,
    "GET orders/<slug:number>/receipt.pdf": ORDERS,
    "GET orders/<slug:number>/credit-notes/<int:position>.pdf": row(
        Whose.OWNERS, order, is_empty=True
    ),
    "GET orders/<slug:number>/reviews": ORDERS,
    "POST orders/<slug:number>/cancel": ORDERS,
    "POST orders/<slug:number>/returns": ORDERS,
    "DELETE orders/<slug:number>/returns/<uuid:goods_return>": row(
        Whose.OWNERS, own_return, "goods_return"
    ),
    "GET orders/<slug:number>/money-back": ORDERS,
    "PUT orders/<slug:number>/money-back": ORDERS,
    "GET orders/<slug:number>/proofs": ORDERS,
    "POST orders/<slug:number>/proofs": ORDERS,
    "POST orders/<slug:number>/payments": ORDERS,
    "GET schema/": UNREAD,
    "GET docs/": UNREAD,
}


def operations() -> dict[str, tuple[str, Callable[..., str]]]:
    """`GET orders/<slug:number>` → its method and what makes its address."""
    found = {}
    for route in all_routes():
        if not route.pattern.startswith("api/v1/") or route.pattern.endswith("*$"):
            continue
        view = route.view
        while hasattr(view, "__wrapped__") and not hasattr(view, "cls"):
            view = view.__wrapped__
        handlers = getattr(view, "cls", None)
        for method in METHODS:
            if (handlers and hasattr(handlers, method)) or (not handlers and method == "get"):
                name = f"{method.upper()} {route.pattern.removeprefix('api/v1/')}"
                found[name] = (method.upper(), route.path)
    return found


def test_every_operation_has_a_row() -> None:
    assert set(operations()) == set(ROWS)


def test_operations_are_for_those_whose_they_are() -> None:
    siti, budi = make_things("siti@example.com"), make_things("budi@example.com")
    make_coupon("HALO10")
    staff = begin(user=make_owner(), device_name="Tablet")
    people = {
        "nobody": {},
        "own": {"Authorization": f"Bearer {siti.bearer}"},
        "other": {"Authorization": f"Bearer {budi.bearer}"},
        "staff": {"Authorization": f"Bearer {staff.access}"},
        "made up": {"Authorization": f"Bearer {siti.bearer[:-4]}AAAA"},
        "holder": {"X-Order-Token": str(siti.order.token)},
    }
    client = Client(raise_request_exception=False)
    wrong = {}
    for name, (method, path) in operations().items():
        each = ROWS[name]._replace(method=method)
        for who, headers in people.items():
            given = each.given(siti)
            answers = {}
            for of, filled in {
                "it": given,
                "absent": {},
                **{f"another's {one}": given | {one: each.given(budi)[one]} for one in each.inner},
            }.items():
                key = {"Idempotency-Key": str(uuid4())}
                answers[of] = asked(client, each, path(**filled), **headers, **key)
            expected = expectation(each, who, is_order="<slug:number>" in name)
            if not re.search("<(slug|uuid|int)", name):
                answers["absent"] = expected["absent"]
            if answers != expected:
                wrong[name, who] = (answers, expected)
    assert wrong == {}, "\n".join(f"{key} {value}" for key, value in wrong.items())


def expectation(each: Row, who: str, *, is_order: bool) -> dict[str, str]:
    """A bearer token that is not good is told so everywhere, also where a guest would get in."""
    is_account = who in ("own", "other", "staff")
    is_in = {
        Whose.ANYBODYS: who != "made up",
        Whose.UNREAD: True,
        Whose.GUESTS: who in ("nobody", "holder"),
        Whose.BUYERS: who == "holder",
        Whose.ACCOUNTS: is_account,
        Whose.OWNERS: who == "own" or (is_order and who == "holder"),
    }.get(each.whose, False)
    it = "in" if is_in and not each.is_empty else "out"
    return {"it": it, "absent": "out"} | {f"another's {name}": "out" for name in each.inner}
