"""Whatever changes, a second later the kept page of a product shows what a new one would show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from catalog.inventory import reserve
from catalog.listing.refresh import deferred, refresh
from catalog.models import (
    CategoryTranslation,
    ListingChange,
    ListingSchedule,
    Location,
    Measure,
    MeasureEntry,
    MeasureTranslation,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Price,
    Product,
    ProductImage,
    ProductOption,
    ProductTranslation,
    Seller,
    SizeGuide,
    SizeGuideTranslation,
    Variant,
    VariantValue,
)
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_location,
    make_product,
    make_stock,
    make_value,
    make_variant,
)
from catalog.tests.test_product_page import make_guide
from tests.running import eventually

pytestmark = pytest.mark.django_db
PAGE, ANSWER = "/p/kemeja/", "/api/v1/products/kemeja"


@dataclass
class Shirt:
    """A cheap one that is plenty in two cities, and a dear one that is scarce."""

    product: Product
    cheap: Variant
    dear: Variant

    @property
    def texts(self) -> Any:
        return ProductTranslation.objects.filter(product=self.product)


@pytest.fixture
def shirt() -> Shirt:
    product = make_product("Kemeja")
    make_guide(product)
    for position in range(3):
        make_image(product, name=f"foto-{position}", position=position)
    cheap = make_variant(product=product, size="M", colour="navy", price=149_000, on_hand=10)
    dear = make_variant(product=product, size="L", colour="terakota", price=199_000, on_hand=5)
    make_stock(cheap, on_hand=8, location=make_location(city="Kota Solo"))
    follow_up()
    return Shirt(product, cheap, dear)


def shown(client: Client) -> list[str]:
    """The page and the API's answer, empty where there is none any more."""
    answers = [client.get(path) for path in (PAGE, ANSWER)]
    return [answer.text if answer.status_code == 200 else "" for answer in answers]


def new_guide() -> SizeGuide:
    guide = SizeGuide.objects.create(name="Lain")
    measure = Measure.objects.create(guide=guide, code="waist")
    MeasureEntry.objects.create(measure=measure, size=make_value("size", "M"), millimetres=300)
    return guide


def sell(variant: Variant, units: int) -> None:
    item = variant.stock_items.earliest("pk")
    reserve(holder=uuid4(), quantities={item.pk: units}, until=timezone.now())


def import_price(shirt: Shirt) -> None:
    """As imports write: the triggers are told to keep still."""
    with deferred():
        Price.objects.filter(variant=shirt.dear).update(amount_minor=210_000)
        refresh([shirt.product.pk])


def text(**fields: str) -> Callable[[Shirt], object]:
    return lambda shirt: shirt.texts.filter(language="id").update(**fields)


CHANGES: dict[str, Callable[[Shirt], object]] = {
    "the price of a variant that is not the cheapest": lambda shirt: Price.objects.filter(
        variant=shirt.dear
    ).update(amount_minor=189_000),
    "a price before the sale": lambda shirt: Price.objects.filter(variant=shirt.dear).update(
        compare_at_minor=250_000
    ),
    "an imported price": import_price,
    "a sale of what is scarce": lambda shirt: sell(shirt.dear, 1),
    "a sale of the last": lambda shirt: sell(shirt.dear, 5),
    "one of two cities is empty": lambda shirt: sell(shirt.cheap, 10),
    "goods that come in elsewhere": lambda shirt: make_stock(
        shirt.dear, on_hand=60, location=make_location(city="Kota Solo")
    ),
    "a weight": lambda shirt: Variant.objects.filter(pk=shirt.dear.pk).update(weight_grams=450),
    "a SKU": lambda shirt: Variant.objects.filter(pk=shirt.dear.pk).update(sku="KMJ-L"),
    "a variant that is no longer offered": lambda shirt: Variant.objects.filter(
        pk=shirt.dear.pk
    ).update(is_active=False),
    "another value of a variant": lambda shirt: VariantValue.objects.filter(
        variant=shirt.dear, option__code="size"
    ).update(value=make_value("size", "XL")),
    "care": text(care="Cuci dengan tangan."),
    "material": text(material="Linen"),
    "model": text(model_size="168 cm, M"),
    "title for search engines": text(seo_title="Kemeja linen"),
    "description for search engines": text(seo_description="Kemeja linen yang adem."),
    "a description": text(description="Adem."),
    "a name": text(name="Kemeja Biru"),
    "a text in another language": lambda shirt: shirt.texts.filter(language="en").delete(),
    "a later picture": lambda _shirt: ProductImage.objects.filter(position=2).update(
        renditions=[{"format": "webp", "width": 480, "path": "products/baru-480.webp"}]
    ),
    "a picture less": lambda _shirt: ProductImage.objects.filter(position=2).delete(),
    "no size guide": lambda shirt: Product.objects.filter(pk=shirt.product.pk).update(
        size_guide=None
    ),
    "another size guide": lambda shirt: Product.objects.filter(pk=shirt.product.pk).update(
        size_guide=new_guide()
    ),
    "a size guide's title": lambda _shirt: SizeGuideTranslation.objects.update(title="Atasan"),
    "a measure's name": lambda _shirt: MeasureTranslation.objects.update(name="Lingkar"),
    "a measure's place": lambda _shirt: Measure.objects.filter(code="chest").update(position=9),
    "a length": lambda _shirt: MeasureEntry.objects.update(millimetres=610),
    "a measure less": lambda _shirt: Measure.objects.get(code="length").delete(),
    "the order of options": lambda _shirt: ProductOption.objects.filter(
        option__code="colour"
    ).update(position=9),
    "an option less": lambda shirt: ProductOption.objects.filter(option__code="size").delete(),
    "an option's name": lambda _shirt: OptionTranslation.objects.filter(
        option__code="size", language="id"
    ).update(name="Besar"),
    "an option's place": lambda _shirt: Option.objects.filter(code="size").update(code="besar"),
    "a colour": lambda _shirt: OptionValue.objects.filter(code="navy").update(swatch="#112233"),
    "a colour's name": lambda _shirt: OptionValueTranslation.objects.filter(
        value__code="navy", language="id"
    ).update(name="Biru"),
    "a colour without a name": lambda _shirt: OptionValueTranslation.objects.filter(
        value__code="navy"
    ).delete(),
    "a city": lambda _shirt: Location.objects.filter(city="Kota Pekalongan").update(city="Tegal"),
    "a seller's name": lambda _shirt: Seller.objects.update(name="RONA Baru"),
    "a seller who rests": lambda _shirt: Seller.objects.update(is_active=False),
    "a category's name": lambda _shirt: CategoryTranslation.objects.filter(language="id").update(
        name="Perempuan"
    ),
    "another category": lambda shirt: Product.objects.filter(pk=shirt.product.pk).update(
        category=make_category("Pria")
    ),
    "a rating": lambda shirt: Product.objects.filter(pk=shirt.product.pk).update(
        rating_sum=9, rating_count=2
    ),
    "an end of the publication": lambda shirt: Product.objects.filter(pk=shirt.product.pk).update(
        publish_until=timezone.now() - timedelta(seconds=1)
    ),
}


