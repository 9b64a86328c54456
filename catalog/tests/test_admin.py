"""The catalogue as staff sees and edits it."""

from collections.abc import Mapping

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Category, Product, Variant
from catalog.tests.builders import (
    make_category,
    make_image,
    make_product,
    make_variant,
)

pytestmark = pytest.mark.django_db

LISTS = ["product", "variant", "stockitem", "category", "option", "optionvalue", "seller"]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("staff@example.com"))
    return client


def page_of(name: str) -> str:
    return reverse(f"admin:catalog_{name}_changelist")


def change_page(row: Product | Category | Variant) -> str:
    return reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk])


def make_many(start: int, end: int) -> None:
    for number in range(start, end):
        product = make_product(category=make_category(f"Kategori {number}"))
        make_image(product, colour="terakota")
        make_variant(product=product, size=f"ukuran-{number}")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_queries_for_six_rows_as_for_one(
    staff: Client,
    name: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_many(0, 1)
    with django_assert_max_num_queries(12) as for_one:
        assert staff.get(page_of(name)).status_code == 200
    make_many(1, 6)

    with django_assert_num_queries(len(for_one)):
        assert staff.get(page_of(name)).status_code == 200


def test_a_category_cannot_lie_below_itself(staff: Client) -> None:
    women = make_category("Wanita")
    tops = make_category("Atasan", parent=women)
    text = women.translations.get(language="id")

    answer = staff.post(
        change_page(women),
        {
            "parent": tops.pk,
            "position": 0,
            **_rows(
                "translations",
                {"id": text.pk, "category": women.pk, **_text("id", "Wanita")},
                initial=1,
            ),
        },
    )

    assert answer.status_code == 200
    women.refresh_from_db()
    assert women.parent is None


def _text(language: str, name: str) -> dict[str, object]:
    return {"language": language, "name": name, "slug": name.lower()}


def _rows(prefix: str, *rows: Mapping[str, object], initial: int = 0) -> dict[str, object]:
    """What a browser sends for the rows of an inline."""
    data: dict[str, object] = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data
