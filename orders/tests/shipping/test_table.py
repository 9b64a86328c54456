"""The merchant's own table: the nearest zone counts, begun kilograms are charged, size weighs."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import ShippingBracket, ShippingRate
from orders.places import Place
from orders.shipping.rates import Rates
from orders.shipping.table import TableRates
from orders.tests.shipping.builders import make_fare, make_place, make_request, make_zone

pytestmark = pytest.mark.django_db

DAGO = Place("ID", "32", "32.73.02.1004", "40132")


def priced(**changes: Any) -> dict[str, int]:
    """Code of the service → price, of one parcel to Dago in Bandung unless told otherwise."""
    request = make_request(**{"destination": DAGO} | changes)
    (answer,) = TableRates().quote([request], timeout=0)
    assert isinstance(answer, Rates)
    return {option.code: option.amount.minor for option in answer.options}


@pytest.mark.parametrize(
    ("grams", "price"),
    [(0, 12_000), (1, 12_000), (1000, 12_000), (1001, 21_000), (2000, 21_000), (2001, 30_000)],
)
def test_every_begun_kilogram_is_charged(grams: int, price: int) -> None:
    make_fare(make_zone("32"))
    assert priced(weight_grams=grams) == {"jne:reg": price}


@pytest.mark.parametrize(
    ("grams", "price"), [(1300, 12_000), (1301, 21_000), (2300, 21_000), (2301, 30_000)]
)
def test_a_courier_may_overlook_the_first_grams_of_a_kilogram(grams: int, price: int) -> None:
    make_fare(make_zone("32"), tolerance_grams=300)
    assert priced(weight_grams=grams) == {"jne:reg": price}


@pytest.mark.parametrize(("grams", "price"), [(1, 50_000), (10_000, 50_000), (10_001, 54_000)])
def test_cargo_has_a_least_weight(grams: int, price: int) -> None:
    make_fare(make_zone("32"), 50_000, next_kg_minor=4_000, first_grams=10_000)
    assert priced(weight_grams=grams) == {"jne:reg": price}


@pytest.mark.parametrize(
    ("divisor", "grams", "volume", "price"),
    [
        (6000, 500, 6000, 12_000),
        (6000, 500, 6001, 21_000),
        (5000, 500, 6000, 21_000),
        (6000, 1500, 6000, 21_000),
        (None, 500, 60_000, 12_000),
    ],
)
def test_what_is_large_and_light_is_charged_by_its_size(
    divisor: int | None, grams: int, volume: int, price: int
) -> None:
    make_fare(make_zone("32"), volumetric_divisor=divisor)
    assert priced(weight_grams=grams, volume_cm3=volume) == {"jne:reg": price}


def test_what_is_too_heavy_for_a_service_is_not_offered_by_it() -> None:
    zone = make_zone("32")
    make_fare(zone, max_grams=2000)
    make_fare(zone, service="CARGO", max_grams=2001)
    assert list(priced(weight_grams=2001)) == ["jne:cargo"]
    assert priced(weight_grams=2000, volume_cm3=12_006) == {"jne:cargo": 30_000}


@pytest.mark.parametrize(
    ("grams", "prices"),
    [
        (500, {"jne:reg": 7_000}),
        (501, {"jne:reg": 9_500}),
        (1500, {"jne:reg": 9_500}),
        (1501, {}),
    ],
)
def test_weight_brackets_replace_the_price_by_the_kilogram(
    grams: int, prices: dict[str, int]
) -> None:
    rate = make_fare(make_zone("32"))
    for up_to, minor in ((1500, 9_500), (500, 7_000)):
        ShippingBracket.objects.create(rate=rate, up_to_grams=up_to, amount_minor=minor)
    assert priced(weight_grams=grams) == prices


def test_the_most_specific_region_wins_for_each_service() -> None:
    country, province, city, district = (
        make_zone(),
        make_zone("32"),
        make_zone("32.73"),
        make_zone("32.73.02"),
    )
    make_fare(district, 1_000)
    make_fare(country, 40_000)
    make_fare(country, 90_000, service="YES")
    make_fare(province, 20_000, service="HALU")
    make_fare(city, 10_000)
    assert priced() == {"jne:reg": 1_000, "jne:yes": 90_000, "jne:halu": 20_000}
    in_another_district = Place("ID", "32", "32.73.05", "40111")
    assert priced(destination=in_another_district)["jne:reg"] == 10_000
    with_only_a_province = Place("ID", "32")
    assert priced(destination=with_only_a_province)["jne:reg"] == 40_000


def test_codes_that_only_begin_alike_are_different_regions() -> None:
    make_fare(make_zone("32.7"))
    assert priced() == {}


def test_a_zone_without_regions_is_its_own_country_only() -> None:
    make_fare(make_zone(country="MY"))
    assert priced() == {}
    assert priced(destination=Place("MY")) == {"jne:reg": 12_000}


def test_a_price_from_one_place_counts_there_and_nowhere_else() -> None:
    zone, near, far = make_zone("32"), make_place(), make_place()
    make_fare(zone, 20_000)
    make_fare(zone, 8_000, origin=near)
    make_fare(zone, 9_000, origin=near, service="ONLY")
    assert priced(location_pk=near.pk) == {"jne:reg": 8_000, "jne:only": 9_000}
    assert priced(location_pk=far.pk) == {"jne:reg": 20_000}


def test_parcels_of_one_cart_do_not_borrow_each_others_prices() -> None:
    zone, near, far = make_zone("32"), make_place(), make_place()
    make_fare(zone, 20_000)
    make_fare(zone, 8_000, origin=near)
    requests = [make_request(location_pk=place.pk) for place in (near, far)]
    answers = TableRates().quote(requests, timeout=0)
    prices = [
        [option.amount.minor for option in rates.options]
        for rates in answers
        if isinstance(rates, Rates)
    ]
    assert prices == [[8_000], [20_000]]


def test_what_is_switched_off_or_not_valid_today_is_not_offered() -> None:
    today = timezone.localdate()
    make_fare(make_zone("32"), is_active=False)
    make_fare(make_zone("32", is_active=False), service="A")
    zone = make_zone("32")
    make_fare(zone, service="B", ends_on=today - timedelta(days=1))
    make_fare(zone, service="C", starts_on=today + timedelta(days=1))
    make_fare(zone, 5_000, service="D", starts_on=today, ends_on=today)
    assert priced() == {"jne:d": 5_000}


def test_another_currency_is_another_table() -> None:
    make_fare(make_zone("32"), currency="USD")
    assert priced() == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"courier": "jne", "service": "Reg"}),
        ({"ends_on": date(2026, 12, 31)}, {"starts_on": date(2026, 12, 31)}),
    ],
)
def test_a_service_has_one_price_at_a_time(first: Any, second: Any) -> None:
    zone = make_zone("32")
    make_fare(zone, **first)
    with (
        pytest.raises(IntegrityError, match="shipping_rate_one_at_a_time"),
        transaction.atomic(),
    ):
        make_fare(zone, **second)
    assert ShippingRate.objects.count() == 1


def test_next_years_price_can_be_entered_now() -> None:
    zone = make_zone("32")
    make_fare(zone, ends_on=date(2026, 12, 31))
    make_fare(zone, starts_on=date(2027, 1, 1))
    assert ShippingRate.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"next_kg_minor": -1},
        {"tolerance_grams": 1000},
        {"first_grams": 0},
        {"volumetric_divisor": 999},
        {"eta_min_days": 5},
        {"starts_on": date(2027, 1, 2), "ends_on": date(2027, 1, 1)},
    ],
)
def test_nonsense_is_refused_by_the_database(wrong: dict[str, Any]) -> None:
    zone = make_zone("32")
    with pytest.raises(Exception, match=r"shipping_rate|range"), transaction.atomic():
        make_fare(zone, **wrong)
    assert not ShippingRate.objects.exists()


def test_many_parcels_cost_as_many_queries_as_one() -> None:
    zone = make_zone("32")
    for number in range(5):
        rate = make_fare(zone, service=str(number))
        ShippingBracket.objects.create(rate=rate, up_to_grams=2000, amount_minor=1)

    def queries(parcels: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            TableRates().quote([make_request(location_pk=n) for n in range(parcels)], timeout=0)
        return len(queries)

    assert queries(1) == queries(10) == 2
