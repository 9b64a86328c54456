"""The list of products that staff see: found, filtered, never counted to the end."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import (
    Product,
    ProductTranslation,
    Variant,
)
from catalog.tests.builders import (
    make_category,
    make_image,
    make_product,
    make_seller,
    make_variant,
)
from catalog.tests.editing.pages import (
    make_matrix,
    page_of,
)

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/product/add/"
LIST = "/admin/catalog/product/"


def make_many(count: int) -> None:
    """Products as a list shows them, made at one stroke."""
    category, seller = make_category(), make_seller()
    products = Product.objects.bulk_create(
        Product(category=category, seller=seller) for _number in range(count)
    )
    ProductTranslation.objects.bulk_create(
        ProductTranslation(product=each, language="id", name=f"Kaos {each.pk}", slug=str(each.pk))
        for each in products
    )
    Variant.objects.bulk_create(Variant(product=each, sku=f"K-1-{each.pk}") for each in products)


@pytest.mark.parametrize("query", ["", "?q=kaos", "?q=K-1", "?is_published__exact=0"])
def test_the_list_costs_the_same_for_one_product_and_for_a_hundred(
    staff: Client, query: str
) -> None:
    def queries() -> list[dict[str, str]]:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(LIST + query).status_code == 200
        return captured.captured_queries

    make_many(1)
    staff.get(LIST)
    one = queries()
    make_many(99)
    hundred = queries()
    assert len(hundred) == len(one) <= 13
    counts = [row["sql"] for row in hundred if "COUNT(*)" in row["sql"]]
    assert counts
    assert all("LIMIT 1001" in sql for sql in counts)


def test_a_long_list_says_that_there_is_more(staff: Client) -> None:
    make_many(1002)
    text = staff.get(LIST).text
    assert "1,000+ products" in text


@pytest.mark.parametrize("sought", ["polos katun", "KP-1", "kp-1"])
def test_a_product_is_found_by_the_words_of_its_name_and_by_sku(staff: Client, sought: str) -> None:
    make_variant(product=make_product("Kaos Katun Polos"), sku="KP-1")
    make_variant(product=make_product("Rok Polos"), sku="RP-1")
    text = staff.get(LIST, {"q": sought}).text
    assert "Kaos Katun Polos" in text
    assert "Rok Polos" not in text


def test_a_category_shows_what_lies_below_it_too(staff: Client) -> None:
    women = make_category("Wanita")
    make_product("Kaos", category=make_category("Atasan", parent=women))
    make_product("Rok", category=make_category("Pria"))
    text = staff.get(LIST, {"category": women.pk}).text
    assert "Kaos" in text
    assert ">Rok" not in text


def test_a_row_says_category_price_stock_and_state(staff: Client) -> None:
    product = make_product("Kaos Polos", category=make_category("Atasan"))
    make_image(product, name="kaos")
    make_variant(product=product, price=149_000, on_hand=4)
    make_variant(product=product, price=129_000, on_hand=3, size="L")
    text = re.sub(r"<[^>]+>", " ", staff.get(LIST).text)
    row = " ".join(text[text.index("Kaos Polos (en)") :].split())
    assert row.startswith("Kaos Polos (en) Atasan (en) Rp129.000 7 available ● published")


def test_pages_of_a_product_cost_the_same_for_many_variants(staff: Client) -> None:
    def queries(product: Product) -> dict[str, int]:
        costs = {}
        for page in ("change", "planned"):
            with CaptureQueriesContext(connection) as captured:
                assert staff.get(page_of(product, page)).status_code == 200
            costs[page] = len(captured)
        return costs

    few, _few = make_matrix(sizes=["S"])
    many, _many = make_matrix(colours=["navy", "gading"], sizes=["S", "M", "L"])
    queries(few)
    assert queries(few) == queries(many)
