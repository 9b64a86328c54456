"""What is sought in a list is cut off after the list's filters, and never in silence."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product, Variant
from catalog.tests.builders import make_product, make_variant

pytestmark = pytest.mark.django_db

PRODUCTS = "/admin/catalog/product/"
CUT = "only the first of them are listed"


@pytest.fixture(autouse=True)
def three_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.admin.finding.MOST_FOUND", 3)
    monkeypatch.setattr("catalog.bulk_changes.plans.MAX_VARIANTS", 2)


def shown(staff: Client, address: str, **query: str) -> list[int]:
    text = staff.get(address, query).text
    return [int(pk) for pk in re.findall(r'name="_selected_action" value="(\d+)"', text)]


def pks(*rows: Product | Variant) -> list[int]:
    return [row.pk for row in rows]


def test_the_newest_products_are_found_and_the_page_says_that_there_are_more(
    staff: Client,
) -> None:
    shirts = [make_product(f"Kaos {number}") for number in range(5)]
    assert shown(staff, PRODUCTS, q="kaos") == pks(*reversed(shirts[2:]))
    assert CUT in staff.get(PRODUCTS, {"q": "kaos"}).text


def test_nothing_is_said_where_all_are_listed(staff: Client) -> None:
    make_product("Kaos satu")
    make_product("Kaos dua")
    make_product("Rok")
    make_product("Celana")
    assert CUT not in staff.get(PRODUCTS, {"q": "kaos"}).text
    assert CUT not in staff.get(PRODUCTS).text


def test_what_the_filter_leaves_out_takes_nobodys_place(staff: Client) -> None:
    old = make_product("Kaos lama", is_published=False)
    for number in range(5):
        make_product(f"Kaos {number}")
    assert shown(staff, PRODUCTS, q="kaos", is_published__exact="0") == pks(old)


def test_so_it_is_for_skus(staff: Client) -> None:
    old = make_variant(product=make_product(is_published=False), sku="KP-0")
    for number in range(1, 6):
        make_variant(sku=f"KP-{number}")
    assert shown(staff, PRODUCTS, q="KP", is_published__exact="0") == pks(old.product)


def test_a_bulk_change_of_all_that_is_listed_refuses_what_is_cut_off(staff: Client) -> None:
    for number in range(5):
        make_product(f"Kaos {number}")
    answer = staff.get(reverse("admin:catalog_bulkchange_add"), {"q": "kaos"}, follow=True)
    assert answer.redirect_chain == [(PRODUCTS, 302)]
    assert "At most 2 variants can be changed at once" in answer.text


@pytest.mark.parametrize("sought", ["kaos", "KP"])
def test_variants_are_cut_off_after_their_filter(staff: Client, sought: str) -> None:
    product = make_product("Kaos")
    off = make_variant(product=product, sku="KP-0", is_active=False)
    for number in range(1, 6):
        make_variant(product=product, sku=f"KP-{number}", size=f"s{number}")
    address = reverse("admin:catalog_variant_changelist")
    found = staff.get(address, {"q": sought, "is_active__exact": "0"})
    assert f"/{off.pk}/change/" in found.text
    assert CUT not in found.text
    assert CUT in staff.get(address, {"q": sought}).text


@pytest.mark.parametrize("sought", ["kaos", "KP"])
def test_stock_is_cut_off_after_its_filter(staff: Client, sought: str) -> None:
    product = make_product("Kaos")
    few = make_variant(product=product, sku="KP-0", on_hand=1)
    for number in range(1, 6):
        make_variant(product=product, sku=f"KP-{number}", size=f"s{number}", on_hand=50)
    address = reverse("admin:catalog_stockitem_changelist")
    found = staff.get(address, {"q": sought, "show": "low"})
    assert f"/{few.pk}/change/" in found.text
    assert CUT not in found.text
    assert CUT in staff.get(address, {"q": sought}).text
