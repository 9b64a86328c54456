"""Carts by token: set, read, quoted; and what a key does for a new one."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponse

from catalog.tests.builders import make_image, make_variant
from orders import carts
from orders.models import Cart
from orders.tests.builders import make_rate
from shop.api.tests.client import App, answer_of, problem_of
from shop.core.idempotency import RequestKey, claim, hash_request
from tests.racing import race

pytestmark = pytest.mark.django_db


def test_a_line_is_set_and_not_added_to() -> None:
    app, variant = App(), make_variant(on_hand=5)
    cart = app.filled_cart(variant, 2)
    path = f"/carts/{cart}/lines/{variant.public_id}"
    assert answer_of(app.put(path, {"quantity": 2}), 200)["item_count"] == 2
    assert answer_of(app.put(path, {"quantity": 3}), 200)["item_count"] == 3
    assert answer_of(app.put(path, {"quantity": 0}), 200)["lines"] == []
    assert answer_of(app.delete(path), 200)["lines"] == []


def test_a_line_says_what_it_is_and_what_it_costs() -> None:
    app, variant = App("en"), make_variant(price=149_000, on_hand=5)
    make_image(variant.product, colour="terakota")
    (line,) = answer_of(app.get(f"/carts/{app.filled_cart(variant, 2)}"), 200)["lines"]
    assert line["variant"] == str(variant.public_id)
    assert line["variant_name"] == "Terracotta, M"
    assert line["image"]["src"] == "http://testserver/media/products/foto-900.webp"
    assert line["total"] == {"amount": 298_000, "currency": "IDR", "formatted": "Rp298.000"}
    assert (line["available"], line["is_short"], line["price_changed"]) == (5, False, False)


@pytest.mark.parametrize(
    ("quantity", "status", "code"),
    [(6, 409, "too_few_in_stock"), (100, 422, "too_many_wanted"), (10**60, 422, "too_many_wanted")],
)
def test_more_than_there_is_is_refused(quantity: int, status: int, code: str) -> None:
    app, variant = App(), make_variant(on_hand=5)
    cart = app.filled_cart(variant)
    path = f"/carts/{cart}/lines/{variant.public_id}"
    problem_of(app.put(path, {"quantity": quantity}), status, code)
    assert answer_of(app.get(f"/carts/{cart}"), 200)["item_count"] == 1


def test_a_full_cart_takes_no_further_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carts, "MAX_LINES", 2)
    app, shirts = App(), [make_variant(on_hand=5) for _number in range(3)]
    cart = app.filled_cart(shirts[0])
    paths = [f"/carts/{cart}/lines/{shirt.public_id}" for shirt in shirts]
    answer_of(app.put(paths[1], {"quantity": 1}), 200)
    problem_of(app.put(paths[2], {"quantity": 1}), 409, "cart_full")
    assert answer_of(app.put(paths[0], {"quantity": 2}), 200)["item_count"] == 3
    # As two that were put together may be.
    monkeypatch.setattr(carts, "MAX_LINES", 1)
    assert answer_of(app.put(paths[0], {"quantity": 3}), 200)["item_count"] == 4


@pytest.mark.parametrize("quantity", ["2", 2.5, True, None, -1, [2], {"a": 1}])
def test_a_quantity_is_a_whole_number(quantity: object) -> None:
    app, variant = App(), make_variant(on_hand=5)
    path = f"/carts/{app.filled_cart(variant)}/lines/{variant.public_id}"
    problem = problem_of(app.put(path, {"quantity": quantity}), 400, "validation_error")
    assert list(problem["errors"]) == ["quantity"]


def test_what_is_not_there_is_not_found() -> None:
    app, variant = App(), make_variant()
    problem_of(app.get(f"/carts/{uuid4()}"), 404, "cart_not_found")
    path = f"/carts/{uuid4()}/lines/{variant.public_id}"
    problem_of(app.put(path, {"quantity": 1}), 404, "cart_not_found")
    cart = app.filled_cart(variant)
    problem_of(app.put(f"/carts/{cart}/lines/{uuid4()}", {"quantity": 1}), 409, "not_for_sale")
    (line,) = answer_of(app.get(f"/carts/{cart}"), 200)["lines"]
    assert line["variant"] == str(variant.public_id)


def test_the_same_key_is_the_same_cart() -> None:
    app, key = App(), str(uuid4())
    first = app.post("/carts", {}, idempotency_key=key)
    again = app.post("/carts", {}, idempotency_key=key)
    assert (first.status_code, first.content) == (201, again.content)
    assert Cart.objects.count() == 1
    assert app.post("/carts").content != first.content


@pytest.mark.django_db(transaction=True)
def test_a_repeat_is_told_to_wait_while_the_first_still_works() -> None:
    key = str(uuid4())

    def repeat() -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        return App().post("/carts", {}, idempotency_key=key)

    with transaction.atomic():
        claim(RequestKey("api:carts", key, hash_request({})))
        (answer,) = race([repeat])
    assert isinstance(answer, HttpResponse)
    problem_of(answer, 409, "still_working")
    assert answer.headers["Retry-After"] == "1"
    assert Cart.objects.count() == 0


def test_a_key_that_anybody_could_think_of_makes_no_cart() -> None:
    problem_of(App().post("/carts", {}, idempotency_key="1"), 400, "idempotency_key_invalid")
    assert Cart.objects.count() == 0


def test_couriers_are_quoted_the_cheapest_first() -> None:
    app = App()
    cart = app.filled_cart(make_variant())
    make_rate(service="YES", first_kg=25_000)
    make_rate(service="REG", first_kg=12_000)
    path = f"/carts/{cart}/shipping-quotes"
    quote = answer_of(app.post(path, {"address": {"region": "32.73.19", "country": "ID"}}), 200)
    (group,) = quote["groups"]
    assert [option["option"] for option in group["options"]] == ["jne:reg", "jne:yes"]
    cheapest = group["options"][0]
    assert cheapest["amount"]["formatted"] == "Rp12.000"
    assert (cheapest["courier"], cheapest["service"], cheapest["name"]) == ("JNE", "REG", "JNE REG")
    assert (cheapest["eta_min_days"], cheapest["eta_max_days"]) == (2, 4)
    assert cheapest["arrives_from"] < cheapest["arrives_until"]
    assert cheapest["price_by"] == "table"
    problem_of(app.post(path, {"address": {"region": "91.03.01"}}), 409, "no_shipping")
    for region in ({"region": "32"}, {"region": "99.99.99"}, {}):
        problem = problem_of(app.post(path, {"address": region}), 422, "invalid_address")
        assert problem["field"] == "address.region"


def test_an_empty_cart_is_not_quoted() -> None:
    app = App()
    cart = answer_of(app.post("/carts"), 201)["token"]
    path = f"/carts/{cart}/shipping-quotes"
    problem = problem_of(app.post(path, {"address": {"region": "32.73.19"}}), 409, "empty_cart")
    assert "groups" not in problem


def test_carts_are_kept_by_no_cache() -> None:
    app = App()
    assert app.get(f"/carts/{app.filled_cart(make_variant())}").headers["Cache-Control"] == (
        "no-store"
    )
