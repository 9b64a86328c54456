"""What the sample boutique holds: complete in both languages, believable, and illustrated."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal

import pytest
from django.core.validators import validate_slug

from catalog.models import ProductTranslation
from shop.pages.demo import FILES, LANGUAGES, read, read_products, shapes
from shop.pages.demo.pictures import average_colours, renditions

BOUTIQUE: shapes.Boutique = read("catalogue.json")
PRODUCTS: list[shapes.Product] = read_products()
SIZES = {("avif", 240), ("avif", 360), ("avif", 540), ("avif", 720), ("avif", 900)} | {
    ("webp", 360),
    ("webp", 720),
    ("webp", 900),
}
Language = Literal["id", "en"]

of_each_product = pytest.mark.parametrize("product", PRODUCTS, ids=lambda each: each["sku"])
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def leaves(categories: list[shapes.Category]) -> Iterator[shapes.Category]:
    for category in categories:
        below = category.get("children", [])
        yield from leaves(below) if below else [category]


def all_categories(categories: list[shapes.Category]) -> Iterator[shapes.Category]:
    for category in categories:
        yield category
        yield from all_categories(category.get("children", []))


def pictures() -> list[str]:
    return [name for each in PRODUCTS for colour in each["colours"] for name in colour["pictures"]]


def test_there_are_enough_products_to_browse() -> None:
    assert sum("publish_in_days" not in product for product in PRODUCTS) >= 40


def test_every_lowest_category_has_products_and_no_other_has() -> None:
    filled = Counter(product["category"] for product in PRODUCTS)

    assert set(filled) == {category["code"] for category in leaves(BOUTIQUE["categories"])}
    assert min(filled.values()) >= 2


@of_each_product
@in_each_language
def test_a_text_is_complete_and_fits(product: shapes.Product, language: Language) -> None:
    text = product[language]
    other = product["en" if language == "id" else "id"]

    assert all(text[key] for key in ("name", "slug", "description", "material", "fit", "care"))
    assert bool(text["model_size"]) == bool(other["model_size"]) == bool(worn(product))
    assert text["description"] != other["description"]
    for key, value in text.items():
        longest = getattr(ProductTranslation._meta.get_field(key), "max_length", None)
        assert longest is None or len(str(value)) <= longest


def worn(product: shapes.Product) -> bool:
    return "fit" in product["attributes"] and product["category"] != "hijab"


@in_each_language
def test_slugs_are_unique(language: Language) -> None:
    of_products = [product[language]["slug"] for product in PRODUCTS]
    of_categories = [
        category[language]["slug"] for category in all_categories(BOUTIQUE["categories"])
    ]

    for slugs in (of_products, of_categories):
        assert len(slugs) == len(set(slugs))
        for slug in slugs:
            validate_slug(slug)


def test_names_and_codes_are_unique() -> None:
    for language in ("id", "en"):
        products = [product[language]["name"] for product in PRODUCTS]
        categories = [each[language]["name"] for each in all_categories(BOUTIQUE["categories"])]
        assert len(products) == len(set(products))
        assert len(categories) == len(set(categories))
    codes = [product["sku"] for product in PRODUCTS]
    assert len(codes) == len(set(codes))


def test_every_picture_exists_in_all_sizes_and_is_shown_once() -> None:
    files = renditions()

    assert sorted(pictures()) == sorted(files)
    for made in files.values():
        assert {(each["format"], each["width"]) for each in made} == SIZES


def test_the_pictures_are_small_enough_to_be_cloned() -> None:
    assert sum(file.stat().st_size for file in (FILES / "img").iterdir()) <= 8_000_000


def test_every_picture_has_its_average_colour() -> None:
    averages = average_colours()

    assert sorted(averages) == sorted(pictures())
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in averages.values())


@of_each_product
def test_prices_are_those_of_a_boutique(product: shapes.Product) -> None:
    price = product["price"]

    assert 50_000 <= price <= 600_000
    assert price % 1000 == 0
    assert product["cost"] < price * 0.6
    assert price < product.get("compare_at", price + 1) <= price * 1.3
    assert all(0 < each <= 30_000 for each in product.get("surcharge", {}).values())
    assert set(product.get("surcharge", {})) <= set(product["sizes"])
    if "sale" in product:
        assert product["cost"] < product["sale"]["price"] < price
        assert "compare_at" not in product
        assert -product["sale"]["starts_in_days"] < product["days_ago"]


@of_each_product
def test_stock_fits_the_sizes(product: shapes.Product) -> None:
    for colour in product["colours"]:
        assert len(colour["stock"]) == max(1, len(product["sizes"]))
        assert all(units >= 0 for units in colour["stock"])
        assert colour["pictures"]


def test_some_is_sold_out_by_size_by_colour_and_altogether() -> None:
    stocks = [[colour["stock"] for colour in product["colours"]] for product in PRODUCTS]

    altogether = [each for each in stocks if not any(map(any, each))]
    assert 2 <= len(altogether) <= 5
    assert any(any(map(any, each)) and not all(map(any, each)) for each in stocks)
    assert sum(not all(stock) and any(stock) for each in stocks for stock in each) >= 10


@of_each_product
def test_what_it_is_described_with_exists(product: shapes.Product) -> None:
    options = values_of(BOUTIQUE["options"])
    attributes = values_of(BOUTIQUE["attributes"])
    guides = {guide["code"]: guide for guide in BOUTIQUE["size_guides"]}

    assert {colour["code"] for colour in product["colours"]} <= options["colour"]
    assert set(product["sizes"]) <= options["size"]
    assert "material" in product["attributes"]
    for attribute, codes in product["attributes"].items():
        assert set(codes) <= attributes[attribute]
    if product["sizes"]:
        assert set(product["sizes"]) <= set(guides[product["size_guide"]]["sizes"])


def values_of(vocabulary: list[shapes.Vocabulary]) -> dict[str, set[str]]:
    return {each["code"]: {value["code"] for value in each["values"]} for each in vocabulary}


def test_everything_it_could_be_described_with_is_used() -> None:
    used: dict[str, set[str]] = {"colour": set(), "size": set()}
    for product in PRODUCTS:
        used["colour"] |= {colour["code"] for colour in product["colours"]}
        used["size"] |= set(product["sizes"])
        for attribute, codes in product["attributes"].items():
            used.setdefault(attribute, set()).update(codes)

    assert used == values_of(BOUTIQUE["options"]) | values_of(BOUTIQUE["attributes"])
    assert {product.get("size_guide") for product in PRODUCTS} == {
        None,
        *(guide["code"] for guide in BOUTIQUE["size_guides"]),
    }


@pytest.mark.parametrize("guide", BOUTIQUE["size_guides"], ids=lambda each: each["code"])
def test_a_larger_size_is_larger_in_every_measure(guide: shapes.SizeGuide) -> None:
    for measure in guide["measures"]:
        millimetres = measure["millimetres"]
        assert len(millimetres) == len(guide["sizes"])
        assert all(small < large for small, large in pairwise(millimetres))
        assert all(100 < each < 2000 for each in millimetres)


@pytest.mark.parametrize("vocabulary", ["categories", "options", "attributes", "size_guides"])
def test_the_vocabulary_is_complete_in_both_languages(vocabulary: str) -> None:
    untranslated = [
        where for where, pair in _pairs(read("catalogue.json")[vocabulary]) if not all(_texts(pair))
    ]
    assert untranslated == []


def _pairs(node: Any, where: str = "") -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Everything with a code, and its texts in the two languages."""
    if isinstance(node, list):
        for each in node:
            yield from _pairs(each, where)
    elif isinstance(node, dict) and "code" in node:
        yield f"{where}/{node['code']}", (node.get("id"), node.get("en"))
        for below in ("children", "values", "measures"):
            yield from _pairs(node.get(below, []), f"{where}/{node['code']}")


def _texts(pair: tuple[Any, Any]) -> list[str]:
    found: list[str] = []
    for text in pair:
        found += text.values() if isinstance(text, dict) else [text]
    return found


def test_synonyms_name_each_word_once() -> None:
    words = [word for line in BOUTIQUE["synonyms"] for word in line.split(", ")]

    assert len(words) == len(set(words))
    assert all(len(line.split(", ")) >= 2 for line in BOUTIQUE["synonyms"])


def test_nobody_claims_ratings_or_sales_that_never_were() -> None:
    text = "".join(file.read_text() for file in FILES.rglob("*.json"))

    assert not re.search(r"rating|terjual|sold_count|best.?sell|terlaris", text, re.IGNORECASE)
