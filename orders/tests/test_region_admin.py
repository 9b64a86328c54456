"""Regions in the admin: looked up among ninety thousand, never edited."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    user = User.objects.create_superuser("staff@example.com", "a long enough password")
    client.force_login(user)
    return client


@pytest.mark.parametrize("typed", ["coblong", "Coblong, Kota Bandung", "32.73.02"])
def test_staff_finds_a_region_by_its_words_or_its_code(staff: Client, typed: str) -> None:
    page = staff.get(reverse("admin:orders_region_changelist"), {"q": typed})
    assert "32.73.02" in page.text


def test_a_zone_is_drawn_of_places_of_every_size(staff: Client) -> None:
    where = {"app_label": "orders", "model_name": "shippingzone", "field_name": "regions"}
    answer = staff.get(reverse("admin:autocomplete"), where | {"term": "denpasar sel"})
    found = {one["id"]: one["text"] for one in answer.json()["results"]}
    assert found["51.71.01"].startswith("Denpasar Selatan")
