"""Staff say how large a packed piece is, on the page of its variant."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Variant
from catalog.tests.builders import make_variant
from catalog.tests.editing.pages import make_staff, signed_in

pytestmark = pytest.mark.django_db


def save(variant: Variant, user: Any = None, **sides: Any) -> int:
    client = signed_in(user)
    url = reverse("admin:catalog_variant_measures", args=[variant.pk])
    answer = client.post(url, sides)
    variant.refresh_from_db()
    return answer.status_code


def test_measures_are_saved_and_shown() -> None:
    variant = make_variant()
    staff = make_staff("catalog.change_product")
    assert save(variant, staff, length_mm="300", width_mm="200", height_mm="15") == 302
    assert variant.volume_mm3 == 900_000
    page = signed_in(staff).get(reverse("admin:catalog_variant_change", args=[variant.pk])).text
    assert 'name="length_mm" value="300"' in page


def test_what_is_not_known_any_more_is_emptied() -> None:
    variant = make_variant()
    staff = make_staff("catalog.change_product")
    save(variant, staff, length_mm="300", width_mm="200", height_mm="15")
    save(variant, staff, length_mm="300", width_mm="", height_mm="15")
    assert (variant.length_mm, variant.width_mm, variant.volume_mm3) == (300, None, 0)


@pytest.mark.parametrize("length", ["0", "-1", "10001", "2.5", "x"])
def test_nonsense_changes_nothing(length: str) -> None:
    variant = make_variant()
    assert save(variant, length_mm=length, width_mm="200", height_mm="15") == 302
    assert (variant.length_mm, variant.width_mm) == (None, None)


def test_who_may_not_change_products_may_not_measure() -> None:
    variant = make_variant()
    viewer = make_staff("catalog.view_variant", "catalog.view_product")
    assert save(variant, viewer, length_mm="300") == 403
    assert variant.length_mm is None
