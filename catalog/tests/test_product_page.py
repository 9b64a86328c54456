"""Around the product: what else there is, and what it measures."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.catalogue import ProductCard, get_product, related_products
from catalog.listing import near
from catalog.models import (
    Attribute,
    AttributeValue,
    Category,
    Measure,
    MeasureEntry,
    MeasureTranslation,
    Product,
    ProductAttribute,
    SizeGuide,
    SizeGuideTranslation,
)
from catalog.tests.builders import (
    forget_pages,
    make_category,
    make_product,
    make_value,
    make_variant,
)

pytestmark = pytest.mark.django_db
SHOP = "http://testserver"


def make_shirt(
    name: str, *, category: Category | None = None, sold: int = 0, on_hand: int = 3
) -> Product:
    product = make_product(name, category=category, sold_count=sold)
    make_variant(product=product, on_hand=on_hand)
    return product


def make_guide(product: Product) -> SizeGuide:
    """Chest and length in M and L, the length of L not measured."""
    guide = SizeGuide.objects.create(name="Kemeja")
    for language, title in (("id", "Kemeja pria"), ("en", "Men's shirts")):
        SizeGuideTranslation.objects.create(
            guide=guide, language=language, title=title, note="Ukur mendatar."
        )
    large, medium = make_value("size", "L"), make_value("size", "M")
    for position, (code, name, name_en, lengths) in enumerate(
        [
            ("chest", "Lebar dada", "Chest", {large: 545, medium: 520}),
            ("length", "Panjang", "Length", {medium: 700}),
        ]
    ):
        measure = Measure.objects.create(guide=guide, code=code, position=position)
        for language, text in (("id", name), ("en", name_en)):
            MeasureTranslation.objects.create(measure=measure, language=language, name=text)
        for size, millimetres in lengths.items():
            MeasureEntry.objects.create(measure=measure, size=size, millimetres=millimetres)
    product.size_guide = guide
    product.save(update_fields=["size_guide"])
    return guide


def related(slug: str) -> list[str]:
    product = get_product(language="id", slug=slug, currency="IDR")
    return names(related_products(product, language="id", currency="IDR"))


def names(cards: list[ProductCard]) -> list[str]:
    return [card.name for card in cards]


def test_related_are_of_the_same_category_the_best_selling_first_and_never_itself() -> None:
    women = make_category("Wanita")
    shirts, skirts = make_category("Kemeja", parent=women), make_category("Rok", parent=women)
    make_shirt("Kemeja A", category=shirts, sold=50)
    make_shirt("Kemeja B", category=shirts, sold=1)
    make_shirt("Kemeja C", category=shirts, sold=9)
    make_shirt("Rok", category=skirts, sold=99)
    make_shirt("Topi", category=make_category("Pria"), sold=500)

    assert related("kemeja-a") == ["Kemeja C", "Kemeja B", "Rok"]


def test_related_share_an_attribute_before_they_sell_well() -> None:
    linen = AttributeValue.objects.create(
        attribute=Attribute.objects.create(code="material"), code="linen"
    )
    for name, sold in (("Kemeja A", 0), ("Kemeja B", 9), ("Kemeja C", 1)):
        product = make_shirt(name, sold=sold)
        if name != "Kemeja B":
            ProductAttribute.objects.create(product=product, value=linen)

    assert related("kemeja-a") == ["Kemeja C", "Kemeja B"]


def test_related_can_be_bought() -> None:
    for name in ("Kemeja A", "Kemeja B", "Kemeja C"):
        make_shirt(name, on_hand=0 if name == "Kemeja B" else 1)
    Product.objects.filter(translations__name="Kemeja C").update(is_published=False)

    assert related("kemeja-a") == []


def test_related_are_found_in_a_small_category_beside_much_that_sells_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "WALK", 3)
    small = make_category("Syal")
    for name in ("Syal A", "Syal B", "Syal C"):
        make_shirt(name, category=small)
    for number in range(4):
        make_shirt(f"Kemeja {number}", sold=100)

    assert related("syal-a") == ["Syal C", "Syal B"]


def test_related_are_eight_at_most_in_one_query() -> None:
    for number in range(12):
        make_shirt(f"Kemeja {number}")
    product = get_product(language="id", slug="kemeja-0", currency="IDR")

    with CaptureQueriesContext(connection) as seen:
        found = related_products(product, language="id", currency="IDR")

    assert (len(found), len(seen)) == (8, 1)


def test_the_page_shows_related_products_and_costs_no_more_for_many(client: Client) -> None:
    def queries() -> int:
        client.get("/p/kemeja-0/")
        forget_pages()
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/p/kemeja-0/").status_code == 200
        return len(seen)

    make_guide(make_shirt("Kemeja 0"))
    make_shirt("Kemeja 1")
    few = queries()
    for number in range(2, 9):
        make_shirt(f"Kemeja {number}")

    # The product, its size guide, and what is related to it.
    assert queries() == few == 3
    page = client.get("/en/p/kemeja-0-en/").text
    assert "You may also like" in page
    assert 'href="/en/p/kemeja-8-en/"' in page


def test_nothing_is_said_of_related_products_where_there_are_none(client: Client) -> None:
    make_shirt("Kemeja")

    assert "You may also like" not in client.get("/en/p/kemeja-en/").text


def test_cards_come_in_the_order_that_a_browser_remembers(client: Client) -> None:
    for name in ("Satu", "Dua", "Tiga"):
        make_shirt(name)
    Product.objects.filter(translations__slug="dua").update(is_published=False)

    answer = client.get("/fragments/cards/?slug=tiga&slug=dua&slug=tidak-ada&slug=satu&slug=tiga")

    assert re.findall(r'<h3><a href="([^"]+)">', answer.text) == ["/p/tiga/", "/p/satu/"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert "public" in answer["Cache-Control"]
    assert not answer.cookies
    assert client.get("/fragments/cards/").text.strip() == ""
    assert client.get("/fragments/cards/?slug=%00").status_code == 200


def test_no_more_than_eight_cards_are_shown_and_they_cost_two_queries(client: Client) -> None:
    query = "&".join(f"slug=kemeja-{number}" for number in range(10))
    for number in range(10):
        make_shirt(f"Kemeja {number}")

    with CaptureQueriesContext(connection) as seen:
        answer = client.get(f"/fragments/cards/?{query}")

    assert answer.text.count("<li") == 8
    assert len(seen) == 2


def test_a_slug_of_another_language_finds_the_product_too(client: Client) -> None:
    make_shirt("Kemeja")

    page = client.get("/en/fragments/cards/?slug=kemeja&slug=kemeja-en").text

    assert re.findall(r'<a href="([^"]+)"', page) == ["/en/p/kemeja-en/"]


def test_the_size_guide_is_a_table_in_centimetres(client: Client) -> None:
    product = make_shirt("Kemeja")
    make_guide(product)

    page = client.get("/p/kemeja/").text
    table = page[page.index("<table>") : page.index("</table>")]

    assert re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", table) == [
        *("", "M", "L"),
        *("Lebar dada", "52", "54,5"),
        *("Panjang", "70", "–"),
    ]
    assert "Kemeja pria, dalam sentimeter" in table or "Kemeja pria, in centimetres" in table
    assert "Ukur mendatar." in page
    assert 'href="#size-table"' in page
    english = client.get("/en/p/kemeja-en/").text
    assert "Men&#x27;s shirts, in centimetres" in english
    assert "54.5" in english
    assert "Chest" in english


def test_without_a_size_guide_there_is_none(client: Client) -> None:
    product = make_shirt("Kemeja")
    assert "size-table" not in client.get("/p/kemeja/").text
    guide = make_guide(product)
    guide.measures.all().delete()
    cache.clear()

    assert "size-table" not in client.get("/p/kemeja/").text


def test_a_card_shows_its_rating_and_none_without_reviews(client: Client) -> None:
    make_shirt("Kemeja")
    assert 'class="rating"' not in client.get("/c/wanita/").text

    Product.objects.update(rating_sum=14, rating_count=3)
    cache.clear()

    for path in ("/", "/c/wanita/"):
        page = client.get(path).text
        assert "4,7" in page[page.index('class="rating"') :][:600], path
