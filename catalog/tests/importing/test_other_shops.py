"""Files as Shopify and WooCommerce export them, with the dirt that is found in real ones."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.models import ImageState, OptionTranslation, Product, Variant
from catalog.tests.builders import make_category, stock_of
from catalog.tests.importing.files import (
    SAMPLES,
    coordinates,
    counts_of,
    import_file,
    matrix,
    movements_sum_to_stock,
    names,
    problems_of,
    product_named,
    variants_of,
    write,
)

pytestmark = pytest.mark.usefixtures("boutique")

SHOPIFY = SAMPLES / "shopify_products_export.csv"
TEMPLATE = SAMPLES / "shopify_template.csv"
WOOCOMMERCE = SAMPLES / "woocommerce_products.csv"


def pictures_of(product: Product) -> list[tuple[str, str | None]]:
    """(File name, the value it shows), in the order of the page."""
    rows = product.images.order_by("position").values_list("source_url", "option_value__code")
    return [(url.rpartition("/")[2].partition("?")[0], value) for url, value in rows]


def test_a_product_of_shopify() -> None:
    run = import_file(SHOPIFY, create_categories=True)
    assert run.format == "shopify"
    shirt = product_named("Kemeja Linen")
    text = shirt.translations.get()
    assert (text.language, text.slug) == ("id", "kemeja-linen")
    assert text.description == "Kemeja dari linen asli.\n\n• Potongan lurus\n• Kancing kayu"
    assert (text.seo_title, text.seo_description) == (
        "Kemeja Linen | RONA",
        "Kemeja linen yang adem.",
    )
    assert shirt.category.translations.get().name == "Kemeja"
    assert matrix(shirt) == [
        {"colour": "terakota", "size": "s"},
        {"colour": "terakota", "size": "m"},
        {"colour": "navy", "size": "s"},
    ]
    small, medium, navy = variants_of(shirt)
    assert (small.sku, small.barcode, small.weight_grams) == ("KL-T-S", "8991234567890", 250)
    assert (small.cost_minor, navy.sku, medium.barcode) == (120_000, "", "")
    price = small.prices.get()
    assert (price.amount_minor, price.compare_at_minor) == (249_000, 299_000)
    # No reduction where the price before is the same.
    assert navy.prices.get().compare_at_minor is None
    assert [stock_of(variant) for variant in (small, medium, navy)] == [(4, 0), (0, 0), (0, 0)]
    assert movements_sum_to_stock()


def test_pictures_of_shopify_wait_to_be_fetched_each_with_its_colour() -> None:
    import_file(SHOPIFY, create_categories=True)
    shirt = product_named("Kemeja Linen")
    assert pictures_of(shirt) == [
        ("kemeja-depan.jpg", None),
        ("kemeja-terakota.jpg", "terakota"),
        ("kemeja-navy.jpg", "navy"),
        ("kemeja-belakang.jpg", None),
    ]
    assert set(shirt.images.values_list("state", flat=True)) == {ImageState.FETCHING}


def test_the_dirt_of_shopify_is_said_by_line_and_column() -> None:
    run = import_file(SHOPIFY, create_categories=True)
    assert problems_of(run) == [
        (7, "Variant Barcode", "mangled_barcode"),
        (7, "Variant Inventory Qty", "stock_below_zero"),
        (8, "Variant Inventory Qty", "stock_not_counted"),
        (10, "Image Src", "bad_picture"),
        (11, "Variant Price", "too_fine"),
    ]
    assert counts_of(run) == (3, 0, 0, 1)
    assert names() == ["Kemeja Linen", "Tas Kulit", "Kaos Satu"]
    bag = product_named("Tas Kulit")
    assert (bag.is_published, matrix(bag)) == (False, [{}])
    assert [variant.sku for variant in variants_of(product_named("Kaos Satu"))] == ["DUP", "DUP"]


@pytest.mark.parametrize("file", [SHOPIFY, TEMPLATE, WOOCOMMERCE])
def test_a_second_time_changes_nothing(file: Path) -> None:
    first = import_file(file, create_categories=True)
    second = import_file(file, create_categories=True)
    assert first.created_products > 0
    assert counts_of(second) == (0, 0, first.created_products, first.skipped_products)


def test_the_template_that_shopify_hands_out_now() -> None:
    run = import_file(TEMPLATE, create_categories=True)
    assert (run.format, counts_of(run), problems_of(run)) == ("shopify", (1, 0, 0, 0), [])
    trousers = product_named("Celana Kulot")
    assert trousers.is_published
    assert [(variant.sku, variant.weight_grams) for variant in variants_of(trousers)] == [
        ("CK-M", 320),
        ("CK-L", 330),
    ]


def test_a_variable_product_of_woocommerce_and_its_variations() -> None:
    run = import_file(WOOCOMMERCE, create_categories=True)
    assert run.format == "woocommerce"
    shirt = product_named("Kaos V & Lengan")
    text = shirt.translations.get()
    assert text.description == "Kaos katun.\n\nKaos katun halus.\n\nCuci dingin.\\nSetrika."
    assert shirt.category.translations.get(language="id").name == "Atasan"
    # "Any size" of a variation is each size that its parent offers.
    assert matrix(shirt) == [
        {"colour": "merah", "size": "s"},
        {"colour": "merah", "size": "m"},
        {"colour": "biru", "size": "m"},
    ]
    red, red_too, blue = variants_of(shirt)
    assert (red.sku, red_too.sku, blue.sku) == ("kaos-v-merah", "kaos-v-merah", "")
    price = red_too.prices.get()
    assert (price.amount_minor, price.compare_at_minor) == (120_000, 150_000)
    assert [stock_of(variant) for variant in (red, red_too, blue)] == [(6, 0), (0, 0), (0, 0)]
    assert pictures_of(shirt) == [("kaos-1.jpg", None), ("kaos-merah.jpg", "merah")]
    assert OptionTranslation.objects.get(option__code="colour").name == "Color"


def test_products_of_woocommerce_with_one_name_and_one_sku_stay_two() -> None:
    import_file(WOOCOMMERCE, create_categories=True)
    hats = Product.objects.filter(translations__name="Topi").order_by("pk")
    assert [hat.translations.get().slug for hat in hats] == ["topi", "topi-47"]
    first = Variant.objects.get(product=hats[0])
    assert (first.sku, first.barcode, first.weight_grams) == ("topi", "899001", 200)
    # The sale is over.
    price = first.prices.get()
    assert (price.amount_minor, price.compare_at_minor) == (99_000, None)


def test_the_dirt_of_woocommerce_is_said_by_line_and_column() -> None:
    run = import_file(WOOCOMMERCE, create_categories=True)
    assert problems_of(run) == [
        (4, "Type", "unknown_type"),
        (5, "Stock", "stock_not_counted"),
        (6, "Stock", "stock_shared"),
        (7, "Stock", "stock_not_counted"),
        (8, "Parent", "missing_parent"),
        (9, "Stock", "stock_not_counted"),
    ]
    assert counts_of(run) == (4, 0, 0, 2)
    assert not product_named("Voucher").is_published


def test_a_variation_may_stand_before_its_parent(tmp_path: Path) -> None:
    header, *rows = WOOCOMMERCE.read_text().splitlines()
    turned = write(tmp_path, "\n".join([header, *reversed(rows)]) + "\n")
    import_file(turned, create_categories=True)
    assert [coordinates(variant) for variant in variants_of(product_named("Kaos V & Lengan"))] == [
        {"colour": "merah", "size": "s"},
        {"colour": "merah", "size": "m"},
        {"colour": "biru", "size": "m"},
    ]


def test_a_sale_of_woocommerce_begins_and_ends(tmp_path: Path) -> None:
    make_category("Aksesori")
    start = timezone.localdate() + timedelta(days=3)
    end = start + timedelta(days=4)
    file = write(
        tmp_path,
        "ID,Type,Name,Regular price,Sale price,Date sale price starts,Date sale price ends,"
        f"Categories,Stock\n1,simple,Topi,99000,79000,{start},{end},Aksesori,1\n",
    )
    assert problems_of(import_file(file)) == []
    before, sale, after = Variant.objects.get().prices.order_by("valid_from")
    assert [p.amount_minor for p in (before, sale, after)] == [99_000, 79_000, 99_000]
    assert sale.compare_at_minor == 99_000
    assert timezone.localtime(sale.valid_from).date() == start
    assert timezone.localtime(after.valid_from).date() == end + timedelta(days=1)
    assert counts_of(import_file(file)) == (0, 0, 1, 0)


def test_a_woocommerce_file_with_a_row_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken = WOOCOMMERCE.read_text().replace('"simple, virtual",', '"simple" virtual,')
    run = import_file(write(tmp_path, broken), create_categories=True)
    # It could be a variation of any product: nothing would be sure to be whole.
    assert (run.state, problems_of(run)) == ("refused", [(9, "", "broken_row")])
    assert not Product.objects.exists()


def test_texts_can_be_in_another_language_than_the_shops_first(tmp_path: Path) -> None:
    make_category("Topi", name_en="Hats")
    file = write(tmp_path, "ID,Type,Name,Regular price,Categories,Stock\n1,simple,Hat,9,Hats,1\n")
    run = import_file(file, language="en", currency="USD")
    assert problems_of(run) == []
    text = Product.objects.get().translations.get()
    assert (text.language, text.name, text.slug) == ("en", "Hat", "hat")
    price = Variant.objects.get().prices.get()
    assert (price.currency, price.amount_minor) == ("USD", 900)