def assert_shown_anew(client: Client, before: list[str]) -> None:
    """What is kept differs from before, and is what the shop would write now."""
    after = shown(client)
    cache.clear()
    assert after == shown(client)
    assert after != before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_kept_page_shows_every_change(
    client: Client, shirt: Shirt, change: Callable[[Shirt], object]
) -> None:
    before = shown(client)

    change(shirt)
    follow_up()

    assert_shown_anew(client, before)


def test_of_three_options_the_last_of_one_combination_is_shown_as_sold_out(
    client: Client, shirt: Shirt
) -> None:
    """Every two of its values are still to be had."""
    sleeve = Option.objects.create(code="sleeve", position=5)
    ProductOption.objects.create(product=shirt.product, option=sleeve, position=5)
    short, long = (OptionValue.objects.create(option=sleeve, code=code) for code in ("s", "l"))
    for variant in Variant.objects.all():
        VariantValue.objects.create(variant=variant, option=sleeve, value=short)
    for size, colour, value in (
        ("M", "terakota", long),
        ("L", "navy", long),
        ("L", "terakota", short),
        ("L", "terakota", long),
    ):
        variant = make_variant(product=shirt.product, size=size, colour=colour, on_hand=1)
        VariantValue.objects.create(variant=variant, option=sleeve, value=value)
    follow_up()
    before = shown(client)

    sell(variant, 1)
    follow_up()

    assert_shown_anew(client, before)


def test_a_change_of_very_many_products_is_told_before_their_listings_are_written(
    client: Client, shirt: Shirt
) -> None:
    for _ in range(101):
        make_product()
    follow_up()
    before = shown(client)

    Product.objects.update(rating_sum=4, rating_count=1)

    assert ListingChange.objects.filter(product_id=shirt.product.pk, is_listed=False).exists()
    follow_up()
    assert shown(client) != before


@pytest.mark.django_db(transaction=True)
def test_a_price_that_ends_by_itself_is_no_longer_shown(client: Client, shirt: Shirt) -> None:
    before = shown(client)
    over = timezone.now() - timedelta(seconds=1)
    with transaction.atomic(), deferred():
        Price.objects.filter(variant=shirt.dear).update(
            valid_from=over - timedelta(hours=1), valid_until=over
        )
    ListingSchedule.objects.create(product=shirt.product, due_at=over)

    follow_up()

    assert shown(client) != before
    assert "199.000" not in client.get(PAGE).text


def test_a_picture_that_is_ready_later_is_told_for_its_product_only(
    client: Client, shirt: Shirt
) -> None:
    other = make_variant(product=make_product("Kaos")).product
    follow_up()

    ProductImage.objects.filter(position=2).update(colour="#aabbcc")

    assert [*ListingChange.objects.values_list("product_id", "is_listed")] == [
        (shirt.product.pk, False)
    ]
    assert other.pk != shirt.product.pk


@pytest.mark.parametrize("plan", ["enable_hashagg", "enable_hashjoin", "enable_seqscan"])
def test_rows_read_in_another_order_make_no_other_listing(shirt: Shirt, plan: str) -> None:
    """The planner changes its mind with its statistics; no page has to be built anew for that."""
    words = "SELECT words::text FROM catalog_listing_words(ARRAY[%s::bigint])"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        cursor.execute(words, [shirt.product.pk])
        usual = cursor.fetchone()
        cursor.execute(f"SET LOCAL {plan} = off")
        cursor.execute(words, [shirt.product.pk])
        assert cursor.fetchone() == usual


def test_how_many_are_left_is_said_up_to_a_number_that_is_always_right(
    client: Client, shirt: Shirt
) -> None:
    def available() -> list[int]:
        return [variant["available"] for variant in client.get(ANSWER).json()["variants"]]

    def becomes(numbers: list[int]) -> None:
        """Of changes in a row, pages are built twice a second."""
        eventually(lambda: available() == numbers, what=f"{numbers}", seconds=5)

    # Of 10 in one city and 8 in the other, and of 5.
    assert available() == [6, 5]
    sell(shirt.cheap, 10)
    follow_up()
    assert available() == [6, 5]
    last = shirt.cheap.stock_items.get(location__city="Kota Solo")
    for units, left in ((2, 6), (1, 5), (2, 3)):
        reserve(holder=uuid4(), quantities={last.pk: units}, until=timezone.now())
        follow_up()
        becomes([left, 5])
