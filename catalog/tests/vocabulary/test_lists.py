"""What staff only reads, where goods lie, and what lists cost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from catalog.models import (
    Attribute,
    CategoryRedirect,
    ProductRedirect,
    Synonym,
)
from catalog.tests.builders import (
    make_category,
    make_location,
    make_product,
    make_seller,
    make_variant,
)
from catalog.tests.editing.pages import signed_in
from catalog.tests.vocabulary.pages import (
    adding,
    alert,
    list_of,
    make_attribute_value,
    make_guide,
    make_miss,
    page_of,
)

pytestmark = pytest.mark.django_db


def test_old_addresses_are_found_by_their_beginning_and_name_their_product() -> None:
    product = make_product("Kemeja Linen")
    ProductRedirect.objects.create(product=product, language="id", slug="kemeja-lama")
    ProductRedirect.objects.create(product=make_product("Rok"), language="id", slug="rok-lama")
    CategoryRedirect.objects.create(category=make_category(), language="id", slug="cewek")
    client = signed_in()

    page = client.get(list_of("productredirect"), {"q": "kemeja"}).text
    assert ("Kemeja Linen" in page, "rok-lama" in page) == (True, False)
    assert "Wanita (en)" in client.get(list_of("categoryredirect")).text
    assert client.get(adding("productredirect")).status_code == 403


def test_waiting_customers_are_counted_for_each_variant_and_never_named() -> None:
    few, many = make_variant(size="S"), make_variant(size="M")
    first = alert(few, "siti@example.com")
    for number in range(3):
        alert(many, f"ani-{number}@example.com")
    told = alert(few, "told@example.com")
    told.notified_at = told.created_at
    told.save()
    client = signed_in()

    page = client.get(list_of("stockalert"))

    found = [(row.variant_id, row.waiting) for row in page.context["cl"].result_list]
    assert found == [(many.pk, 3), (few.pk, 1)]
    assert "@example.com" not in page.text.replace("staff@example.com", "").replace(
        str(page.wsgi_request.user), ""
    )
    assert client.get(page_of(first)).status_code == 403


def make_many(start: int, end: int) -> None:
    for number in range(start, end):
        product = make_product()
        make_attribute_value(f"nilai-{number}")
        Attribute.objects.create(code=f"a-{number}")
        make_guide(f"Panduan {number}")
        Synonym.objects.create(words=f"a{number}, b{number}")
        make_miss(f"cari {number}")
        ProductRedirect.objects.create(product=product, language="id", slug=f"lama-{number}")
        CategoryRedirect.objects.create(
            category=make_category(f"K {number}"), language="id", slug=f"k-lama-{number}"
        )
        alert(make_variant(product=product), "siti@example.com")
        make_location(seller=make_seller(f"Toko {number}"))


LISTS = [
    "attribute",
    "attributevalue",
    "sizeguide",
    "synonym",
    "searchmiss",
    "productredirect",
    "categoryredirect",
    "stockalert",
    "location",
]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_queries_for_six_rows_as_for_one(
    name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in()
    make_many(0, 1)
    with CaptureQueriesContext(connection) as for_one:
        assert client.get(list_of(name)).status_code == 200
    make_many(1, 6)

    with django_assert_num_queries(len(for_one)):
        assert client.get(list_of(name)).status_code == 200
    assert len(for_one) <= 10


@pytest.mark.parametrize(
    "make",
    [make_attribute_value, make_guide, make_seller, make_location],
)
def test_pages_of_staff_hold_no_inline_script_or_style(make: Callable[[], Any]) -> None:
    row = make()

    page = signed_in().get(page_of(row)).text

    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
