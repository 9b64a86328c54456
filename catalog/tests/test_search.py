"""What customers find when they search."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from catalog.catalogue import Filters, read_vocabulary
from catalog.listing import tokens
from catalog.models import SOLD_TIERS, Listing, Product, SearchMiss, Synonym, Variant
from catalog.search import Results, matching, popularity, record_miss, search_products, suggest
from catalog.tests.builders import follow_up, make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


def search(typed: str, language: str = "id", filters: Filters | None = None) -> Results:
    return search_products(
        typed=typed,
        language=language,
        currency="IDR",
        vocabulary=read_vocabulary(language),
        filters=filters,
    )


def found(typed: str, language: str = "id", filters: Filters | None = None) -> list[str]:
    return [card.name for card in search(typed, language, filters).listing.cards]


def sell(*names: str) -> None:
    for name in names:
        make_variant(product=make_product(name))


def test_a_product_is_found_by_any_of_its_words_and_by_all_of_them() -> None:
    sell("Kemeja Batik Kawung", "Kaos Katun", "Rok Batik")

    assert set(found("batik")) == {"Kemeja Batik Kawung", "Rok Batik"}
    assert found("batik kemeja") == ["Kemeja Batik Kawung"]


def test_forms_of_a_word_are_the_same_word() -> None:
    product = make_product("Gamis Sari")
    product.translations.filter(language="en").update(name="Flowing Dresses", description="Pleated")
    make_variant(product=product)

    assert found("dress", "en") == ["Flowing Dresses"]
    assert found("pleats", "en") == ["Flowing Dresses"]
    assert found("dress", "id") == ["Gamis Sari"]


@pytest.mark.parametrize("typed", ["kemja batk", "kmeja batik", "kemeja batiik", "KEMÉJA BATIC"])
def test_typing_errors_are_forgiven_and_named(typed: str) -> None:
    sell("Kemeja Batik", "Kaos Katun")

    results = search(typed)

    assert [card.name for card in results.listing.cards] == ["Kemeja Batik"]
    assert results.searched == "kemeja batik"


def test_what_was_typed_can_be_insisted_on() -> None:
    sell("Kemeja Batik")

    results = search_products(
        typed="kemja",
        language="id",
        currency="IDR",
        vocabulary=read_vocabulary("id"),
        is_exact=True,
    )

    assert (results.listing.cards, results.searched) == ([], "")


def test_synonyms_of_staff_count_at_once() -> None:
    sell("Kaos Katun", "Celana Kulot")
    assert found("t-shirt") == []

    Synonym.objects.create(words="kaos, t-shirt, tshirt, atasan santai")

    assert found("t-shirt") == ["Kaos Katun"]
    assert found("tshirt katun") == ["Kaos Katun"]
    assert found("atasan santai") == ["Kaos Katun"]


def test_a_word_that_stands_only_among_synonyms_is_no_typing_error() -> None:
    sell("Kaos Shirt Katun", "Kaos Katun")
    Synonym.objects.create(words="kaos, tshirt, baju kaos")

    results = search("tshirt")

    assert {card.name for card in results.listing.cards} == {"Kaos Shirt Katun", "Kaos Katun"}
    assert results.searched == ""
    assert found("baju kaos shirt") == ["Kaos Shirt Katun"]


def test_the_beginning_of_a_word_finds_it() -> None:
    sell("Kemeja Batik", "Rok Plisket")

    assert found("plis") == ["Rok Plisket"]
    assert found("rok pli") == ["Rok Plisket"]


def test_fillers_are_not_looked_for() -> None:
    sell("Kemeja Linen")

    assert found("kemeja yang linen") == ["Kemeja Linen"]


def test_a_name_counts_more_than_a_description() -> None:
    described = make_product("Rok Plisket")
    described.translations.filter(language="id").update(description="Cocok dengan kemeja linen")
    make_variant(product=described)
    sell("Kemeja Linen")

    assert found("kemeja linen") == ["Kemeja Linen", "Rok Plisket"]


def test_a_sku_or_barcode_finds_its_product() -> None:
    variant = make_variant(product=make_product("Kemeja"), sku="KBK-sog-001")
    variant.barcode = "2000000000015"
    variant.save(update_fields=["barcode"])
    sell("Kaos")

    assert found("kbk-SOG-001") == ["Kemeja"]
    assert found("2000000000015") == ["Kemeja"]
    assert found("KBK-sog-002") == []


@pytest.mark.parametrize(
    ("sku", "typed"),
    [
        ("KMJ 01 M", "kmj 01 m"),
        ("KMJ 01 M", "  KMJ  01 M "),
        ("LINENA", "linena"),
        ("AB", "ab"),
        ("7", "7"),
        ("KMJ/01.M(2)", "kmj/01.m(2)"),
    ],
)
def test_a_code_is_found_whatever_it_looks_like(sku: str, typed: str) -> None:
    make_variant(product=make_product("Kemeja"), sku=sku)
    sell("Linen Kaos 01 M")

    results = search(typed)

    assert results.listing.cards[0].name == "Kemeja"
    assert results.searched == ""
    assert not results.is_partial


def test_a_code_is_looked_up_in_its_indexes() -> None:
    shirt = make_variant(product=make_product("Kemeja"), sku="RN-001").product
    others = (Variant(product=shirt, sku=f"S-{n}", barcode=f"8{n}") for n in range(2_000))
    Variant.objects.bulk_create(others)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        assert [one.tokens for one in matching.with_code("RN-001", [("*",)])]
        # With so few, what the planner knows of them decides.
        cursor.execute("ANALYZE catalog_variant")
        cursor.execute(f"EXPLAIN {captured.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "variant_sku_upper" in plan
    assert "variant_barcode" in plan


def test_a_code_obeys_filters_and_is_counted_as_any_match() -> None:
    gone = make_variant(product=make_product("Kemeja"), sku="RN-001", on_hand=0, colour="navy")

    everything = search("RN-001")
    in_stock = search("RN-001", filters=Filters(in_stock=True))

    assert [card.name for card in everything.listing.cards] == ["Kemeja"]
    colours = {facet.code: facet for facet in everything.listing.facets}["colour"]
    assert {value.code: value.count for value in colours.values} == {"navy": 1}
    assert (in_stock.listing.cards, in_stock.listing.total) == ([], 0)
    assert in_stock.matches
    gone.stock_items.update(on_hand=1)
    assert len(search("RN-001", filters=Filters(in_stock=True)).listing.cards) == 1


def test_what_is_not_ranked_any_more_follows_as_it_sells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "CANDIDATES", 3)
    for sold in range(8):
        product = make_product(f"Kemeja {sold}" if sold != 5 else "Kaos untuk di bawah kemeja 5")
        make_variant(product=product)
        Product.objects.filter(pk=product.pk).update(sold_count=sold)
    follow_up()

    assert [int(name.split()[-1]) for name in found("kemeja")] == [7, 6, 5, 4, 3, 2, 1, 0]


def test_when_nothing_has_all_words_some_have_some() -> None:
    sell("Kemeja Batik", "Kaos Katun")

    results = search("kemeja katun")

    assert {card.name for card in results.listing.cards} == {"Kemeja Batik", "Kaos Katun"}
    assert results.is_partial


def test_results_are_right_with_the_very_change() -> None:
    product = make_product("Kemeja Batik")
    variant = make_variant(product=product, on_hand=1)
    assert search("batik").listing.cards[0].is_available

    variant.stock_items.update(reserved=1)
    assert not search("batik").listing.cards[0].is_available

    product.translations.filter(language="id").update(name="Kemeja Lurik")
    product.translations.filter(language="en").update(name="Lurik shirt")
    assert found("batik") == []
    assert found("lurik") == ["Kemeja Lurik"]

    product.is_published = False
    product.save(update_fields=["is_published"])
    assert found("lurik") == []


def test_results_are_narrowed_down_and_counted_exactly() -> None:
    shirts = make_category("Kemeja")
    for colour, number in (("navy", 2), ("terakota", 3)):
        for _ in range(number):
            make_variant(product=make_product(category=shirts), colour=colour)

    everything = search("kemeja")
    navy = search("kemeja", filters=Filters(terms={"colour": ["navy"]}))

    colours = {facet.code: facet for facet in everything.listing.facets}["colour"]
    assert {value.code: value.count for value in colours.values} == {"navy": 2, "terakota": 3}
    assert (everything.listing.total, len(navy.listing.cards), navy.listing.total) == (5, 2, 2)


@pytest.mark.parametrize(
    "typed", ["", " ", "?!", "'; DROP", "a" * 500, "\x00", "🧵", "%_", "()&|!:*"]
)
def test_any_text_is_searched_without_complaint(typed: str) -> None:
    sell("Kemeja Batik")

    assert search(typed).listing.cards == []


def test_two_letters_bring_suggestions() -> None:
    women = make_category("Wanita")
    make_variant(
        product=make_product("Kemeja Batik", category=make_category("Kemeja", parent=women))
    )
    sell("Kaos Katun")

    suggestions = suggest(typed="ke", language="id", currency="IDR")

    assert suggestions.queries == ["kemeja"]
    assert [link.slug for link in suggestions.categories] == ["kemeja"]
    assert [card.name for card in suggestions.products] == ["Kemeja Batik"]
    assert suggest(typed="k", language="id", currency="IDR").products == []


def test_more_products_take_no_more_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    sell("Kemeja Batik")
    vocabulary = read_vocabulary("id")
    # From now on it is known for a minute about how many products there are.
    search("kemeja")

    def found() -> int:
        with django_assert_num_queries(8):
            results = search_products(
                typed="kemeja btik", language="id", currency="IDR", vocabulary=vocabulary
            )
        return len(results.listing.cards)

    assert found() == 1
    sell(*(f"Kemeja Batik {number}" for number in range(20)))
    assert found() == 21


@pytest.fixture
def big_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty products, sold 0 to 39 times, and bounds at which that is very many."""
    monkeypatch.setattr(matching, "MANY", 5)
    monkeypatch.setattr(matching, "SURELY_MORE", 5)
    monkeypatch.setattr(matching, "SAMPLE", 4)
    monkeypatch.setattr(popularity, "SMALLEST_PART", 5)
    monkeypatch.setattr(popularity, "WALKS", (5, 20))
    for sold in range(40):
        name = f"{'Kemeja' if sold % 2 else 'Kaos'} {'Lurik' if sold < 12 else 'Polos'} {sold}"
        product = make_product(name)
        make_variant(product=product)
        Product.objects.filter(pk=product.pk).update(sold_count=sold)
    follow_up()


