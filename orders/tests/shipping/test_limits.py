"""What asking courier APIs may cost: beyond it the table answers, and nobody is refused."""

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.tests.builders import make_variant
from orders.places import Place
from orders.shipping.allowance import asked_from
from orders.tests.builders import make_cart
from orders.tests.shipping.builders import make_fare, make_zone
from orders.tests.shipping.couriers import Couriers
from orders.tests.shipping.test_apis import ASKED, calls, offered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _table() -> None:
    """What is offered whenever the API is not asked."""
    make_fare(make_zone(), 25_000, courier="POS", name="POS Reguler")


def test_who_asks_for_one_place_after_the_other_gets_the_tables_prices(
    biteship: Couriers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURIER_QUOTES_PER_NETWORK", "2")
    before = calls(biteship, settings)
    with asked_from("203.0.113.7"):
        first = offered()
        offered(destination=Place("ID", "32", "", "40111"))
        assert offered(destination=Place("ID", "32", "", "40112")) == {"pos:reg": 25_000}
        # What is known still is: it costs nothing.
        assert offered() == first == ASKED["biteship"]
    assert calls(biteship, settings) - before == 2
    with asked_from("203.0.113.8"):
        assert offered(destination=Place("ID", "32", "", "40112")) == ASKED["biteship"]


def test_all_together_ask_no_more_in_a_day_than_the_merchant_pays_for(
    biteship: Couriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURIER_QUOTES_A_DAY", "1")
    assert offered() == ASKED["biteship"]
    with asked_from("203.0.113.7"):
        assert offered(weight_grams=900) == {"pos:reg": 25_000}


@pytest.mark.parametrize("place", ["page", "fields", "api"])
def test_postal_codes_typed_one_after_the_other_soon_cost_nothing_and_are_answered(
    biteship: Couriers,
    settings: Settings,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    monkeypatch.setenv("COURIER_QUOTES_PER_NETWORK", "1")
    cart = make_cart({make_variant(): 1})
    client.cookies["cart"] = str(cart.token)

    def ask(postal_code: str) -> str:
        address = {"region": "32.73.02", "postal_code": postal_code, "country": "ID"}
        match place:
            case "page":
                answer = client.post("/checkout/shipping/", address)
            case "fields":
                answer = client.post("/checkout/region/", address)
            case _api:
                url = f"/api/v1/carts/{cart.token}/shipping-quotes"
                answer = client.post(url, {"address": address}, "application/json")
        assert answer.status_code == 200, answer.text
        return answer.text

    before = calls(biteship, settings)
    assert "SiCepat" in ask("40111")
    shown = ask("40112")
    assert "POS Reguler" in shown
    assert "SiCepat" not in shown
    assert calls(biteship, settings) == before + 1
