"""Addresses: a region names them at home, the rules of the country abroad; one label each."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.address_lines import address_lines
from orders.address_rules import UnknownCountry, rules_of
from orders.addresses import Address, InvalidAddress, checked, destination_of
from orders.models import OrderContact, Region, ShippingRate, ShippingZone
from orders.phones import InvalidPhone, normalise_phone
from orders.places import Destination
from orders.placing import place_order
from orders.shipping import NoShipping
from orders.tests.builders import (
    make_address,
    make_cart,
    make_checkout,
    make_contact,
    make_order,
    make_rate,
)
from orders.tests.test_placing import in_an_hour

pytestmark = pytest.mark.django_db

BRAGA = "32.73.19.1001"


@pytest.fixture
def abroad(settings: Any) -> None:
    settings.SHIPPING_COUNTRIES = ["ID", "SG", "MY", "US", "JP", "HK", "GB"]


def foreign(country: str, **fields: Any) -> Address:
    empty = {"region": "", "postal_code": "", "phone": "+65 9123 4567", "street": "1 Long Road"}
    return make_address(country=country, **empty | fields)


def refused(address: Address) -> object:
    with pytest.raises(InvalidAddress) as refusal:
        checked(address)
    return refusal.value.extra["field"]


def make_zone(country: str, *, amount: int = 90_000, region: str = "") -> ShippingRate:
    zone = ShippingZone.objects.create(name=f"{country} {region}", country=country)
    zone.regions.set(Region.objects.filter(code=region))
    return ShippingRate.objects.create(
        zone=zone,
        courier="POS",
        service="EMS",
        name="EMS",
        currency="IDR",
        first_kg_minor=amount,
        next_kg_minor=amount,
        eta_min_days=5,
        eta_max_days=9,
    )


def test_an_order_keeps_the_names_of_its_region_as_they_were() -> None:
    order = make_order(address=make_address(region=BRAGA, rt="03", rw="5"))
    Region.objects.filter(code="32.73.19").update(name="Sumur Baru")

    contact = OrderContact.objects.get(order=order)
    assert (contact.region, contact.village, contact.district) == (BRAGA, "Braga", "Sumur Bandung")
    assert (contact.city, contact.province) == ("Kota Bandung", "32")
    assert address_lines(contact) == [
        "Siti Aminah",
        "Jl. Braga No. 12",
        "RT 03 RW 5",
        "Braga, Sumur Bandung",
        "Kota Bandung",
        "Jawa Barat 40111",
    ]


def test_a_district_is_enough() -> None:
    contact = make_order().contact
    assert (contact.region, contact.village, contact.rt) == ("32.73.19", "", "")
    assert address_lines(contact)[2] == "Sumur Bandung"


def test_an_order_from_before_regions_were_named_has_the_same_label() -> None:
    old = OrderContact(
        recipient_name="Siti",
        street="Jl. Braga 1, RT 1",
        district="Sumur Bandung",
        city="Bandung",
        province="32",
        province_name="Jawa Barat",
        postal_code="40111",
        rt="",
        rw="",
        village="",
    )
    assert address_lines(old) == [
        "Siti",
        "Jl. Braga 1, RT 1",
        "Sumur Bandung",
        "Bandung",
        "Jawa Barat 40111",
    ]


def test_the_recipient_may_have_a_number_of_their_own() -> None:
    order = make_order(
        contact=make_contact(phone="081234567890"), address=make_address(phone="022-4201234")
    )
    assert (order.contact.phone, order.contact.courier_phone) == ("+6281234567890", "+62224201234")


def test_the_refusal_names_whose_number_is_wrong() -> None:
    with pytest.raises(InvalidPhone) as refusal:
        make_checkout(address=make_address(phone="12"))
    assert refusal.value.extra == {"field": "address.phone"}
    with pytest.raises(InvalidPhone) as refusal:
        make_checkout(contact=make_contact(phone="12"))
    assert refusal.value.extra == {"field": "phone"}


@pytest.mark.parametrize("name", ["district", "city", "province"])
def test_a_name_beside_the_code_could_contradict_it_and_is_refused(name: str) -> None:
    assert refused(make_address(**{name: "Kota Bogor"})) == f"address.{name}"


def test_a_retired_region_takes_no_new_order() -> None:
    Region.objects.filter(code="32.73.19").update(is_active=False)
    assert refused(make_address()) == "address.region"


def test_shipping_abroad_is_off_until_a_country_is_set() -> None:
    assert refused(foreign("SG", postal_code="546080")) == "address.country"


@pytest.mark.usefixtures("abroad")
@pytest.mark.parametrize(
    ("country", "fields", "lines"),
    [
        ("SG", {"postal_code": "546080"}, ["SINGAPORE 546080", "REP. OF SINGAPORE"]),
        (
            "MY",
            {"postal_code": "50754", "city": "Kuala Lumpur", "district": "Bangsar"},
            ["Bangsar", "50754 Kuala Lumpur", "MALAYSIA"],
        ),
        (
            "US",
            {"postal_code": "95014", "city": "Cupertino", "province": "california"},
            ["Cupertino, CA 95014", "UNITED STATES"],
        ),
        (
            "GB",
            {"postal_code": "ec1y 8sy", "city": "London"},
            ["London", "EC1Y 8SY", "UNITED KINGDOM"],
        ),
        ("HK", {"province": "kowloon"}, ["HONG KONG"]),
    ],
)
def test_an_address_abroad_is_written_as_its_post_wants_it(
    country: str, fields: dict[str, str], lines: list[str]
) -> None:
    written = address_lines(checked(foreign(country, **fields)))
    assert "1 Long Road" in written
    assert written[-len(lines) :] == lines


@pytest.mark.usefixtures("abroad")
@pytest.mark.parametrize(
    ("country", "fields", "field"),
    [
        ("SG", {}, "postal_code"),
        ("SG", {"postal_code": "12345"}, "postal_code"),
        ("SG", {"postal_code": "546080", "city": "Singapore"}, "city"),
        ("SG", {"postal_code": "546080", "region": BRAGA}, "region"),
        ("MY", {"postal_code": "50754"}, "city"),
        ("US", {"postal_code": "95014", "city": "Cupertino", "province": "Jawa"}, "province"),
        ("HK", {"province": "Kowloon", "postal_code": "1"}, "postal_code"),
        ("DE", {"postal_code": "10115", "city": "Berlin"}, "country"),
    ],
)
def test_an_address_abroad_is_checked_by_the_rules_of_its_country(
    country: str, fields: dict[str, str], field: str
) -> None:
    assert refused(foreign(country, **fields)) == f"address.{field}"


@pytest.mark.usefixtures("abroad")
def test_a_zone_without_regions_is_the_whole_country() -> None:
    make_zone("SG")
    order = place_order(
        checkout=make_checkout(address=foreign("SG", postal_code="546080")),
        reserve_until=in_an_hour(),
    )
    assert (order.shipping_minor, order.contact.country) == (90_000, "SG")
    assert (order.contact.province, order.contact.region) == ("", "")
    with pytest.raises(NoShipping):
        make_checkout(address=foreign("MY", postal_code="50754", city="Ipoh"))


def test_a_zone_that_names_the_province_goes_before_the_whole_country() -> None:
    make_zone("ID", amount=40_000)
    make_zone("ID", amount=15_000, region="32")
    make_rate()
    cart = make_cart()
    assert make_checkout(cart).shipping.popitem()[1].amount.minor == 12_000
    [(_key, papua)] = make_checkout(cart, address=make_address(region="91.03.01")).shipping.items()
    assert (papua.code, papua.amount.minor) == ("pos:ems", 40_000)


def test_couriers_are_asked_for_the_province_of_the_region() -> None:
    assert destination_of(country="ID", region=BRAGA) == Destination("ID", "32", BRAGA)
    with pytest.raises(InvalidAddress):
        destination_of(country="ID", region="32")


def test_an_address_is_checked_in_two_queries() -> None:
    with CaptureQueriesContext(connection) as said:
        checked(make_address(region=BRAGA))
    assert len(said) == 2


def test_every_country_of_the_data_has_rules() -> None:
    for country in ("ID", "SG", "AE", "CN", "BR", "DE", "KR"):
        rules = rules_of(country)
        assert rules.country == country
        assert set(rules.required) - {"street"} <= set(rules.fields)
    with pytest.raises(UnknownCountry):
        rules_of("ZZ")
    with pytest.raises(UnknownCountry):
        rules_of("../etc/passwd")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("０８１２３４５６７８９０", "+6281234567890"),
        ("＋６２ 812 3456 7890", "+6281234567890"),
        ("+62 (0)812-3456-7890", "+6281234567890"),
        ("0812.3456.7890", "+6281234567890"),
        ("WA 0812–3456–7890", "+6281234567890"),
        ("022-4201234", "+62224201234"),
        ("(021) 555-1234 ext. 3", "+62215551234"),
        ("6221 5551234", "+62215551234"),
        ("+65 9123 4567", "+6591234567"),
        ("0065 9123 4567", "+6591234567"),
        ("+1 415 555 2671", "+14155552671"),
    ],
)
def test_a_number_is_understood_however_it_is_written(typed: str, number: str) -> None:
    assert normalise_phone(typed) == number


@pytest.mark.parametrize("typed", ["112", "+", "00", "+62", "081234567890/081298765432", "\u0000"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise_phone(typed)
