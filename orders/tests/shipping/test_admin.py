"""Staff fill the table, and see what a parcel would cost before a customer does."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.builders import make_owner, make_staff
from orders.models import CourierService, ShippingRate, ShippingZone
from orders.tests.shipping.builders import make_fare, make_place, make_zone
from orders.tests.shipping.couriers import Couriers

pytestmark = pytest.mark.django_db

PROBE = "/admin/orders/shippingzone/probe/"
FARE = {
    "courier": "JNE",
    "service": "REG",
    "name": "JNE Reguler",
    "origin": "",
    "currency": "IDR",
    "is_active": "on",
    "first_kg_minor": "12000",
    "next_kg_minor": "9000",
    "max_grams": "30000",
    "eta_min_days": "2",
    "eta_max_days": "4",
    "first_grams": "1000",
    "tolerance_grams": "0",
    "volumetric_divisor": "6000",
    "starts_on": "",
    "ends_on": "",
}


def signed_in(user: User | None = None, *, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user or make_owner())
    return client


def save(client: Client, zone: ShippingZone, *fares: dict[str, Any]) -> Any:
    data: dict[str, Any] = {"name": zone.name, "country": "ID", "regions": "32", "is_active": "on"}
    known = zone.rates.count()
    data |= {"rates-TOTAL_FORMS": len(fares), "rates-INITIAL_FORMS": known}
    for number, fare in enumerate(fares):
        row = FARE | {"zone": zone.pk} | fare
        data |= {f"rates-{number}-{name}": value for name, value in row.items()}
    return client.post(reverse("admin:orders_shippingzone_change", args=[zone.pk]), data)


def test_a_zone_is_filled_with_its_prices_on_one_page() -> None:
    zone = make_zone()
    answer = save(signed_in(), zone, {}, {"service": "YES", "first_kg_minor": "25000"})
    assert answer.status_code == 302, answer.context["errors"]
    assert sorted(zone.rates.values_list("service", "first_kg_minor")) == [
        ("REG", 12_000),
        ("YES", 25_000),
    ]
    assert [region.code for region in zone.regions.all()] == ["32"]


def test_two_prices_for_one_time_are_refused_in_words() -> None:
    zone = make_zone()
    answer = save(signed_in(), zone, {}, {"courier": "jne"})
    assert answer.status_code == 200
    assert "has two prices for the same time" in answer.text
    assert not ShippingRate.objects.exists()


def test_a_price_that_is_there_already_is_refused_in_words() -> None:
    zone = make_zone()
    fare = make_fare(zone)
    answer = save(signed_in(), zone, {"id": fare.pk}, {"ends_on": "2026-12-31"})
    assert answer.status_code == 200
    assert ShippingRate.objects.count() == 1


def test_next_years_price_stands_beside_this_years() -> None:
    zone = make_zone()
    answer = save(signed_in(), zone, {"ends_on": "2026-12-31"}, {"starts_on": "2027-01-01"})
    assert answer.status_code == 302
    assert zone.rates.count() == 2


def test_brackets_are_filled_on_the_page_of_a_price() -> None:
    fare = make_fare(make_zone())
    data = FARE | {
        "zone": fare.zone_id,
        "brackets-TOTAL_FORMS": 1,
        "brackets-INITIAL_FORMS": 0,
        "brackets-0-up_to_grams": "500",
        "brackets-0-amount_minor": "7000",
    }
    url = reverse("admin:orders_shippingrate_change", args=[fare.pk])
    assert signed_in().post(url, data).status_code == 302
    assert list(fare.brackets.values_list("up_to_grams", "amount_minor")) == [(500, 7000)]


def test_a_service_of_an_api_has_one_row() -> None:
    CourierService.objects.create(courier="jne", service="reg")
    url = reverse("admin:orders_courierservice_add")
    answer = signed_in().post(url, {"courier": "JNE", "service": "REG", "fee_minor": "0"})
    assert answer.status_code == 200
    assert "There is a row for this service already." in answer.text


def test_staff_see_what_a_parcel_would_cost(biteship: Couriers) -> None:
    make_fare(make_zone(), 25_000, name="Tabel Reguler")
    asked = {
        "location": str(make_place().pk),
        "province": "32",
        "postal_code": "40132",
        "weight_grams": "400",
        "length_cm": "30",
        "width_cm": "20",
        "height_cm": "20",
    }
    page = signed_in().get(PROBE, asked)
    assert page.status_code == 200
    by_api, by_table = page.context["findings"]
    assert [option.amount.minor for option in by_table.options] == [34_000]
    assert by_table.options[0].charged_grams == 2000
    prices = {option.code: option.amount.minor for option in by_api.options}
    assert prices["jne:reg"] == 18_000
    assert "Tabel Reguler" in page.text
    assert "Rp18.000" in page.text

    biteship.be("error")
    page = signed_in().get(PROBE, asked | {"postal_code": "12730"})
    assert "No price: status 500." in page.text


def test_a_question_without_an_answer_says_what_is_missing() -> None:
    page = signed_in().get(PROBE, {"weight_grams": "0"})
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"location", "province", "weight_grams"}
    assert page.context["findings"] is None


def test_who_may_not_see_zones_may_not_ask() -> None:
    assert signed_in(make_staff()).get(PROBE).status_code == 403
    assert signed_in(make_staff("orders.view_shippingzone")).get(PROBE).status_code == 200
