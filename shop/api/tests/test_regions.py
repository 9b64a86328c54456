"""Regions for the app: down the levels, or by what the customer types."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.tests.builders import make_variant
from orders.models import Order
from orders.tests.builders import make_rate
from shop.api.tests.client import App, Json, answer_of, problem_of
from shop.api.tests.test_document import assert_valid

pytestmark = pytest.mark.django_db


def listed(path: str) -> list[Json]:
    answer = answer_of(App().get(path), 200)
    assert_valid("/regions", "get", "200", answer)
    results: list[Json] = answer["results"]
    return results


def test_regions_are_the_provinces_by_name() -> None:
    provinces = listed("/regions")
    assert len(provinces) == 38
    assert {
        "code": "32",
        "name": "Jawa Barat",
        "level": "province",
        "path": "Jawa Barat",
    } in provinces
    assert [one["name"] for one in provinces] == sorted(one["name"] for one in provinces)


@pytest.mark.parametrize(
    ("parent", "count", "level", "path"),
    [
        ("32", 27, "regency", "Kota Bandung, Jawa Barat"),
        ("32.73", 30, "district", "Sumur Bandung, Kota Bandung, Jawa Barat"),
        ("32.73.19", 4, "village", "Braga, Sumur Bandung, Kota Bandung, Jawa Barat"),
    ],
)
def test_what_lies_in_a_region_is_listed_completely(
    parent: str, count: int, level: str, path: str
) -> None:
    with CaptureQueriesContext(connection) as said:
        places = listed(f"/regions?parent={parent}")
    assert len(said) == 1
    assert len(places) == count
    assert {place["level"] for place in places} == {level}
    assert path in [place["path"] for place in places]


@pytest.mark.parametrize("parent", ["32.73.19.1001", "99", "XX"])
def test_in_the_smallest_and_in_the_unknown_lies_nothing(parent: str) -> None:
    assert listed(f"/regions?parent={parent}") == []


def test_a_search_finds_what_the_page_finds() -> None:
    [first, *_others] = listed("/regions?q=coblong%20bandung")
    assert first == {
        "code": "32.73.02",
        "name": "Coblong",
        "level": "district",
        "path": "Coblong, Kota Bandung, Jawa Barat",
    }


def test_an_answer_is_kept_and_asked_for_again_by_its_etag() -> None:
    app = App()
    first = app.get("/regions?parent=32")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    again = app.get("/regions?parent=32", if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert app.get("/regions?parent=33", if_none_match=first.headers["ETag"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [("q=a&parent=32", "q"), ("country=SG", "country"), ("parent=" + "1" * 14, "parent")],
)
def test_a_query_that_makes_no_sense_is_refused(query: str, field: str) -> None:
    problem = problem_of(App().get(f"/regions?{query}"), 400, "validation_error")
    assert list(problem["errors"]) == [field]


def test_an_unknown_parameter_is_named() -> None:
    problem = problem_of(App().get("/regions?level=3"), 400, "unknown_field")
    assert list(problem["errors"]) == ["level"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"region": "32.73"}, "address.region"),
        ({"region": "99.99.99"}, "address.region"),
        ({"city": "Kota Bandung"}, "address.city"),
        ({"postal_code": "4011"}, "address.postal_code"),
        ({"rt": "x"}, "address.rt"),
        ({"country": "SG"}, "address.country"),
    ],
)
def test_a_refused_address_names_the_field_and_orders_nothing(change: Json, field: str) -> None:
    app = App()
    body = app.order_body(app.filled_cart(make_variant()))
    body["address"] |= change
    problem = problem_of(app.place(body), 422, "invalid_address")
    assert problem["field"] == field
    assert "{" not in problem["detail"]
    assert not Order.objects.exists()


def test_an_address_without_its_region_is_refused_by_its_name() -> None:
    app = App()
    body = app.order_body(app.filled_cart(make_variant()))
    del body["address"]["region"]
    assert problem_of(app.place(body), 422, "invalid_address")["field"] == "address.region"
    del body["address"]["postal_code"]
    body["address"]["region"] = "32.73.19"
    assert problem_of(app.place(body), 422, "invalid_address")["field"] == "address.postal_code"


def test_a_quote_follows_the_region() -> None:
    make_rate(province="31", first_kg=21_000)
    app = App()
    path = f"/carts/{app.filled_cart(make_variant())}/shipping-quotes"
    quote = answer_of(app.post(path, {"address": {"region": "31.74.03.1002"}}), 200)
    assert quote["groups"][0]["options"][0]["amount"]["amount"] == 21_000
    problem_of(app.post(path, {"address": {"region": "32.73.19"}}), 409, "no_shipping")
    problem_of(app.post(path, {"address": {"province": "31"}}), 400, "unknown_field")
