"""The page of one product: what can be chosen, in which language, and when it is not found."""

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.catalogue import (
    OptionValueView,
    OptionView,
    ProductNotFound,
    ProductPage,
    get_product,
)
from catalog.models import Product, Seller, Variant
from catalog.tests.builders import (
    make_category,
    make_image,
    make_location,
    make_product,
    make_stock,
    make_variant,
)

pytestmark = pytest.mark.django_db


def page(slug: str, language: str = "id") -> ProductPage:
    return get_product(language=language, slug=slug, currency="IDR")


def test_the_page_has_all_that_can_be_chosen() -> None:
    product = make_product("Kemeja Linen", category=make_category("Kemeja"))
    large = make_variant(product=product, price=159_000, size="L", on_hand=0, weight_grams=320)
    medium = make_variant(
        product=product, price=149_000, compare_at=179_000, colour="navy", on_hand=3, sku="KL-M"
    )

    found = page("kemeja-linen")

    assert found.options == [
        OptionView(
            "colour",
            "Warna",
            [
                OptionValueView("terakota", "Terakota", "#b5593c"),
                OptionValueView("navy", "Navy", "#29344d"),
            ],
        ),
        OptionView(
            "size", "Ukuran", [OptionValueView("m", "M", ""), OptionValueView("l", "L", "")]
        ),
    ]
    assert [variant.public_id for variant in found.variants] == [
        large.public_id,
        medium.public_id,
    ]
    first, second = found.variants
    assert (first.name, first.available, first.weight_grams) == ("Terakota, L", 0, 320)
    assert second.values == {"colour": "navy", "size": "m"}
    assert (second.sku, second.price_minor, second.compare_at_minor, second.available) == (
        "KL-M",
        149_000,
        179_000,
        3,
    )
    assert (found.category.slug, found.category.name) == ("kemeja", "Kemeja")
    assert (found.seller_name, found.ships_from) == ("RONA", "Kota Pekalongan")
    assert found.slugs == {"id": "kemeja-linen", "en": "kemeja-linen-en"}


def test_the_page_costs_as_many_queries_for_thirty_variants_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product("Kaos")
    make_variant(product=product)
    with django_assert_num_queries(1):
        page("kaos")
    for number in range(29):
        make_variant(product=product, size=f"ukuran-{number}")
        make_image(product, name=f"foto-{number}")

    with django_assert_num_queries(1):
        found = page("kaos")

    assert (len(found.variants), len(found.images)) == (30, 29)


def test_the_page_adds_up_the_stock_of_all_locations_and_ships_from_the_fullest() -> None:
    variant = make_variant(product=make_product("Kaos"), on_hand=2)
    make_stock(variant, on_hand=3, location=make_location(city="Bandung"))

    found = page("kaos")

    assert found.variants[0].available == 5
    assert found.ships_from == "Bandung"


def test_the_page_shows_the_pictures_of_the_colours_that_are_sold() -> None:
    product = make_product("Kaos")
    make_variant(product=product, colour="navy")
    make_image(product, name="semua", position=3)
    make_image(product, name="navy", colour="navy", position=1)
    make_image(product, name="gading", colour="gading", position=2)

    found = page("kaos")

    assert [(image.alt, image.colour_code) for image in found.images] == [
        ("Kaos, Navy", "navy"),
        ("Kaos", ""),
    ]


def test_the_page_is_in_the_language_of_its_slug() -> None:
    make_variant(product=make_product("Kaos"))

    found = page("kaos-en", "en")

    assert found.name == "Kaos (en)"
    assert [option.name for option in found.options] == ["Colour", "Size"]
    assert found.variants[0].name == "Terracotta, M"
    with pytest.raises(ProductNotFound):
        page("kaos", "en")


def test_the_page_falls_back_to_the_other_language_where_it_is_not_translated() -> None:
    make_variant(product=make_product("Kaos", languages=["id"]))

    found = page("kaos", "en")

    assert (found.name, found.slug, found.slugs) == ("Kaos", "kaos", {"id": "kaos"})


def test_the_page_prefers_the_product_that_has_the_slug_in_this_language() -> None:
    untranslated = make_product("Kaos", languages=["id"])
    make_variant(product=untranslated)
    english = make_product("Polos", languages=["id"])
    english.translations.create(language="en", name="Plain", slug="kaos")
    make_variant(product=english)

    assert page("kaos", "en").name == "Plain"
    assert page("kaos", "id").name == "Kaos"


def test_the_page_works_without_options_pictures_or_stock() -> None:
    variant = make_variant(product=make_product("Kaos"), size=None, colour=None, on_hand=0)
    variant.stock_items.all().delete()

    found = page("kaos")

    assert (found.options, found.images, found.ships_from) == ([], [], "")
    assert (found.variants[0].name, found.variants[0].available) == ("", 0)


def test_the_page_is_not_found_unless_it_is_on_sale() -> None:
    variant = make_variant(product=make_product("Kaos"))
    assert page("kaos").name == "Kaos"

    def off_sale(rows: type[Product | Variant | Seller], **fields: bool) -> None:
        rows._default_manager.update(**fields)
        with pytest.raises(ProductNotFound):
            page("kaos")
        rows._default_manager.update(**{name: not value for name, value in fields.items()})

    off_sale(Product, is_published=False)
    off_sale(Variant, is_active=False)
    off_sale(Seller, is_active=False)
    variant.prices.all().delete()
    with pytest.raises(ProductNotFound):
        page("kaos")
    with pytest.raises(ProductNotFound):
        page("tidak-ada")
