"""How a link looks where it is shared, and what search engines read of its page."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from catalog.models import CategoryTranslation, ProductImage
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_product,
    make_variant,
)
from catalog.tests.test_product_page import make_shirt

pytestmark = pytest.mark.django_db
SHOP = "http://testserver"


def data_of(page: str, kind: str) -> Any:
    texts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    [found] = [data for text in texts if (data := json.loads(text))["@type"] == kind]
    return found


def meta(page: str) -> dict[str, str]:
    return dict(
        re.findall(
            r'<meta (?:property|name)="((?:og|product|twitter):[^"]+)" content="([^"]*)">', page
        )
    )


def test_a_shared_link_shows_picture_price_and_languages(client: Client) -> None:
    product = make_product("Kemeja Ubud")
    make_variant(product=product, price=259_000, on_hand=0)
    make_variant(product=product, size="L", price=239_000, on_hand=2)
    make_image(product, colour="terakota")
    product.translations.filter(language="en").update(description="A shirt & more.")

    shared = meta(client.get("/en/p/kemeja-ubud-en/?size=l").text)

    assert shared == {
        "og:type": "product",
        "og:site_name": "RONA",
        "og:title": "Kemeja Ubud (en)",
        "og:description": "A shirt &amp; more.",
        "og:url": f"{SHOP}/en/p/kemeja-ubud-en/",
        "og:locale": "en_GB",
        "og:locale:alternate": "id_ID",
        "og:image": f"{SHOP}/media/products/foto-900.webp",
        "og:image:type": "image/webp",
        "og:image:width": "900",
        "og:image:height": "1200",
        "og:image:alt": "Kemeja Ubud (en), Terracotta",
        "product:price:amount": "239000",
        "product:price:currency": "IDR",
        "product:availability": "in stock",
        "twitter:card": "summary_large_image",
    }


def test_a_shared_picture_is_not_wider_than_a_chat_needs(client: Client) -> None:
    product = make_shirt("Kemeja")
    image = make_image(product)
    ProductImage.objects.filter(pk=image.pk).update(
        width=1440,
        height=1920,
        renditions=[
            {"format": "webp", "width": width, "path": f"products/x-{width}.webp"}
            for width in (360, 1080, 1440)
        ],
    )

    shared = meta(client.get("/p/kemeja/").text)

    assert shared["og:image"] == f"{SHOP}/media/products/x-1080.webp"
    assert (shared["og:image:width"], shared["og:image:height"]) == ("1080", "1440")


def test_a_product_that_is_gone_says_so_and_without_a_picture_the_card_is_small(
    client: Client,
) -> None:
    make_shirt("Kemeja", on_hand=0)

    shared = meta(client.get("/p/kemeja/").text)

    assert shared["product:availability"] == "out of stock"
    assert "og:image" not in shared
    assert shared["twitter:card"] == "summary"


def test_lists_and_the_home_page_can_be_shared_too(client: Client) -> None:
    make_image(make_shirt("Kemeja"))
    follow_up()

    listing, home = (meta(client.get(path).text) for path in ("/en/c/wanita-en/", "/en/"))

    assert (listing["og:type"], listing["og:title"]) == ("website", "Wanita (en)")
    assert listing["og:url"] == f"{SHOP}/en/c/wanita-en/"
    assert listing["og:image"] == f"{SHOP}/media/products/foto-900.webp"
    assert listing["og:description"].startswith("Wanita (en) at RONA:")
    assert (home["og:title"], home["og:url"]) == ("RONA", f"{SHOP}/en/")
    assert home["og:locale:alternate"] == "id_ID"


def test_machines_read_the_same_way_back_as_people(client: Client) -> None:
    top = make_category("Wanita")
    below = make_category("Kemeja Wanita", parent=top)
    make_shirt("Kemeja Ubud", category=below)

    product = data_of(client.get("/p/kemeja-ubud/").text, "BreadcrumbList")
    category = data_of(client.get("/en/c/kemeja-wanita-en/").text, "BreadcrumbList")

    def steps(data: Any) -> list[tuple[int, str, str]]:
        return [
            (one["position"], one["name"], one["item"].removeprefix(SHOP))
            for one in data["itemListElement"]
        ]

    assert steps(product) == [
        (1, "Beranda", "/"),
        (2, "Kemeja Wanita", "/c/kemeja-wanita/"),
        (3, "Kemeja Ubud", "/p/kemeja-ubud/"),
    ]
    assert steps(category) == [
        (1, "Home", "/en/"),
        (2, "Wanita (en)", "/en/c/wanita-en/"),
        (3, "Kemeja Wanita (en)", "/en/c/kemeja-wanita-en/"),
    ]


def links(page: str) -> dict[str, str]:
    """canonical and each hreflang → address."""
    found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    [canonical] = re.findall(r'<link rel="canonical" href="([^"]+)">', page)
    return found | {"canonical": canonical}


def test_every_language_of_a_page_is_linked_and_the_default_one_is_for_all_others(
    client: Client,
) -> None:
    make_shirt("Kemeja")
    both = {
        "id": f"{SHOP}/p/kemeja/",
        "en": f"{SHOP}/en/p/kemeja-en/",
        "x-default": f"{SHOP}/p/kemeja/",
    }

    assert links(client.get("/p/kemeja/?size=m&utm_source=x").text) == both | {
        "canonical": f"{SHOP}/p/kemeja/"
    }
    assert links(client.get("/en/p/kemeja-en/").text) == both | {
        "canonical": f"{SHOP}/en/p/kemeja-en/"
    }
    assert links(client.get("/en/").text) == {
        "id": f"{SHOP}/",
        "en": f"{SHOP}/en/",
        "x-default": f"{SHOP}/",
        "canonical": f"{SHOP}/en/",
    }
    assert links(client.get("/en/c/wanita-en/").text) == {
        "id": f"{SHOP}/c/wanita/",
        "en": f"{SHOP}/en/c/wanita-en/",
        "x-default": f"{SHOP}/c/wanita/",
        "canonical": f"{SHOP}/en/c/wanita-en/",
    }


def test_a_product_that_is_not_translated_is_one_page_for_search_engines(client: Client) -> None:
    make_variant(product=make_product("Kemeja", languages=["id"]))

    page = client.get("/en/p/kemeja/").text

    assert links(page) == {
        "id": f"{SHOP}/p/kemeja/",
        "x-default": f"{SHOP}/p/kemeja/",
        "canonical": f"{SHOP}/p/kemeja/",
    }
    assert meta(page)["og:url"] == f"{SHOP}/p/kemeja/"


def test_what_staff_wrote_for_search_engines_is_what_they_read(client: Client) -> None:
    product = make_shirt("Kemeja")
    product.translations.filter(language="en").update(
        seo_title="Linen shirt for women", seo_description="Cool and light.", model_size="168 cm"
    )

    page = client.get("/en/p/kemeja-en/").text

    assert "<title>Linen shirt for women | RONA</title>" in page
    assert '<meta name="description" content="Cool and light.">' in page
    assert "<h1>Kemeja (en)</h1>" in page
    assert "<dd>168 cm</dd>" in page


def test_machines_see_the_pictures_of_a_product(client: Client) -> None:
    product = make_shirt("Kemeja")
    make_image(product)

    data = data_of(client.get("/p/kemeja/").text, "Product")

    assert data["image"] == [f"{SHOP}/media/products/foto-900.webp"]


def test_search_engines_read_each_variant_of_a_product(client: Client) -> None:
    product = make_product("Kemeja Ubud")
    make_image(product, name="semua")
    make_image(product, colour="navy", name="navy", position=1)
    navy = make_variant(product=product, colour="navy", size="M", sku="KMJ-N-M", price=259_000)
    gone = make_variant(product=product, colour="gading", size="L", sku="", on_hand=0)

    data = data_of(client.get("/en/p/kemeja-ubud-en/").text, "ProductGroup")

    url = f"{SHOP}/en/p/kemeja-ubud-en/"
    assert data["productGroupID"] == str(product.pk)
    assert data["variesBy"] == ["https://schema.org/color", "https://schema.org/size"]
    assert "offers" not in data
    assert data["hasVariant"] == [
        {
            "@type": "Product",
            "name": "Kemeja Ubud (en), Navy blue, M",
            "image": [f"{SHOP}/media/products/navy-900.webp"],
            "color": "Navy blue",
            "size": "M",
            "sku": "KMJ-N-M",
            "offers": {
                "@type": "Offer",
                "url": f"{url}?variant={navy.public_id}",
                "price": "259000",
                "priceCurrency": "IDR",
                "availability": "https://schema.org/InStock",
            },
        },
        {
            "@type": "Product",
            "name": "Kemeja Ubud (en), Ivory, L",
            "image": [f"{SHOP}/media/products/semua-900.webp"],
            "color": "Ivory",
            "size": "L",
            "offers": {
                "@type": "Offer",
                "url": f"{url}?variant={gone.public_id}",
                "price": "149000",
                "priceCurrency": "IDR",
                "availability": "https://schema.org/OutOfStock",
            },
        },
    ]


@pytest.mark.parametrize("sku", ["", "TAS-1"])
def test_a_product_with_one_variant_is_a_product_with_its_offer(client: Client, sku: str) -> None:
    make_variant(product=make_product("Tas"), colour=None, size=None, sku=sku)

    data = data_of(client.get("/p/tas/").text, "Product")

    assert data["offers"]["price"] == "149000"
    assert data.get("sku", "") == sku
    assert "hasVariant" not in data
    assert ("sku" in data) == bool(sku)


def test_a_category_is_presented_as_staff_wrote_it_for_search_engines(client: Client) -> None:
    make_variant(product=make_product(category=make_category("Wanita", name_en="Women")))
    CategoryTranslation.objects.filter(language="en").update(
        seo_title="Women's shirts & skirts", seo_description="Linen from Bali."
    )
    follow_up()

    page = client.get("/en/c/women/").text

    title = "Women&#x27;s shirts &amp; skirts"
    assert f"<title>{title}" in page
    assert '<meta name="description" content="Linen from Bali.">' in page
    assert meta(page)["og:title"] == title
    assert meta(page)["og:description"] == "Linen from Bali."
    assert "<h1>Women</h1>" in page
    other = client.get("/c/wanita/").text
    assert "<title>Wanita" in other
    search = client.get("/en/search/?category=women").text
    assert "<title>Women" in search
    assert "Linen from Bali." not in search
