"""Waiting for a sold-out variant by the API."""

from uuid import uuid4

import pytest

from catalog.models import StockAlert
from catalog.stock_alerts import LIMITS
from catalog.tests.builders import make_variant
from shop.api.tests.client import App, problem_of

pytestmark = pytest.mark.django_db


def test_asking_is_answered_the_same_the_first_time_and_again() -> None:
    variant = make_variant(on_hand=0)
    body = {"variant": str(variant.public_id), "email": "Siti@Example.com"}

    first, again = (App("en").post("/stock-alerts", body) for _ in range(2))

    assert (first.status_code, first.content) == (204, b"")
    assert (again.status_code, again.content) == (204, b"")
    alert = StockAlert.objects.get()
    assert (alert.variant, alert.email, alert.language) == (variant, "siti@example.com", "en")


def test_what_can_be_bought_or_is_not_there_is_refused() -> None:
    body = {"variant": str(make_variant(on_hand=1).public_id), "email": "siti@example.com"}
    problem_of(App().post("/stock-alerts", body), 409, "not_sold_out")
    problem_of(
        App().post("/stock-alerts", body | {"variant": str(uuid4())}), 404, "product_not_found"
    )
    problem = problem_of(
        App().post("/stock-alerts", body | {"email": "siti"}), 400, "validation_error"
    )
    assert list(problem["errors"]) == ["email"]
    problem_of(App().post("/stock-alerts", body | {"phone": "1"}), 400, "unknown_field")
    assert not StockAlert.objects.exists()


def test_a_network_that_asks_too_often_is_told_how_long_to_wait() -> None:
    variant = make_variant(on_hand=0)
    for number in range(LIMITS[0].times):
        body = {"variant": str(variant.public_id), "email": f"siti{number}@example.com"}
        assert App().post("/stock-alerts", body).status_code == 204

    answer = App("en").post("/stock-alerts", body | {"email": "budi@example.com"})

    problem_of(answer, 429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert not StockAlert.objects.filter(email="budi@example.com").exists()
