"""Wishlists by token: kept, shown at today's price, dropped."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import wishlists
from catalog.models import Price, Product, Wishlist, WishlistLine
from catalog.tests.builders import make_product, make_variant
from shop.api.tests.client import App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid
from shop.core.throttle import Limit

pytestmark = pytest.mark.django_db


def new_wishlist(app: App) -> str:
    token: str = answer_of(app.post("/wishlists"), 201)["token"]
    return token


def test_a_product_is_kept_and_dropped_again() -> None:
    app = App("en")
    make_variant(product=make_product("Kemeja"), price=259_000)
    token = new_wishlist(app)
    path = f"/wishlists/{token}/products/kemeja-en"

    kept = answer_of(app.send("PUT", path), 200)

    assert (
        answer_of(app.send("PUT", path), 200)
        == kept
        == answer_of(app.get(f"/wishlists/{token}"), 200)
    )
    assert_valid("/wishlists/{token}", "get", "200", kept)
    (line,) = kept["lines"]
    assert (line["slug"], line["name"]) == ("kemeja-en", "Kemeja (en)")
    assert line["product"]["price"]["amount"] == 259_000
    assert line["kept_price"] == {"amount": 259_000, "currency": "IDR", "formatted": "Rp259.000"}
    assert line["is_cheaper"] is False
    assert answer_of(app.delete(path), 200) == {"token": token, "lines": []}
    assert answer_of(app.delete(path), 200)["lines"] == []


def test_a_dropped_price_shows_and_what_is_gone_can_still_be_removed() -> None:
    app = App()
    for name in ("Kemeja", "Gamis"):
        make_variant(product=make_product(name), price=259_000)
    token = new_wishlist(app)
    for slug in ("kemeja", "gamis"):
        app.send("PUT", f"/wishlists/{token}/products/{slug}")
    Price.objects.filter(variant__product__translations__slug="kemeja").update(amount_minor=199_000)
    Product.objects.filter(translations__slug="gamis").update(is_published=False)

    gamis, kemeja = answer_of(app.get(f"/wishlists/{token}"), 200)["lines"]

    assert (kemeja["is_cheaper"], kemeja["product"]["price"]["amount"]) == (True, 199_000)
    assert (gamis["product"], gamis["name"], gamis["is_cheaper"]) == (None, "Gamis", False)
    left = answer_of(app.delete(f"/wishlists/{token}/products/gamis"), 200)["lines"]
    assert [line["slug"] for line in left] == ["kemeja"]


def test_what_is_not_there_is_not_found() -> None:
    app = App()
    make_variant(product=make_product("Kemeja"))
    nobody = f"/wishlists/{uuid4()}"
    problem_of(app.get(nobody), 404, "wishlist_not_found")
    problem_of(app.send("PUT", f"{nobody}/products/kemeja"), 404, "wishlist_not_found")
    problem_of(app.delete(f"{nobody}/products/kemeja"), 404, "wishlist_not_found")
    token = new_wishlist(app)
    path = f"/wishlists/{token}/products/tidak-ada"
    problem_of(app.send("PUT", path), 404, "product_not_found")
    assert Wishlist.objects.count() == 1
    assert not WishlistLine.objects.exists()


def test_a_full_wishlist_says_how_much_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishlists, "MAX_LINES", 0)
    app = App("en")
    make_variant(product=make_product("Kemeja"))
    path = f"/wishlists/{new_wishlist(app)}/products/kemeja-en"

    problem = problem_of(app.send("PUT", path), 409, "wishlist_full")

    assert problem["limit"] == 0
    assert not WishlistLine.objects.exists()


def test_the_same_key_is_the_same_wishlist() -> None:
    app, key = App(), str(uuid4())
    first = app.post("/wishlists", {}, idempotency_key=key)
    again = app.post("/wishlists", {}, idempotency_key=key)
    assert (first.status_code, first.content) == (201, again.content)
    assert Wishlist.objects.count() == 1
    problem_of(app.post("/wishlists", {}, idempotency_key="1"), 400, "idempotency_key_invalid")


def test_a_long_wishlist_takes_no_more_queries() -> None:
    app = App()
    token = new_wishlist(app)

    def queries(count: int) -> int:
        wishlist = Wishlist.objects.get()
        for number in range(count):
            product = make_product(f"Kemeja {count} {number}")
            make_variant(product=product)
            wishlist.lines.create(product=product, price_minor=1, currency="IDR")
        with CaptureQueriesContext(connection) as seen:
            answer_of(app.get(f"/wishlists/{token}"), 200)
        return len(seen)

    assert queries(1) == queries(20) == 4


def test_wishlists_are_kept_by_no_cache() -> None:
    app = App()
    assert app.get(f"/wishlists/{new_wishlist(app)}").headers["Cache-Control"] == "no-store"


def test_a_network_begins_so_many_and_is_told_how_long_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shop.api.views.wishlists.LIMITS", [Limit(times=2, seconds=3600)])
    app = App("en")
    for _ in range(2):
        new_wishlist(app)

    answer = app.post("/wishlists")

    problem_of(answer, 429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert Wishlist.objects.count() == 2
