"""Both courier APIs over real HTTP: what they say is offered; any trouble is the table's turn."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from orders.models import CourierArea, CourierService
from orders.places import Place
from orders.shipping import sources
from orders.shipping.quoting import best_rates
from orders.shipping.rates import ShippingOption
from orders.tests.shipping.builders import BANDUNG, make_fare, make_region, make_request, make_zone
from orders.tests.shipping.couriers import Couriers
from shop.core.cache import ForgivingRedisCache
from tests.racing import race

pytestmark = pytest.mark.django_db

RATES = {
    "biteship": "/v1/rates/couriers",
    "rajaongkir": "/api/v1/calculate/domestic-cost",
}
SEARCH = "/api/v1/destination/domestic-destination"
# 9.000 a kilogram within Java; see shop/local/couriers/geography.py.
ASKED = {
    "biteship": {
        "jne:reg": 9_000,
        "jne:yes": 17_100,
        "jnt:ez": 9_450,
        "sicepat:reg": 8_550,
        "sicepat:gokil": 36_000,
    }
}
ASKED["rajaongkir"] = ASKED["biteship"]


@pytest.fixture(autouse=True)
def _table() -> None:
    """What is offered whenever the API is of no use."""
    make_fare(make_zone(), 25_000, courier="POS", name="POS Reguler")


def offered(**changes: Any) -> dict[str, int]:
    return {option.code: option.amount.minor for option in options(**changes)}


def options(**changes: Any) -> tuple[ShippingOption, ...]:
    (rates,) = best_rates([make_request(**changes)])
    return rates.options


def calls(api: Couriers, settings: Settings) -> int:
    return api.asked().get(RATES[settings.COURIER_RATES], 0)


def test_the_couriers_own_prices_are_offered(api: Couriers, settings: Settings) -> None:
    assert offered() == ASKED[settings.COURIER_RATES]
    found = {option.code: option for option in options()}
    regular = found["jne:reg"]
    assert regular.source == settings.COURIER_RATES
    assert (regular.eta_min_days, regular.eta_max_days) == (1, 2)
    assert regular.reference.lower() == "jne:reg"
    assert regular.charged_grams == 800


def test_a_courier_that_says_nothing_about_time_promises_none(rajaongkir: Couriers) -> None:
    (silent,) = [option for option in options() if option.code == "jnt:ez"]
    assert (silent.eta_min_days, silent.eta_max_days) == (None, None)


@pytest.mark.parametrize(
    ("grams", "volume", "price"),
    [(1300, 0, 9_000), (1301, 0, 18_000), (100, 7_800, 9_000), (100, 7_801, 18_000)],
)
def test_weight_and_size_are_asked_about_in_whole_steps(
    api: Couriers, grams: int, volume: int, price: int
) -> None:
    assert offered(weight_grams=grams, volume_cm3=volume)["jne:reg"] == price


@pytest.mark.parametrize("mode", ["error", "garbage", "empty", "broke", "busy"])
def test_any_trouble_is_the_tables_turn(api: Couriers, mode: str) -> None:
    api.be(mode)
    assert offered() == {"pos:reg": 25_000}
    assert {str(option.source) for option in options()} == {"table"}


def test_a_time_out_is_the_tables_turn(api: Couriers, settings: Settings) -> None:
    api.be("slow")
    settings.COURIER_TIMEOUT = timedelta(seconds=0.3)
    began = time.monotonic()
    assert offered() == {"pos:reg": 25_000}
    assert time.monotonic() - began < 1.5


def test_the_limit_is_for_all_parcels_together(biteship: Couriers, settings: Settings) -> None:
    biteship.be("slow")
    settings.COURIER_TIMEOUT = timedelta(seconds=0.4)
    parcels = [make_request(location_pk=number) for number in range(5)]
    began = time.monotonic()
    answers = best_rates(parcels)
    assert time.monotonic() - began < 1.5
    assert [answer.options[0].code for answer in answers] == ["pos:reg"] * 5


def test_many_parcels_are_asked_about_at_once(api: Couriers) -> None:
    parcels = [make_request(location_pk=n, weight_grams=1000 * n) for n in range(1, 6)]
    prices = [
        {option.code: option.amount.minor for option in rates.options}["jne:reg"]
        for rates in best_rates(parcels)
    ]
    assert prices == [9_000, 18_000, 27_000, 36_000, 45_000]


def test_an_api_that_is_down_is_left_alone_after_three_failures(
    biteship: Couriers, settings: Settings
) -> None:
    biteship.be("error")
    before = calls(biteship, settings)
    for _ in range(5):
        assert offered() == {"pos:reg": 25_000}
    assert calls(biteship, settings) - before == 3


def test_a_wrong_key_is_the_tables_turn(api: Couriers, settings: Settings) -> None:
    settings.COURIER_API_KEY = "biteship_test.wrong"
    assert offered() == {"pos:reg": 25_000}


def test_nobody_listening_is_the_tables_turn(api: Couriers, settings: Settings) -> None:
    settings.COURIER_API_URL = "http://127.0.0.1:9"
    assert offered() == {"pos:reg": 25_000}


@pytest.mark.parametrize(
    "destination",
    [
        Place("ID", "32"),
        Place("ID", "32", "", "4013"),
        Place("ID", "32", "", "00000"),
        Place("MY", "", "", "40132"),
    ],
)
def test_without_a_postal_code_of_indonesia_nobody_is_asked(
    api: Couriers, destination: Place
) -> None:
    make_fare(make_zone(country="MY"), 25_000, courier="POS")
    before = api.asked()
    assert offered(destination=destination) == {"pos:reg": 25_000}
    assert api.asked() == before
    assert not CourierArea.objects.exists()


def test_a_postal_code_that_the_api_does_not_know_is_the_tables_turn(api: Couriers) -> None:
    nowhere = Place("ID", "32", "", "49999")
    assert offered(destination=nowhere) == {"pos:reg": 25_000}
    before = api.asked()
    assert offered(destination=nowhere) == {"pos:reg": 25_000}
    assert api.asked() == before


def test_an_api_that_refuses_one_parcel_is_asked_about_others(
    biteship: Couriers, settings: Settings
) -> None:
    for number in range(1, 5):
        offered(destination=Place("ID", "32", "", f"4{number}999"))
    assert offered() == ASKED["biteship"]


# --- asked once ----------------------------------------------------------------------------------


def test_the_same_quote_is_asked_for_once(api: Couriers, settings: Settings) -> None:
    first, before = offered(), calls(api, settings)
    api.be("error")
    assert offered(weight_grams=799, value_minor=1) == first
    assert calls(api, settings) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"weight_grams": 801},
        {"destination": Place("ID", "31", "31.74.03", "12730")},
        {"location_pk": 2},
    ],
)
def test_another_parcel_is_another_quote(
    api: Couriers, settings: Settings, changes: dict[str, Any]
) -> None:
    offered()
    before = calls(api, settings)
    offered(**changes)
    assert calls(api, settings) == before + 1


def test_an_old_quote_is_renewed_and_serves_while_the_api_is_down(
    biteship: Couriers, settings: Settings
) -> None:
    first, before = offered(), calls(biteship, settings)
    settings.COURIER_QUOTE_FOR = timedelta(0)
    assert offered() == first
    assert calls(biteship, settings) == before + 1
    biteship.be("error")
    assert offered() == first
    assert calls(biteship, settings) == before + 2


def test_without_valkey_every_quote_is_asked_for(
    api: Couriers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ForgivingRedisCache, "_away_until", float("inf"))
    first, before = offered(), calls(api, settings)
    assert offered() == first == ASKED[settings.COURIER_RATES]
    assert calls(api, settings) == before + 1


def test_what_is_kept_names_no_person(biteship: Couriers) -> None:
    offered()
    (key,) = cache._cache.get_client(None).keys("*courier-rates*")  # type: ignore[attr-defined]
    assert "40132" not in key.decode()


# --- what the merchant makes of it ---------------------------------------------------------------


def test_a_fee_is_added_and_a_service_renamed_or_left_out(biteship: Couriers) -> None:
    CourierService.objects.create(courier="JNE", service="REG", name="Hemat", fee_minor=2_000)
    CourierService.objects.create(courier="jne", service="", is_active=False)
    CourierService.objects.create(courier="sicepat", service="", fee_minor=500)
    assert offered() == {
        "jne:reg": 11_000,
        "jnt:ez": 9_450,
        "sicepat:reg": 9_050,
        "sicepat:gokil": 36_500,
    }
    assert [option.name for option in options() if option.code == "jne:reg"] == ["Hemat"]


def test_where_nothing_is_offered_of_what_the_api_has_the_table_answers(
    biteship: Couriers,
) -> None:
    for courier in ("jne", "jnt", "sicepat"):
        CourierService.objects.create(courier=courier, is_active=False)
    assert offered() == {"pos:reg": 25_000}


# --- RajaOngkir's areas --------------------------------------------------------------------------


def test_an_area_is_searched_once_and_then_known(rajaongkir: Couriers) -> None:
    offered()
    before = rajaongkir.asked()[SEARCH]
    cache.clear()
    sources._known.clear()
    offered()
    assert rajaongkir.asked()[SEARCH] == before
    origin = CourierArea.objects.get(postal_code="51122")
    assert (origin.source, origin.region, origin.area_id) == ("rajaongkir", "", "33011")


def test_of_two_areas_with_one_postal_code_the_names_decide(rajaongkir: Couriers) -> None:
    make_region("32.73.02", "Coblong")
    offered()
    assert CourierArea.objects.get(region="32.73.02").area_id == "4832"
    make_region("32.73.05", "Cibeunying Kaler")
    offered(destination=Place("ID", "32", "32.73.05", "40132"))
    assert CourierArea.objects.get(region="32.73.05").area_id == "4831"


def test_a_place_the_api_does_not_know_is_searched_once_and_can_be_filled_in(
    rajaongkir: Couriers,
) -> None:
    nowhere = Place("ID", "32", "", "49999")
    offered(destination=nowhere)
    searched = rajaongkir.asked()[SEARCH]
    assert offered(destination=nowhere) == {"pos:reg": 25_000}
    assert rajaongkir.asked()[SEARCH] == searched
    CourierArea.objects.filter(postal_code="49999").update(area_id="4832")
    cache.clear()
    assert offered(destination=nowhere) == ASKED["rajaongkir"]


def test_a_place_the_api_did_not_know_is_searched_again_after_a_day(rajaongkir: Couriers) -> None:
    place = Place("ID", "32", "", "40111")
    long_ago = timezone.now() - timedelta(days=1, minutes=1)
    CourierArea.objects.create(source="rajaongkir", postal_code="40111", looked_up_at=long_ago)
    CourierArea.objects.create(
        source="rajaongkir", postal_code="51122", area_id="33011", looked_up_at=long_ago
    )
    before = rajaongkir.asked().get(SEARCH, 0)
    assert offered(destination=place)["jne:reg"] == 9_000
    assert CourierArea.objects.get(postal_code="40111").area_id == "4816"
    assert rajaongkir.asked()[SEARCH] == before + 1


@pytest.mark.django_db(transaction=True)
def test_customers_who_are_first_in_a_place_at_once_all_get_their_prices(
    rajaongkir: Couriers,
) -> None:
    results = race([partial(best_rates, [make_request(location_pk=n)]) for n in range(6)])
    assert [type(result) for result in results] == [list] * 6, results
    assert CourierArea.objects.count() == 2


def test_a_search_that_failed_is_made_again(rajaongkir: Couriers) -> None:
    rajaongkir.be("error")
    offered()
    assert not CourierArea.objects.exists()
    rajaongkir.be("well")
    assert offered() == ASKED["rajaongkir"]


def test_many_parcels_cost_as_many_queries_as_one(rajaongkir: Couriers) -> None:
    offered()

    def queries(parcels: int) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            best_rates([make_request(location_pk=number) for number in range(parcels)])
        return len(queries)

    # The merchant's services, and the areas.
    assert queries(1) == queries(6) == 2


def test_the_way_to_bandung_has_a_region() -> None:
    assert BANDUNG.codes == ["32.73.02", "32.73", "32"]
