"""What programs read: sitemap, robots, product feed."""

from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Product
from catalog.sitemaps import PART
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_product,
    make_variant,
)

pytestmark = pytest.mark.django_db
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
LINK = "{http://www.w3.org/1999/xhtml}link"
G = "{http://base.google.com/ns/1.0}"


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://rona.example"
    settings.ALLOWED_HOSTS = ["testserver", "rona.example"]


def read(client: Client, path: str) -> ET.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    return ET.fromstring(answer.getvalue())  # noqa: S314 - our own


def part() -> int:
    """Of the file that the newest product is in."""
    newest = Product.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return newest // PART


def path_of(address: str | None) -> str:
    return (address or "").removeprefix("https://rona.example")


def test_the_sitemap_leads_to_every_page_in_each_language(client: Client) -> None:
    make_variant(product=make_product("Kemeja Batik", category=make_category("Wanita")))
    make_variant(product=make_product("Draf", is_published=False))
    follow_up()

    files = [path_of(loc.text) for loc in read(client, "/sitemap.xml").iter(LOC)]
    found = {path_of(loc.text) for file in files for loc in read(client, file).iter(LOC)}

    assert found == {
        "/",
        "/en/",
        "/c/wanita/",
        "/en/c/wanita-en/",
        "/p/kemeja-batik/",
        "/en/p/kemeja-batik-en/",
    }
    assert all(client.get(path).status_code == 200 for path in found)


def test_pages_name_their_other_languages(client: Client) -> None:
    make_variant(product=make_product("Rok", languages=["id", "en"]))
    follow_up()

    urls = list(read(client, f"/sitemap-products-{part()}.xml"))

    for url in urls:
        links = {link.get("hreflang"): path_of(link.get("href")) for link in url.iter(LINK)}
        assert links == {"id": "/p/rok/", "en": "/en/p/rok-en/"}
    assert len(urls) == 2


def test_a_file_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/sitemap-products-999999.xml").status_code == 404
    assert client.get("/feeds/google-de-0.xml").status_code == 404


def test_robots_are_kept_from_what_is_nobody_elses(client: Client) -> None:
    lines = client.get("/robots.txt").text.splitlines()

    assert {"Disallow: /cart/", "Disallow: /en/checkout/", "Disallow: /admin/"} <= set(lines)
    assert "Sitemap: https://rona.example/sitemap.xml" in lines


def test_the_feed_has_an_item_for_each_variant(client: Client) -> None:
    product = make_product("Kemeja & Batik")
    make_image(product, name="batik")
    variant = make_variant(
        product=product, price=149_000, compare_at=200_000, size="M", colour="navy", on_hand=2
    )
    variant.barcode = "2000000000015"
    variant.save(update_fields=["barcode"])
    make_variant(product=product, price=159_000, size="L", colour="navy", on_hand=0)
    follow_up()

    items = [
        {field.tag.removeprefix(G): field.text for field in item}
        for item in read(client, f"/feeds/google-en-{part()}.xml").iter("item")
    ]

    assert items[0] == {
        "id": str(variant.public_id),
        "item_group_id": str(product.pk),
        "title": "Kemeja & Batik (en), Navy blue, M",
        "description": "Kemeja & Batik (en)",
        "link": f"https://rona.example/en/p/kemeja-batik-en/?variant={variant.public_id}",
        "image_link": "https://rona.example/media/products/batik-900.webp",
        "availability": "in_stock",
        "price": "200000 IDR",
        "sale_price": "149000 IDR",
        "brand": "RONA",
        "gtin": "2000000000015",
        "condition": "new",
        "size": "M",
        "color": "Navy blue",
        "shipping_weight": "300 g",
    }
    assert (items[1]["availability"], items[1]["price"], items[1]["identifier_exists"]) == (
        "out_of_stock",
        "159000 IDR",
        "no",
    )


def test_more_products_need_no_more_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_variant()
    follow_up()
    number = part()
    with django_assert_num_queries(8):
        read(client, f"/feeds/google-id-{number}.xml")
    for _ in range(5):
        make_variant()
    follow_up()
    number = part()
    with django_assert_num_queries(8):
        read(client, f"/feeds/google-id-{number}.xml")
    with django_assert_num_queries(2):
        read(client, f"/sitemap-products-{number}.xml")
    assert Product.objects.count() == 6
