"""What a customer sees of the catalogue: lists, product pages, categories."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.catalogue import (
    CategoryLink,
    CategoryNotFound,
    CategoryView,
    ImageView,
    ListingView,
    Place,
    Swatch,
    category_tree,
    list_products,
)
from catalog.models import Category
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_price,
    make_product,
    make_seller,
    make_variant,
    stock_of,
)

pytestmark = pytest.mark.django_db


def listing(language: str = "id", **choice: Any) -> ListingView:
    follow_up()
    return read_listing(language, **choice)


def read_listing(
    language: str = "id", *, page: int = 1, page_size: int = 24, **choice: Any
) -> ListingView:
    place = Place(page=page, page_size=page_size)
    return list_products(language=language, currency="IDR", place=place, **choice)


def names(**choice: Any) -> list[str]:
    return [card.name for card in listing(**choice).cards]


def make_full_product() -> None:
    """Two colours with a picture each, three sizes."""
    product = make_product()
    for colour in ("terakota", "navy"):
        make_image(product, colour=colour, name=colour)
        for size in ("S", "M", "L"):
            make_variant(product=product, colour=colour, size=size)


class TestAList:
    def test_shows_a_product_with_all_that_its_card_says(self) -> None:
        product = make_product("Kemeja Linen")
        make_variant(product=product, price=259_000, compare_at=289_000, colour="terakota")
        make_variant(product=product, price=279_000, colour="navy")
        make_image(product, colour="navy", name="linen")

        [card] = listing().cards

        assert (card.slug, card.name, card.currency) == ("kemeja-linen", "Kemeja Linen", "IDR")
        assert (card.price_minor, card.compare_at_minor, card.price_varies) == (
            259_000,
            289_000,
            True,
        )
        assert card.swatches == [Swatch("Terakota", "#b5593c"), Swatch("Navy", "#29344d")]
        assert card.colour_count == 2
        assert card.image == ImageView(
            alt="Kemeja Linen, Navy",
            width=900,
            height=1200,
            src="/media/products/linen-900.webp",
            sources=[
                (
                    "image/avif",
                    "/media/products/linen-360.avif 360w, /media/products/linen-900.avif 900w",
                ),
                ("image/webp", "/media/products/linen-900.webp 900w"),
            ],
            colour_code="navy",
        )
        assert card.is_new
        assert card.is_available

    def test_costs_as_many_queries_for_ten_products_as_for_one(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        make_full_product()
        follow_up()
        with django_assert_num_queries(4):
            read_listing(category_slug="wanita", page_size=30)
        for _ in range(9):
            make_full_product()
        follow_up()

        with django_assert_num_queries(4):
            found = read_listing(category_slug="wanita", page_size=30)

        assert len(found.cards) == 10

    def test_is_in_the_language_and_falls_back_where_a_text_is_missing(self) -> None:
        make_variant(product=make_product("Kaos"), colour="terakota")
        make_variant(product=make_product("Rok", languages=["id"]), colour="terakota")

        cards = listing("en").cards

        assert [(card.name, card.slug) for card in cards] == [
            ("Rok", "rok"),
            ("Kaos (en)", "kaos-en"),
        ]
        assert cards[1].swatches == [Swatch("Terracotta", "#b5593c")]

    def test_leaves_out_what_is_not_on_sale(self) -> None:
        now = timezone.now()
        make_variant(product=make_product("Dijual"))
        make_variant(product=make_product("Draf", is_published=False))
        make_variant(product=make_product("Nanti", publish_from=now + timedelta(hours=1)))
        make_variant(product=make_product("Dulu", publish_until=now - timedelta(hours=1)))
        make_variant(product=make_product("Tutup", seller=make_seller("Tutup", is_active=False)))
        make_product("Tanpa varian")
        make_variant(product=make_product("Tanpa harga"), price=None)
        make_variant(product=make_product("Nonaktif"), is_active=False)
        make_variant(product=make_product("Dolar"), currency="USD")

        assert names() == ["Dijual"]
        assert listing().total == 1

    def test_shows_a_sold_out_product_as_not_available(self) -> None:
        make_variant(product=make_product("Habis"), on_hand=0)

        [card] = listing().cards

        assert not card.is_available

    def test_counts_units_that_are_reserved_as_gone(self) -> None:
        variant = make_variant(on_hand=2)
        variant.stock_items.update(reserved=2)

        [card] = listing().cards

        assert not card.is_available
        assert stock_of(variant) == (2, 2)

    def test_takes_the_price_that_holds_now(self) -> None:
        now = timezone.now()
        hour = timedelta(hours=1)
        variant = make_variant(price=None)
        make_price(variant, 100_000, valid_from=now - 3 * hour, valid_until=now - hour)
        make_price(variant, 120_000, valid_from=now - hour, valid_until=now + hour)
        make_price(variant, 90_000, valid_from=now + hour)
        variant.prices.create(currency="USD", amount_minor=800)

        [card] = listing().cards

        assert (card.price_minor, card.price_varies) == (120_000, False)

    def test_ignores_variants_that_are_not_sold(self) -> None:
        product = make_product()
        make_variant(product=product, price=150_000, colour="navy")
        make_variant(product=product, price=90_000, colour="terakota", is_active=False)

        [card] = listing().cards

        assert (card.price_minor, card.price_varies) == (150_000, False)
        assert card.swatches == [Swatch("Navy", "#29344d")]

    def test_calls_a_product_new_for_thirty_days(self) -> None:
        now = timezone.now()
        make_variant(product=make_product("Baru", created_at=now - timedelta(days=29)))
        make_variant(product=make_product("Lama", created_at=now - timedelta(days=30)))

        assert [(card.name, card.is_new) for card in listing().cards] == [
            ("Baru", True),
            ("Lama", False),
        ]

    def test_has_only_the_place_of_a_picture_while_its_files_are_not_finished(self) -> None:
        product = make_product()
        make_variant(product=product)
        make_image(product)
        product.images.update(renditions=[], state="processing", colour="#b5593c")

        [card] = listing().cards

        assert card.ready_image is None
        assert card.image == ImageView(
            alt=card.name,
            width=900,
            height=1200,
            src="",
            sources=[],
            colour_code="",
            colour="#b5593c",
        )

    def test_shows_a_finished_picture_rather_than_one_that_is_still_being_prepared(self) -> None:
        product = make_product()
        make_variant(product=product)
        first = make_image(product, name="baru", position=0)
        make_image(product, name="lama", position=1)
        product.images.filter(pk=first.pk).update(renditions=[], state="processing")

        [card] = listing().cards

        assert card.image is not None
        assert card.image.src == "/media/products/lama-900.webp"

    def test_has_no_picture_where_none_can_be_made(self) -> None:
        product = make_product()
        make_variant(product=product)
        make_image(product)
        product.images.update(renditions=[], state="failed", failure="picture_broken")

        [card] = listing().cards

        assert card.image is None

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("newest", ["Tengah", "Mahal", "Murah"]),
            ("price_asc", ["Murah", "Tengah", "Mahal"]),
            ("price_desc", ["Mahal", "Tengah", "Murah"]),
        ],
    )
    def test_is_sorted_as_asked(self, sort: str, expected: list[str]) -> None:
        now = timezone.now()
        for days, (name, price) in enumerate(
            [("Tengah", 200_000), ("Mahal", 300_000), ("Murah", 100_000)]
        ):
            product = make_product(name, created_at=now - timedelta(days=days))
            make_variant(product=product, price=price)
            make_variant(product=product, price=price + 150_000)

        assert names(sort=sort) == expected

    def test_is_cut_into_pages_without_losing_or_repeating_a_product(self) -> None:
        now = timezone.now()
        made = [make_product(created_at=now) for _ in range(5)]
        for product in made:
            make_variant(product=product, price=100_000)

        pages = [listing(page=number, page_size=2, sort="price_asc") for number in (1, 2, 3)]

        assert [len(each.cards) for each in pages] == [2, 2, 1]
        assert len({card.slug for each in pages for card in each.cards}) == 5
        assert {(each.total, each.page_count) for each in pages} == {(5, 3)}

    @pytest.mark.parametrize(("asked", "given"), [(-1, 1), (0, 1), (2, 2), (3, 2), (10**30, 2)])
    def test_gives_the_nearest_page_there_is(self, asked: int, given: int) -> None:
        for _ in range(3):
            make_variant()

        found = listing(page=asked, page_size=2)

        assert (found.page, len(found.cards)) == (given, {1: 2, 2: 1}[given])

    def test_of_an_empty_shop_is_one_empty_page(self) -> None:
        found = listing()

        assert (found.cards, found.total, found.page, found.page_count) == ([], 0, 1, 1)


class TestACategory:
    def test_lists_what_lies_in_it_and_below_it(self) -> None:
        women = make_category("Wanita")
        shirts = make_category("Kemeja", parent=women)
        make_variant(product=make_product("Rok", category=women))
        make_variant(product=make_product("Kemeja Linen", category=shirts))
        make_variant(product=make_product("Tote", category=make_category("Tas")))

        found = listing(category_slug="wanita")

        assert {card.name for card in found.cards} == {"Rok", "Kemeja Linen"}
        assert found.category == CategoryLink(slug="wanita", name="Wanita")
        assert found.children == [CategoryLink(slug="kemeja", name="Kemeja")]
        assert found.total == 2

    def test_is_found_by_the_slug_of_the_language_only(self) -> None:
        make_category("Wanita", name_en="Women")

        assert listing("en", category_slug="women").category is not None
        with pytest.raises(CategoryNotFound):
            listing("en", category_slug="wanita")

    def test_tree_has_the_order_of_staff_and_counts_what_is_on_sale(self) -> None:
        bags = make_category("Tas", position=2)
        women = make_category("Wanita", position=1)
        shirts = make_category("Kemeja", parent=women)
        make_variant(product=make_product(category=shirts))
        make_variant(product=make_product(category=women))
        make_variant(product=make_product(category=bags), on_hand=0)
        make_variant(product=make_product(category=bags, is_published=False))

        follow_up()
        assert category_tree("id") == [
            CategoryView(
                slug="wanita",
                name="Wanita",
                children=[CategoryView(slug="kemeja", name="Kemeja", children=[], product_count=1)],
                product_count=2,
            ),
            CategoryView(slug="tas", name="Tas", children=[], product_count=1),
        ]

    def test_tree_costs_as_many_queries_for_ten_as_for_one(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(10):
            make_variant(product=make_product(category=make_category(f"Kategori {number}")))

        follow_up()

        with django_assert_num_queries(3):
            assert len(category_tree("id")) == 10

    def test_without_a_name_shows_its_number(self) -> None:
        category = Category.objects.create()
        make_variant(product=make_product("Kaos", category=category))

        assert [(each.slug, each.name) for each in category_tree("id")] == [
            (str(category.pk), str(category.pk))
        ]
        assert listing(category_slug=str(category.pk)).total == 1
