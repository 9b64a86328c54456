"""The OpenAPI document is valid, complete and what the API really does."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml
from django.test import Client
from django.urls import URLPattern
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework.views import APIView

from catalog.tests.builders import make_image, make_product, make_variant
from payments.tests.simulated import Simulator
from shop.api.document import document
from shop.api.tests.client import App, Json, answer_of, problem_of
from shop.api.urls import urlpatterns
from shop.api.views.fallback import NoSuchAddressView

# Nothing needs to be said there.
WITHOUT_BODY = (
    "/api/v1/auth/logout",
    "/api/v1/carts/{token}/holds/{waiting}",
    "/api/v1/waiting/{token}/confirm",
    "/api/v1/wishlists",
    "/api/v1/wishlists/{token}/products/{slug}",
)


def fetched(query: str = "", **headers: str) -> Any:
    return Client().get(f"/api/v1/schema/{query}", headers=headers)


def test_it_is_valid_openapi_3_1() -> None:
    made = json.loads(fetched().content)
    assert made["openapi"].startswith("3.1.")
    validate_schema(made)  # type: ignore[no-untyped-call]  # as above


def test_nothing_about_it_was_guessed() -> None:
    """Two shapes of one name, for one, would be told as the first of them, with a warning."""
    GENERATOR_STATS.reset()
    document.cache_clear()
    document()
    assert not GENERATOR_STATS


def test_it_is_served_as_json_and_as_yaml() -> None:
    response = fetched()
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["ETag"]
    assert yaml.safe_load(fetched("?format=yaml").content) == json.loads(response.content)
    as_yaml = fetched(accept="application/yaml")
    assert as_yaml.headers["Content-Type"] == "application/yaml"
    assert fetched("?format=json", accept="application/yaml").content == response.content
    problem_of(fetched("?format=xml"), 400, "validation_error")


def test_it_lists_every_address_with_every_method() -> None:
    made = document()
    told = {(path, method) for path, methods in made["paths"].items() for method in methods}
    assert told == {
        (path_of(pattern), method)
        for pattern in urlpatterns
        if (view := view_of(pattern)) is not None
        for method in methods_of(view)
    }
    assert len(told) == 60


def view_of(pattern: URLPattern) -> type[APIView] | None:
    view: type[APIView] | None = getattr(pattern.callback, "cls", None)
    return None if view is NoSuchAddressView else view


def methods_of(view: type[APIView]) -> list[str]:
    return [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]


def path_of(pattern: URLPattern) -> str:
    route = str(pattern.pattern)
    for converter in ("<uuid:", "<slug:", "<int:"):
        route = route.replace(converter, "{")
    return "/api/v1/" + route.replace(">", "}")


def test_every_operation_tells_its_errors_and_its_headers() -> None:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            if path == "/api/v1/schema/":
                continue
            problems = {
                status: answer for status, answer in operation["responses"].items() if status >= "4"
            }
            assert {"500", "503"} <= set(problems)
            for answer in problems.values():
                assert list(answer["content"]) == ["application/problem+json"]
            takes_body = method in ("post", "put", "patch") and path not in WITHOUT_BODY
            assert ("requestBody" in operation) == takes_body
    headers = {
        one["name"]: one["required"]
        for one in document()["paths"]["/api/v1/orders"]["post"]["parameters"]
        if one.get("required")
    }
    assert headers == {"Idempotency-Key": True}


def test_unknown_fields_are_ruled_out() -> None:
    requests = {
        name: schema
        for name, schema in document()["components"]["schemas"].items()
        if name.endswith("Request")
    }
    assert "OrderRequest" in requests
    assert all(schema["additionalProperties"] is False for schema in requests.values())


def test_its_examples_keep_to_it() -> None:
    for _path, _method, schema, example in examples():
        validator_for(schema).validate(example)
    assert len(list(examples())) >= 10


def examples() -> list[tuple[str, str, Json, Json]]:
    return [
        (path, method, media["schema"], example["value"])
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        for one in [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in one.get("content", {}).values()
        for example in media.get("examples", {}).values()
    ]


def validator_for(schema: Json) -> jsonschema.Draft202012Validator:
    whole = schema | {"components": document()["components"]}
    return jsonschema.Draft202012Validator(whole)


def assert_valid(path: str, method: str, status: str, answer: Json) -> None:
    content = document()["paths"]["/api/v1" + path][method]["responses"][status]["content"]
    schema = next(iter(content.values()))["schema"]
    validator_for(schema).validate(answer)
    assert set(answer) <= set(properties(schema))


def properties(schema: Json) -> Json:
    name = schema["$ref"].rpartition("/")[2]
    found: Json = document()["components"]["schemas"][name]["properties"]
    return found


@pytest.mark.django_db(transaction=True)
def test_real_answers_keep_to_it(gateway_up: Simulator) -> None:
    app = App()
    product = make_product("Kemeja")
    variant = make_variant(product=product)
    make_image(product, colour="terakota")
    assert_valid("/products", "get", "200", answer_of(app.get("/products"), 200))
    assert_valid("/products/{slug}", "get", "200", answer_of(app.get("/products/kemeja"), 200))
    assert_valid("/categories", "get", "200", answer_of(app.get("/categories"), 200))
    assert_valid("/regions", "get", "200", answer_of(app.get("/regions"), 200))
    methods = answer_of(app.get("/payment-methods?total=149000"), 200)
    assert_valid("/payment-methods", "get", "200", methods)
    cart = app.filled_cart(variant)
    assert_valid("/carts/{token}", "get", "200", answer_of(app.get(f"/carts/{cart}"), 200))
    placed = app.placed(variant=variant)
    assert_valid("/orders", "post", "201", placed)
    path = f"/orders/{placed['number']}"
    shown = answer_of(app.get(path, x_order_token=placed["token"]), 200)
    assert_valid("/orders/{number}", "get", "200", shown)
    problem = answer_of(app.post("/orders", {}), 400)
    assert_valid("/orders", "post", "400", problem)


@pytest.mark.django_db
def test_a_person_can_read_it_without_javascript() -> None:
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    for path, methods in document()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    assert "<style" not in page
    assert "cdn" not in page
    for name in document()["components"]["schemas"]:
        assert f'id="{name}"' in page
    assert "integer (from 1, to 100)" in page
    assert "* newest" not in page
