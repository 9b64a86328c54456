"""Products and categories: pages by cursor, languages, and what a cache may keep."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.caching import CACHE_CONTROL
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_product,
    make_variant,
)
from catalog.tests.test_product_page import make_guide
from shop.api.tests.client import App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid

pytestmark = pytest.mark.django_db


def make_products(count: int) -> None:
    for number in range(count):
        make_variant(product=make_product(f"Kaos {number}"))
    follow_up()


def test_a_category_shows_what_is_in_it() -> None:
    app = App()
    make_variant(product=make_product("Kaos", category=make_category("Pria")))
    make_variant(product=make_product("Gamis", category=make_category("Wanita")))
    follow_up()
    (card,) = answer_of(app.get("/products?category=pria"), 200)["results"]
    assert card["slug"] == "kaos"
    problem_of(app.get("/products?category=anak"), 404, "category_not_found")
    tree = answer_of(app.get("/categories"), 200)["results"]
    assert sorted((one["slug"], one["product_count"]) for one in tree) == [
        ("pria", 1),
        ("wanita", 1),
    ]


@pytest.mark.parametrize(
    "query",
    ["sort=cheapest", "page_size=0", "page_size=101", "page_size=x", f"page_size={'9' * 900}"],
)
def test_a_query_is_checked(query: str) -> None:
    problem = problem_of(App().get(f"/products?{query}"), 400, "validation_error")
    assert list(problem["errors"]) == [query.partition("=")[0]]


def test_a_parameter_that_nobody_knows_is_refused() -> None:
    problem = problem_of(App().get("/products?coluor=navy"), 400, "unknown_field")
    assert list(problem["errors"]) == ["coluor"]
    problem_of(App().get("/categories?page=2"), 400, "unknown_field")
    problem_of(App().get("/products?format=yaml"), 400, "unknown_field")
    problem_of(App().post("/carts?currency=USD"), 400, "unknown_field")


def test_a_product_speaks_the_language_of_the_request() -> None:
    product = make_product("Kemeja")
    make_variant(product=product, colour="terakota", price=149_000, compare_at=199_000)
    make_image(product, colour="terakota")
    shown = answer_of(App("en").get("/products/kemeja-en"), 200)
    assert shown["name"] == "Kemeja (en)"
    assert shown["slugs"] == {"id": "kemeja", "en": "kemeja-en"}
    assert shown["variants"][0]["name"] == "Terracotta, M"
    assert shown["variants"][0]["values"] == {"colour": "terakota", "size": "m"}
    assert shown["variants"][0]["compare_at"]["amount"] == 199_000
    assert shown["images"][0]["src"] == "http://testserver/media/products/foto-900.webp"
    assert shown["images"][0]["renditions"][0] == {
        "type": "image/avif",
        "width": 360,
        "url": "http://testserver/media/products/foto-360.avif",
    }
    problem_of(App("id").get("/products/kemeja-en"), 404, "product_not_found")


@pytest.mark.parametrize("path", ["/products", "/products/kemeja", "/categories"])
def test_an_unchanged_answer_is_not_sent_again(path: str) -> None:
    make_variant(product=make_product("Kemeja"))
    first = App().get(path)
    assert first.headers["Cache-Control"] == CACHE_CONTROL
    assert first.headers["Vary"] == "Accept-Language, Accept-Encoding"
    assert not first.cookies
    again = App().get(path, if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    english = App("en").get("/categories", if_none_match=first.headers["ETag"])
    assert english.status_code == 200


def test_a_refusal_is_not_kept() -> None:
    missing = App().get("/products/tidak-ada")
    problem_of(missing, 404, "product_not_found")
    assert missing.headers["Cache-Control"] == "no-store"


def test_more_products_take_no_more_queries() -> None:
    def queries(path: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            answer_of(App().get(path), 200)
        return len(seen)

    product = make_product("Kemeja")
    make_variant(product=product)
    follow_up()
    paths = ["/products", "/products/kemeja", "/categories"]
    before = [queries(path) for path in paths]
    make_products(4)
    for size in ("S", "L"):
        make_variant(product=product, size=size)
    make_image(product)
    assert [queries(path) for path in paths] == before
    assert max(before) <= 10


def test_a_product_has_its_size_guide_and_what_is_alike() -> None:
    product = make_product("Kemeja")
    make_variant(product=product)
    make_guide(product)
    make_variant(product=make_product("Gamis"), price=99_000)

    shown = answer_of(App("en").get("/products/kemeja-en"), 200)

    assert_valid("/products/{slug}", "get", "200", shown)
    assert shown["size_guide"] == {
        "title": "Men's shirts",
        "note": "Ukur mendatar.",
        "option": "size",
        "sizes": ["M", "L"],
        "measures": [
            {"name": "Chest", "millimetres": [520, 545]},
            {"name": "Length", "millimetres": [700, None]},
        ],
    }
    (card,) = shown["related"]
    assert (card["slug"], card["price"]["amount"]) == ("gamis-en", 99_000)
    plain = answer_of(App("en").get("/products/gamis-en"), 200)
    assert (plain["size_guide"], plain["model_size"]) == (None, "")


def test_a_product_is_found_again_under_the_slug_that_it_has_now() -> None:
    product = make_product("Kemeja")
    make_variant(product=product)
    product.translations.filter(language="id").update(slug="kemeja-baru")

    problem = problem_of(App().get("/products/kemeja"), 404, "product_not_found")

    assert problem["moved_to"] == "kemeja-baru"
