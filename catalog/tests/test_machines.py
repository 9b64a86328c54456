"""What programs read: sitemap, robots, product feed."""

import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.caching import CACHE_CONTROL
from catalog.feed_copies import FRESH_SECONDS
from catalog.models import Product
from catalog.sitemaps import PART
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_product,
    make_variant,
)
from shop.core.cache import cache_server

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
    assert answer.headers["Cache-Control"] == (
        CACHE_CONTROL if path.startswith("/feeds/") else "public, max-age=3600"
    )
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


def test_a_variant_is_shown_in_its_own_colour(client: Client) -> None:
    product = make_product("Kemeja")
    make_image(product, name="semua", position=0)
    make_image(product, colour="terakota", name="bata", position=1)
    make_image(product, colour="navy", name="navy", position=2)
    for colour in ("terakota", "navy", "gading"):
        make_variant(product=product, colour=colour)
    follow_up()

    items = read(client, f"/feeds/google-en-{part()}.xml").iter("item")

    links = [item.findtext(f"{G}image_link", "").rpartition("/")[2] for item in items]
    assert links == ["bata-900.webp", "navy-900.webp", "semua-900.webp"]


def pieces_of(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200
    return b"".join(answer)


def test_the_feed_is_made_once_for_all_whatever_the_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_variant()
    follow_up()
    path = f"/feeds/google-id-{part()}.xml"
    first = pieces_of(client, path)

    # Which parts there are.
    with django_assert_num_queries(1):
        assert pieces_of(client, f"{path}?a=1") == first


def test_what_is_sold_out_is_so_in_the_feed_after_three_minutes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = make_variant(on_hand=1)
    follow_up()
    path = f"/feeds/google-id-{part()}.xml"
    assert b">in_stock<" in pieces_of(client, path)
    variant.stock_items.update(on_hand=0)

    assert b">in_stock<" in pieces_of(client, path)
    now = time.time()
    monkeypatch.setattr("catalog.feed_copies.time.time", lambda: now + FRESH_SECONDS + 1)

    assert b">out_of_stock<" in pieces_of(client, path)


def test_one_makes_the_feed_anew_and_all_others_get_the_one_before(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_variant()
    follow_up()
    path = f"/feeds/google-id-{part()}.xml"
    slow: Any = client.get(path)
    assert next(iter(slow))
    busy = client.get(path)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "30")
    # Who leaves before the end has made no copy, and does not keep others from it.
    slow._iterator.close()

    first = pieces_of(client, path)
    now = time.time()
    monkeypatch.setattr("catalog.feed_copies.time.time", lambda: now + FRESH_SECONDS + 1)
    again = client.get(path)
    assert next(iter(again))

    assert pieces_of(client, path) == first


def test_a_copy_that_lost_a_piece_is_not_taken_for_the_whole(client: Client) -> None:
    make_variant()
    follow_up()
    path = f"/feeds/google-id-{part()}.xml"
    pieces_of(client, path)
    server = cache_server()
    pieces: list[bytes] = server.run(lambda valkey: list(valkey.scan_iter("feed-piece:*")), [])
    server.run(lambda valkey: valkey.delete(*pieces), 0)

    with pytest.raises(ConnectionAbortedError):
        pieces_of(client, path)


def test_without_valkey_the_feed_is_made_for_each(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_variant()
    follow_up()
    monkeypatch.setattr(type(cache_server()), "_away_until", float("inf"))
    path = f"/feeds/google-id-{part()}.xml"

    assert pieces_of(client, path) == pieces_of(client, path)


def test_more_products_need_no_more_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_variant()
    follow_up()
    number = part()
    with django_assert_num_queries(10):
        read(client, f"/feeds/google-id-{number}.xml")
    for _ in range(5):
        make_variant()
    follow_up()
    number = part()
    cache.clear()
    with django_assert_num_queries(10):
        read(client, f"/feeds/google-id-{number}.xml")
    with django_assert_num_queries(2):
        read(client, f"/sitemap-products-{number}.xml")
    assert Product.objects.count() == 6