@pytest.mark.usefixtures("big_shop")
def test_in_a_big_shop_usual_words_find_what_sells_best() -> None:
    results = search("kemeja")

    assert [card.name for card in results.listing.cards] == [
        f"Kemeja Polos {sold}" for sold in (39, 37, 35, 33)
    ]
    assert results.listing.total > 1000
    assert results.reachable == 4


@pytest.mark.usefixtures("big_shop")
@pytest.mark.parametrize(
    ("typed", "sold"),
    [
        # In nothing that sells well, so everything is looked through.
        ("kaos lurik", [10, 8, 6, 4, 2, 0]),
        ("kemeja 13", [13]),
    ],
)
def test_in_a_big_shop_rare_words_find_all_that_has_them(typed: str, sold: list[int]) -> None:
    results = search(typed)

    assert [int(card.name.split()[-1]) for card in results.listing.cards] == sold
    assert results.listing.total == len(sold)


@pytest.mark.usefixtures("big_shop")
def test_in_a_big_shop_where_nothing_has_been_sold_the_newest_come_first() -> None:
    Product.objects.update(sold_count=0)
    follow_up()

    names = found("kemeja")

    assert {int(name.split()[-1]) for name in names} == {39, 37, 35, 33}


@pytest.mark.parametrize("least", SOLD_TIERS)
def test_the_database_and_the_search_mean_the_same_tiers(least: int) -> None:
    product = make_product("Kemeja")
    make_variant(product=product)

    def tiers() -> set[str]:
        listing = Listing.objects.get(product=product)
        return {token for token in listing.tokens if token.startswith("t")}

    for units in (least - 1, least):
        Product.objects.filter(pk=product.pk).update(sold_count=units)
        assert tiers() == {tokens.sold(each) for each in SOLD_TIERS if each <= units}


def test_what_nobody_found_is_counted_for_staff() -> None:
    for typed in ("Sarung  Tenun", "sarung tenun!", "sarung tenun"):
        record_miss(language="id", typed=typed)
    record_miss(language="id", typed="?")

    assert list(SearchMiss.objects.values_list("query", "count")) == [("sarung tenun", 3)]
