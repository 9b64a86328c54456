"""Lists over the API: filters with counts, search, and pages that neither repeat nor skip."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product, SearchMiss
from catalog.parameters import RESERVED
from catalog.tests.builders import (
    follow_up,
    forget_pages,
    make_category,
    make_product,
    make_seller,
    make_variant,
)
from shop.api.serializers.listing import ProductQuery
from shop.api.tests.client import API, App, Json, answer_of, problem_of

pytestmark = pytest.mark.django_db


def make_products(*names: str) -> None:
    for name in names:
        make_variant(product=make_product(name))
    follow_up()


def page_of(path: str) -> Json:
    return answer_of(App().get(path), 200)


def next_of(page: Json) -> str:
    following = urlsplit(page["next"])
    return f"{following.path.removeprefix(API)}?{following.query}"


def slugs(page: Json) -> list[str]:
    return [card["slug"] for card in page["results"]]


def all_slugs(path: str) -> list[str]:
    found = []
    page = page_of(path)
    found += slugs(page)
    while page["next"]:
        page = page_of(next_of(page))
        found += slugs(page)
    return found


def facet(page: Json, code: str) -> dict[str, int]:
    values = next(one["values"] for one in page["facets"] if one["code"] == code)
    return {value["code"]: value["count"] for value in values}


SORTS = ["newest", "price_asc", "price_desc", "best_selling", "discount"]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_follow_each_other_until_the_last(sort: str) -> None:
    # Made in the same microsecond, sold as often and as cheap: only the primary key tells them
    # apart.
    at = datetime(2026, 11, 1, 12, 0, 0, 123457, tzinfo=UTC)
    for number in range(5):
        made = at - timedelta(microseconds=number // 2)
        make_variant(product=make_product(f"Kaos {number}", created_at=made))
    follow_up()

    found = all_slugs(f"/products?page_size=2&sort={sort}")

    assert (len(found), len(set(found))) == (5, 5)


def test_what_comes_and_goes_meanwhile_shifts_nothing() -> None:
    make_products("Satu", "Dua", "Tiga", "Empat", "Lima")
    first = page_of("/products?page_size=2")
    assert slugs(first) == ["lima", "empat"]

    make_products("Enam", "Tujuh")
    Product.objects.filter(translations__slug__in=["lima", "dua"]).update(is_published=False)
    second = page_of(next_of(first))

    assert slugs(second) == ["tiga", "satu"]
    assert second["next"] is None


def test_a_list_that_became_shorter_ends() -> None:
    make_products("Satu", "Dua", "Tiga")
    first = page_of("/products?page_size=2")
    Product.objects.filter(translations__slug="satu").update(is_published=False)

    second = page_of(next_of(first))

    assert (second["results"], second["next"]) == ([], None)


@pytest.mark.parametrize("change", ["&sort=price_asc", "&size=m", "&in_stock=1", "&page_size=3"])
def test_a_cursor_belongs_to_its_list(change: str) -> None:
    make_products("Satu", "Dua", "Tiga")
    path = next_of(page_of("/products?page_size=2"))

    problem_of(App().get(path + change), 400, "invalid_cursor")
    problem_of(App().get(f"{path}x"), 400, "invalid_cursor")
    problem_of(App().get("/products?cursor=ü"), 400, "invalid_cursor")
    assert page_of(path)["next"] is None


def test_a_cursor_keeps_its_filters_in_any_order() -> None:
    for size in ("M", "L", "M"):
        make_variant(size=size)
    make_variant(size="S")
    follow_up()

    assert len(all_slugs("/products?page_size=1&size=l&size=m&colour=terakota&in_stock=true")) == 3
    path = next_of(page_of("/products?size=m&size=l&page_size=1"))
    assert "size=m&size=l" in path
    assert len(page_of(path.replace("size=m&size=l", "size=l&size=m"))["results"]) == 1


def test_filters_are_any_of_a_facet_and_all_facets_at_one_variant() -> None:
    shirt = make_product("Kemeja")
    make_variant(product=shirt, colour="terakota", size="S")
    make_variant(product=shirt, colour="navy", size="M")
    make_variant(product=make_product("Kaos"), colour="navy", size="L", on_hand=0)
    follow_up()

    assert sorted(slugs(page_of("/products?size=m&size=l"))) == ["kaos", "kemeja"]
    assert slugs(page_of("/products?size=m&colour=navy")) == ["kemeja"]
    assert slugs(page_of("/products?size=m&colour=terakota")) == []
    assert slugs(page_of("/products?size=l&in_stock=1")) == []
    page = page_of("/products?colour=navy")
    assert (page["total"], page["total_is_exact"]) == (2, True)
    assert facet(page, "size") == {"m": 1, "l": 1}
    assert facet(page, "colour") == {"terakota": 1, "navy": 2}
    colours = next(one for one in page["facets"] if one["code"] == "colour")
    assert colours["values"][1] == {
        "code": "navy",
        "name": "Navy",
        "swatch": "#29344d",
        "count": 2,
        "is_chosen": True,
    }


def test_prices_sellers_and_reductions_narrow_down() -> None:
    other = make_seller("Batik Jaya")
    make_variant(product=make_product("Murah"), price=90_000)
    make_variant(product=make_product("Sedang", seller=other), price=150_000, compare_at=200_000)
    make_variant(product=make_product("Mahal"), price=400_000)
    follow_up()

    assert slugs(page_of("/products?price=0-100000")) == ["murah"]
    assert slugs(page_of("/products?min_price=150000&max_price=389000")) == ["sedang"]
    assert slugs(page_of("/products?reduced=true")) == ["sedang"]
    assert slugs(page_of(f"/products?seller=batik-jaya-{other.pk}")) == ["sedang"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("size=xs", "size"),
        ("colour=navy&colour=pink", "colour"),
        ("seller=nobody-1", "seller"),
        ("price=1-2", "price"),
        ("min_price=-1", "min_price"),
        ("min_price=1.000", "min_price"),
        (f"max_price={10**13}", "max_price"),
        ("min_price=2000&max_price=1000", "max_price"),
        ("in_stock=maybe", "in_stock"),
        ("q=kaos&sort=newest", "sort"),
        ("q=", "q"),
    ],
)
def test_a_value_that_there_is_not_is_refused(query: str, name: str) -> None:
    make_variant(colour="navy")

    problem = problem_of(App().get(f"/products?{query}"), 400, "validation_error")

    assert list(problem["errors"]) == [name]


def test_a_search_finds_corrects_and_goes_on_by_page() -> None:
    make_products(*(f"Kemeja Batik {number}" for number in range(3)))

    first = page_of("/products?q=kemja+batik&page_size=2")

    assert (first["searched_for"], first["is_partial"], first["total"]) == (
        "kemeja batik",
        False,
        3,
    )
    second = page_of(next_of(first))
    assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)
    assert not set(slugs(first)) & set(slugs(second))
    assert page_of("/products?q=kemja&exact=true")["results"] == []


def test_a_search_for_nothing_there_is_recorded() -> None:
    make_products("Kemeja")

    page_of("/products?q=traktor")

    assert list(SearchMiss.objects.values_list("language", "query", "count")) == [
        ("id", "traktor", 1)
    ]


def test_suggestions_come_after_two_letters() -> None:
    make_variant(product=make_product("Kemeja Batik", category=make_category("Kemeja")))
    follow_up()

    suggestions = page_of("/search/suggest?q=ke")

    assert suggestions["queries"] == ["kemeja"]
    assert suggestions["categories"] == [{"slug": "kemeja", "name": "Kemeja"}]
    assert [card["slug"] for card in suggestions["products"]] == ["kemeja-batik"]
    assert page_of("/search/suggest?q=k")["products"] == []
    problem_of(App().get("/search/suggest"), 400, "validation_error")


def test_more_products_take_no_more_queries() -> None:
    def queries(path: str) -> int:
        page_of(path)
        forget_pages()
        with CaptureQueriesContext(connection) as seen:
            page_of(path)
        return len(seen)

    make_products("Kemeja Satu", "Kemeja Dua")
    paths = ["/products?size=m&colour=terakota", "/products?q=kemeja&size=m"]
    before = [queries(path) for path in paths]
    make_products(*(f"Kemeja {number}" for number in range(10)))

    assert [queries(path) for path in paths] == before
    assert max(before) <= 10


def test_no_option_can_have_the_name_of_a_parameter() -> None:
    assert set(ProductQuery().fields) <= RESERVED
