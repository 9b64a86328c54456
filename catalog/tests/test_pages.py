"""Catalogue pages are the same for everybody, and say what can be bought."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.caching import CACHE_CONTROL
from catalog.models import Product, Variant
from catalog.tests.builders import make_category, make_image, make_product, make_variant

pytestmark = pytest.mark.django_db


def make_shirt() -> tuple[Product, Variant]:
    """In two colours and two sizes; all of navy is gone."""
    product = make_product("Kemeja Ubud")
    for colour in ("terakota", "navy"):
        for size in ("M", "L"):
            variant = make_variant(
                product=product,
                colour=colour,
                size=size,
                price=259_000,
                on_hand=0 if colour == "navy" else 3,
            )
    return product, variant


def queries_of(client: Client, path: str) -> int:
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "path", ["/", "/c/wanita/", "/p/kemeja-ubud/", "/en/p/kemeja-ubud-en/", "/privacy/"]
)
def test_a_catalogue_page_carries_nothing_of_the_visitor(client: Client, path: str) -> None:
    make_shirt()
    client.cookies["cart"] = "7a0c6ed9-5e4b-4a0a-9a0e-2b6f1f3a5c11"

    answer = client.get(path)

    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert "csrfmiddlewaretoken" not in answer.text
    assert "public" in answer["Cache-Control"]
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["Cache-Control"] == CACHE_CONTROL


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    make_shirt()
    etag = client.get("/p/kemeja-ubud/")["ETag"]

    assert client.get("/p/kemeja-ubud/", headers={"If-None-Match": etag}).status_code == 304


def test_a_page_has_no_inline_script_or_style(client: Client) -> None:
    make_shirt()

    page = client.get("/p/kemeja-ubud/").text

    scripts = re.findall(r"<script([^>]*)>", page)
    assert all("src=" in tag or "json" in tag for tag in scripts)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_more_products_need_no_more_queries(client: Client) -> None:
    def add_product() -> None:
        product = make_product()
        make_image(product, colour="terakota")
        for size in ("M", "L"):
            make_variant(product=product, size=size)

    add_product()
    first = {path: queries_of(client, path) for path in ("/", "/c/wanita/")}
    for _ in range(19):
        add_product()

    assert {path: queries_of(client, path) for path in first} == first


def test_more_variants_and_pictures_need_no_more_queries(client: Client) -> None:
    product, _variant = make_shirt()
    first = queries_of(client, "/p/kemeja-ubud/")
    for size in ("S", "XL", "XXL"):
        make_variant(product=product, size=size)
    make_image(product, name="lain")

    assert queries_of(client, "/p/kemeja-ubud/") == first


def test_the_address_of_a_variant_chooses_it(client: Client) -> None:
    product, _variant = make_shirt()
    wanted = product.variants.first()
    assert wanted is not None

    page = client.get("/en/p/kemeja-ubud-en/", {"variant": str(wanted.public_id)}).text

    assert 'id="colour-terakota" value="terakota" data-name="Terracotta" checked' in page
    assert 'id="size-m" value="m" data-name="M" checked' in page
    assert "Only 3 left in Terracotta, M" in page


def test_what_is_gone_is_struck_through_and_said(client: Client) -> None:
    make_shirt()

    page = client.get("/p/kemeja-ubud/").text

    navy = page[page.index('id="colour-navy"') :]
    assert "(habis)" in navy[: navy.index("</label>")]
    assert "data-sold-out hidden" not in navy[: navy.index("</label>")]
    terracotta = page[page.index('id="colour-terakota"') : page.index('id="colour-navy"')]
    assert "data-sold-out hidden" in terracotta


def test_a_missing_size_is_asked_for_beside_the_sizes(client: Client) -> None:
    make_shirt()

    page = client.get("/p/kemeja-ubud/", {"colour": "terakota", "missing": "size"}).text

    assert "<title>Kesalahan: Kemeja Ubud" in page
    sizes = page[page.index('id="option-size"') :]
    assert "Pilih ukuran dulu" in sizes[: sizes.index("</fieldset>")]
    assert "autofocus" in sizes[: sizes.index("</fieldset>")]
    assert 'value="terakota" data-name="Terakota" checked' in page


def test_the_page_links_to_itself_in_the_other_language(client: Client) -> None:
    make_shirt()
    make_category("Pria", name_en="Men")

    product = client.get("/p/kemeja-ubud/").text
    category = client.get("/en/c/men/").text

    assert 'hreflang="en" href="http://testserver/en/p/kemeja-ubud-en/"' in product
    assert 'hreflang="id" href="http://testserver/c/pria/"' in category


def test_structured_data_states_price_and_stock_and_no_rating(client: Client) -> None:
    make_shirt()

    page = client.get("/p/kemeja-ubud/").text

    text = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert text
    data = json.loads(text[1])
    offers = [variant["offers"] for variant in data["hasVariant"]]
    assert offers[0]["price"] == "259000"
    assert offers[0]["availability"].endswith("InStock")
    assert offers[3]["availability"].endswith("OutOfStock")
    assert "aggregateRating" not in data


def test_a_text_cannot_break_out_of_the_structured_data(client: Client) -> None:
    product, _variant = make_shirt()
    product.translations.update(description="</script><script>alert(1)</script>")

    assert "<script>alert" not in client.get("/p/kemeja-ubud/").text


@pytest.mark.parametrize("page", ["0", "-1", "zwei", "999999999999", "²"])
def test_a_page_number_that_makes_no_sense_gives_a_page(client: Client, page: str) -> None:
    make_shirt()

    assert client.get("/c/wanita/", {"page": page}).status_code == 200


@pytest.mark.parametrize("path", ["/c/tidak-ada/", "/p/tidak-ada/", "/nothing/"])
def test_an_unknown_page_says_so_without_a_cookie(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "Halaman itu tidak ditemukan" in answer.text
    assert not answer.cookies
