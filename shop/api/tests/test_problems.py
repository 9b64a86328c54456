"""Whatever is sent, the answer is a problem with a code, and never a broken shop."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from shop.api import errors
from shop.api.tests.client import API, App, Json, answer_of, problem_of
from shop.api.views import carts

pytestmark = pytest.mark.django_db

ORDER: Json = {
    "cart": "5d0c5c9e-6b0f-4a55-9d5c-2f1f0f8f9a11",
    "email": "siti@example.com",
    "phone": "081234567890",
    "language": "id",
    "address": {
        "recipient_name": "Siti",
        "street": "Jl. Braga 12",
        "region": "32.73.19",
        "postal_code": "40111",
        "country": "ID",
        "notes": "",
    },
    "shipping": [{"group": "1-1", "option": "jne:reg"}],
    "payment": {"method": "dana", "details": {}},
    "expected_total": {"amount": 161_000, "currency": "IDR"},
}


def with_value(path: str, value: object) -> Json:
    """The order with the value at that place."""
    body: Any = json.loads(json.dumps(ORDER))
    *way, last = path.split(".")
    place = body
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    return dict(body)


@pytest.mark.parametrize(
    "path",
    ["note", "address.kode_pos", "shipping.0.price", "payment.token", "payment.details.pin"],
)
def test_a_field_that_nobody_knows_is_named(path: str) -> None:
    problem = problem_of(App().place(with_value(path, "x")), 400, "unknown_field")
    assert list(problem["errors"]) == [path]
    assert path in problem["detail"]


@pytest.mark.parametrize(
    "path",
    [
        *("cart", "email", "phone", "language", "address", "shipping", "payment", "expected_total"),
        *(f"address.{name}" for name in ORDER["address"]),
        *("shipping.0", "shipping.0.group", "shipping.0.option"),
        *("payment.method", "payment.details", "payment.details.phone"),
        *("expected_total.amount", "expected_total.currency"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_problem_of_that_field(path: str) -> None:
    values: list[Any] = [None, True, -7, 10**40, 1.5, [], [1], {"a": {}}, "\0", "x\0y", "x" * 5000]
    app = App()
    for value in values:
        body = with_value(path, value) if path != "shipping.0" else ORDER | {"shipping": [value]}
        problem = answer_of(app.place(body), 400)
        assert problem["code"] in ("validation_error", "unknown_field")
        assert all(name.startswith(path) for name in problem["errors"]), problem


@pytest.mark.parametrize("missing", [name for name in ORDER if name != "payment"])
def test_a_missing_field_is_named(missing: str) -> None:
    body = {name: value for name, value in ORDER.items() if name != missing}
    problem = problem_of(App().place(body), 400, "validation_error")
    assert {name: one[0]["code"] for name, one in problem["errors"].items()} == {
        missing: "required"
    }


def test_a_group_is_chosen_for_once() -> None:
    body = with_value("shipping", ORDER["shipping"] * 2)
    assert list(problem_of(App().place(body), 400, "validation_error")["errors"]) == ["shipping"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"quantity": NaN}',
        b'{"quantity": ' + b"9" * 5000 + b"}",
        b'{"quantity": "\\ud800"}',
        b"[" * 20_000,
    ],
)
def test_what_is_not_json_is_said_to_be_none(body: bytes) -> None:
    response = Client().generic("POST", f"{API}/carts", body, content_type="application/json")
    assert_problem(response, 400, "parse_error")


def assert_problem(response: Any, status: int, code: str) -> None:
    problem_of(response, status, code)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_is_an_object(body: bytes) -> None:
    response = Client().generic(
        "POST",
        f"{API}/orders",
        body,
        content_type="application/json",
        headers={"idempotency-key": "k"},
    )
    assert_problem(response, 400, "validation_error")


def test_a_body_has_its_size_and_its_type() -> None:
    large = json.dumps({"quantity": "x" * 70_000}).encode()
    response = Client().generic("POST", f"{API}/carts", large, content_type="application/json")
    assert_problem(response, 413, "body_too_large")
    form = Client().post(f"{API}/carts", {"a": "b"})
    assert_problem(form, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/carts/1",
        "/orders/a%00b",
        "/products/%F0%9F%91%95",
        "/products/",
        "/products/%0A",
        "/",
    ],
)
def test_an_unknown_address_is_a_problem_too(path: str) -> None:
    assert_problem(App().get(path), 404, "not_found")


def test_a_method_that_is_not_there_is_named() -> None:
    response = App().delete("/products")
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD"
    assert_problem(App().send("OPTIONS", "/carts"), 405, "method_not_allowed")


def test_another_type_than_json_is_not_to_be_had() -> None:
    assert_problem(App().get("/categories", accept="text/html"), 406, "not_acceptable")


def test_a_problem_speaks_the_language_of_the_request() -> None:
    english = problem_of(App("en").get("/carts/" + ORDER["cart"]), 404, "cart_not_found")
    assert english["detail"] == "This cart no longer exists. Please start a new one."


def test_a_busy_database_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(**_anything: object) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(carts, "get_cart", give_up)
    response = App().get("/carts/" + ORDER["cart"])
    assert_problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == "2"
    assert b"lock timeout" not in response.content


def test_what_breaks_tells_only_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_over(**_anything: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(carts, "get_cart", fall_over)
    response = App().get("/carts/" + ORDER["cart"], x_request_id="request-4711")
    problem = problem_of(response, 500, "server_error")
    assert problem["request_id"] == "request-4711"
    assert b"secret" not in response.content


def test_outside_of_a_view_the_same_problem_is_told() -> None:
    request = RequestFactory().get("/api/v1/products")
    request.META["REQUEST_ID"] = "request-4712"
    response = errors.server_error_problem(request)
    assert json.loads(response.content)["request_id"] == "request-4712"
