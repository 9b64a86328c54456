"""The address of the checkout: found by a few letters or down the lists, and nothing is lost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.tests.builders import make_variant
from orders.models import Order, Region, ShippingRate, ShippingZone
from orders.tests.builders import make_cart, make_rate

pytestmark = pytest.mark.django_db

TYPED = {"street": "Jl. <Melati> 5", "recipient_name": "Ayu", "notes": "pagar hijau"}
BRAGA, COBLONG = "32.73.19.1001", "32.73.02"
LISTS = {
    "region_province": "32",
    "region_regency": "32.73",
    "region_district": "32.73.02",
    "region_village": "",
}


@pytest.fixture
def shopper(client: Client) -> Client:
    make_rate()
    client.cookies["cart"] = str(make_cart({make_variant(): 1}).token)
    return client


def show(shopper: Client, **given: str) -> str:
    answer = shopper.post("/en/checkout/", TYPED | {"show": "1"} | given)
    assert answer.status_code == 200
    # All that was typed is still there, and no error is held against a half-filled form.
    for value in ("Jl. &lt;Melati&gt; 5", "Ayu", "pagar hijau"):
        assert f'value="{value}"' in answer.text
    assert 'class="summary-errors"' not in answer.text
    return answer.text


def chosen(page: str) -> str:
    """The code of the region that the page would send."""
    hidden = re.search(r'<input type="hidden" name="region" value="([^"]*)"', page)
    checked = re.search(r'<input type="radio" name="region" value="([^"]+)" checked', page)
    assert not (hidden and checked)
    return hidden[1] if hidden else checked[1] if checked else ""


def offered(page: str) -> list[str]:
    return re.findall(r'<input type="radio" name="region" value="([^"]+)"', page)


def options(page: str, name: str) -> list[str]:
    found = re.search(rf'<select[^>]* name="{name}".*?</select>', page, re.DOTALL)
    assert found
    return re.findall(r'<option value="([^"]+)"', found[0])


def value_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page)
    return found[1] if found else ""


def test_without_script_a_word_finds_places_to_choose_from(shopper: Client) -> None:
    page = show(shopper, region_text="braga", find="1")
    assert offered(page)[0] == BRAGA
    assert "Sumur Bandung, Kota Bandung, Jawa Barat" in page
    assert chosen(page) == ""
    assert "JNE REG" not in page

    page = show(shopper, region_text="braga", region_text_seen="braga", region=BRAGA)
    assert (chosen(page), offered(page)) == (BRAGA, [])
    assert value_of(page, "region_text") == "Braga, Sumur Bandung, Kota Bandung, Jawa Barat"
    assert "JNE REG" in page


def test_another_word_asks_again_and_keeps_no_region_that_it_does_not_mean(
    shopper: Client,
) -> None:
    path = "Braga, Sumur Bandung, Kota Bandung, Jawa Barat"
    page = show(shopper, region_text="coblong", region_text_seen=path, region=BRAGA)
    assert chosen(page) == ""
    assert offered(page)[0] == COBLONG
    assert value_of(page, "region_text") == "coblong"


def test_a_pasted_path_is_understood(shopper: Client) -> None:
    page = show(shopper, region_text="sumur bandung, kota bandung, jawa barat")
    assert chosen(page) == "32.73.19"


def test_what_the_type_ahead_picked_needs_no_server_to_be_sent(shopper: Client) -> None:
    """As the browser sends it where the couriers could not be asked for in between."""
    page = show(shopper, region=COBLONG, region_text="Coblong, Kota Bandung, Jawa Barat")
    assert chosen(page) == COBLONG


def test_a_word_that_names_no_place_is_said_so(shopper: Client) -> None:
    page = show(shopper, region_text="xqztwv", find="1")
    assert "We found no kecamatan or kelurahan of that name" in page
    assert offered(page) == []


def test_the_lists_go_down_one_by_one(shopper: Client) -> None:
    page = show(shopper)
    assert len(options(page, "region_province")) == 38
    assert options(page, "region_regency") == []

    page = show(shopper, region_province="32")
    assert "32.73" in options(page, "region_regency")
    assert options(page, "region_district") == []
    assert chosen(page) == ""

    page = show(shopper, region_province="32", region_regency="32.73", region_list_seen="32")
    assert COBLONG in options(page, "region_district")

    page = show(shopper, **LISTS, region_list_seen="32.73")
    assert chosen(page) == COBLONG
    assert value_of(page, "region_text") == "Coblong, Kota Bandung, Jawa Barat"
    assert "32.73.02.1004" in options(page, "region_village")
    assert "JNE REG" in page


def test_the_village_may_be_added_and_taken_back(shopper: Client) -> None:
    path = "Coblong, Kota Bandung, Jawa Barat"
    now: dict[str, str] = LISTS | {"region": COBLONG, "region_text": path, "region_text_seen": path}
    page = show(shopper, **now | {"region_village": "32.73.02.1004"}, region_list_seen=COBLONG)
    assert chosen(page) == "32.73.02.1004"
    page = show(shopper, **now, region_list_seen="32.73.02.1004")
    assert chosen(page) == COBLONG


def test_another_province_empties_what_lies_in_the_old_one(shopper: Client) -> None:
    page = show(shopper, **LISTS | {"region_province": "33"}, region_list_seen=COBLONG)
    assert chosen(page) == ""
    assert "33.74" in options(page, "region_regency")
    assert options(page, "region_district") == []


def test_an_order_with_a_word_but_no_place_shows_the_places(shopper: Client) -> None:
    answer = shopper.post("/en/checkout/", TYPED | {"region_text": "braga"})
    assert answer.status_code == 422
    assert '<a href="#id_region_text">Choose the kecamatan or kelurahan' in answer.text
    assert offered(answer.text)[0] == BRAGA
    assert 'value="Jl. &lt;Melati&gt; 5"' in answer.text
    assert not Order.objects.exists()


def test_suggestions_come_as_options_and_are_kept_by_nobody(shopper: Client) -> None:
    answer = shopper.get("/en/checkout/regions/", {"q": "braga"})
    assert f'data-code="{BRAGA}"' in answer.text
    assert "<html" not in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert 'role="option"' not in shopper.get("/en/checkout/regions/", {"q": "x"}).text


@pytest.mark.parametrize("name", ["region", "region_province", "form_token"])
def test_what_no_database_can_hold_names_no_place_and_no_form(shopper: Client, name: str) -> None:
    found = shopper.get("/en/checkout/regions/", {"q": "braga", name: "\x00"})
    assert f'data-code="{BRAGA}"' in found.text
    assert chosen(shopper.post("/en/checkout/region/", {name: "\x00"}).text) == ""
    assert shopper.post("/en/checkout/", TYPED | {name: "\x00"}).status_code == 422


def test_a_choice_brings_the_couriers_with_it(shopper: Client) -> None:
    answer = shopper.post("/en/checkout/region/", {"region": COBLONG})
    assert chosen(answer.text) == COBLONG
    assert "JNE REG" in answer.text
    assert answer.text.count('hx-swap-oob="outerHTML"') == 2
    assert "no-store" in answer["Cache-Control"]


def test_what_was_offered_stays_while_the_focus_is_on_it(shopper: Client) -> None:
    given = {"region_text": "braga", "region_text_seen": "braga", "region": BRAGA}
    page = shopper.post("/en/checkout/region/", given).text
    assert chosen(page) == BRAGA
    assert len(offered(page)) > 1


def test_without_a_cart_the_page_is_asked_for_anew(client: Client) -> None:
    assert client.post("/checkout/region/", {"region": COBLONG})["HX-Refresh"] == "true"


def test_the_place_of_an_address_costs_few_queries(shopper: Client) -> None:
    with CaptureQueriesContext(connection) as said:
        shopper.post("/en/checkout/region/", {"region": BRAGA})
    about_regions = [one for one in said if 'FROM "orders_region"' in one["sql"]]
    assert len(about_regions) <= 10


def make_singapore(settings: Any) -> None:
    settings.SHIPPING_COUNTRIES = ["ID", "SG"]
    zone = ShippingZone.objects.create(name="Singapura", country="SG")
    ShippingRate.objects.create(
        zone=zone,
        courier="POS",
        service="EMS",
        name="Pos EMS",
        currency="IDR",
        first_kg_minor=90_000,
        next_kg_minor=90_000,
        eta_min_days=5,
        eta_max_days=9,
    )


def test_nothing_foreign_is_shown_where_the_shop_ships_at_home_only(shopper: Client) -> None:
    assert 'name="country"' not in shopper.get("/en/checkout/").text
    # Somebody who sends it all the same is shown the form of this country.
    assert 'name="region_text"' in show(shopper, country="SG")


def test_another_country_has_its_own_fields(shopper: Client, settings: Any) -> None:
    make_singapore(settings)
    page = show(shopper, country="SG")
    assert '<option value="SG" selected>Singapore' in page
    assert 'name="postal_code"' in page
    for name in ("region_text", "rt", "city", "province"):
        assert f'name="{name}"' not in page
    assert "Pos EMS" in page


def test_an_order_can_go_abroad(shopper: Client, settings: Any) -> None:
    make_singapore(settings)
    page = show(shopper, country="SG")
    total = value_of(page, "expected_total")
    assert total
    form = TYPED | {
        "country": "SG",
        "email": "ayu@example.com",
        "phone": "+65 9123 4567",
        "postal_code": "5460",
        "method": "bca_va",
        "form_token": value_of(page, "form_token"),
        "expected_total": total,
    }
    refused = shopper.post("/en/checkout/", form)
    assert refused.status_code == 422
    assert "That is no postal code there. One looks like this: 546080." in refused.text

    shopper.post("/en/checkout/", form | {"postal_code": "546080"})
    contact = Order.objects.get().contact
    assert (contact.country, contact.postal_code) == ("SG", "546080")
    assert contact.phone == "+6591234567"


def test_a_retired_region_is_offered_nowhere(shopper: Client) -> None:
    Region.objects.filter(code=BRAGA).update(is_active=False)
    assert BRAGA not in offered(show(shopper, region_text="braga", find="1"))
    assert chosen(show(shopper, region=BRAGA)) == ""
