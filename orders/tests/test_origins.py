"""Where parcels start: staff keeps the address, with the province by its name."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.builders import make_owner
from catalog.models import Location
from catalog.tests.builders import make_location, make_seller

ADD = reverse("admin:catalog_location_add")
pytestmark = pytest.mark.django_db


def signed_in() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_owner())
    return client


def test_a_location_has_the_whole_address_with_the_province_by_its_name() -> None:
    seller, client = make_seller(), signed_in()
    assert "Jawa Tengah" in client.get(ADD).text

    answer = client.post(
        ADD,
        {
            "seller": seller.pk,
            "name": "Gudang",
            "street": "Jl. Hayam Wuruk 24",
            "city": "Kota Pekalongan",
            "province": "33",
            "postal_code": "51119",
            "country": "ID",
        },
    )

    assert answer.status_code == 302, answer.context["errors"]
    place = Location.objects.get()
    assert (place.street, place.province, place.postal_code) == (
        "Jl. Hayam Wuruk 24",
        "33",
        "51119",
    )


def test_a_province_that_no_list_knows_stays_as_it_is() -> None:
    place = make_location()
    place.province = "NSW"
    place.save()

    page = signed_in().get(reverse("admin:catalog_location_change", args=[place.pk]))

    assert '<option value="NSW" selected>' in page.text
