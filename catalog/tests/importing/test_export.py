"""The export: the same bytes each time, and again after it was imported."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.importing import export
from catalog.importing.export import exported
from catalog.models import (
    Attribute,
    AttributeValue,
    Category,
    Location,
    Option,
    Product,
    ProductAttribute,
    ProductImage,
    ProductTranslation,
    SizeGuide,
    Variant,
)
from catalog.tests.builders import (
    make_category,
    make_image,
    make_location,
    make_price,
    make_product,
    make_seller,
    make_stock,
    make_value,
    make_variant,
)
from catalog.tests.importing.files import counts_of, import_file, problems_of
from tests.racing import race

pytestmark = pytest.mark.django_db

AWKWARD = 'Baris satu\r\nbaris "dua"; tiga,\n\n=1+1 😀 \t'


def fill_the_shop() -> None:
    """One of everything that a product can have, with texts that a CSV file stumbles over."""
    seller = make_seller()
    now = timezone.now()
    make_location(seller=seller, city="Pekalongan")
    toko = make_location(seller=seller, city="Toko")
    guide = SizeGuide.objects.create(name="Kemeja wanita")
    top = make_category("Atasan > Baru", parent=make_category("Wanita"))
    shirt = make_product(
        "=Kemeja",
        category=top,
        size_guide=guide,
        publish_from=now - timedelta(days=2, microseconds=17),
        publish_until=(now + timedelta(days=9)).replace(hour=16, minute=59, second=59),
    )
    ProductTranslation.objects.filter(product=shirt, language="id").update(
        description=AWKWARD, care="'Cuci dingin", material="-", seo_title="@rona", slug="kemeja"
    )
    sold = make_variant(product=shirt, size="M", colour="navy", sku="+62", on_hand=3)
    make_stock(sold, on_hand=4, location=toko)
    sale = make_variant(product=shirt, size="L", colour="navy", sku="", price=None, is_active=False)
    start = now + timedelta(days=3)
    make_price(sale, 199_000, valid_from=now - timedelta(days=1), valid_until=start)
    make_price(sale, 149_000, compare_at=199_000, valid_from=start)
    make_price(sale, 1250, currency="USD")
    Variant.objects.filter(pk=sale.pk).update(cost_minor=88_000, barcode="8991234567890")
    material = Attribute.objects.create(code="material")
    for code in ("linen", "katun"):
        value = AttributeValue.objects.create(attribute=material, code=code)
        ProductAttribute.objects.create(product=shirt, value=value)
    make_image(shirt, colour="navy", name="navy")
    ProductImage.objects.create(
        product=shirt, source_url="https://cdn.example/a,b.jpg", state="failed", position=1
    )
    make_product("Tanpa varian", languages=["id"], is_published=False)
    make_variant(product=make_product("Tas"), size=None, colour=None, price=None)


def all_bytes() -> bytes:
    return b"".join(exported())


def test_an_import_of_the_export_changes_nothing_and_exports_the_same(tmp_path: Path) -> None:
    fill_the_shop()
    before = all_bytes()
    assert all_bytes() == before
    file = tmp_path / "katalog.csv"
    file.write_bytes(before)
    run = import_file(file)
    assert (problems_of(run), counts_of(run)) == ([], (0, 0, 3, 0))
    assert all_bytes() == before


def test_an_empty_shop_that_takes_the_export_exports_the_same(tmp_path: Path) -> None:
    fill_the_shop()
    before = all_bytes()
    file = tmp_path / "katalog.csv"
    file.write_bytes(before)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE catalog_product, catalog_option, catalog_attribute CASCADE")
        cursor.execute("TRUNCATE catalog_category CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert not Product.objects.exists()
    run = import_file(file, create_categories=True)
    assert [p for p in problems_of(run) if p[2] != "missing_price"] == []
    assert counts_of(run) == (3, 0, 0, 0)
    assert all_bytes() == before
    assert Category.objects.count() == 2
    assert ProductTranslation.objects.get(slug="kemeja").description == AWKWARD
    assert Option.objects.count() == 2


def again(tmp_path: Path, *, in_an_empty_shop: bool = False) -> tuple[int, int, int, int]:
    """Import the export, which must then be the same; returns the counts of that import."""
    before = all_bytes()
    file = tmp_path / "katalog.csv"
    file.write_bytes(before)
    if in_an_empty_shop:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE catalog_product, catalog_option, catalog_attribute CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    run = import_file(file)
    assert problems_of(run) == []
    assert all_bytes() == before
    return counts_of(run)


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_picture_whose_address_has_a_bar_comes_back(tmp_path: Path, *, is_empty: bool) -> None:
    product = make_variant().product
    url = "https://cdn.example/a|b.jpg?w=1|2"
    ProductImage.objects.create(product=product, source_url=url, state="failed")
    assert again(tmp_path, in_an_empty_shop=is_empty) == (
        (1, 0, 0, 0) if is_empty else (0, 0, 1, 0)
    )
    assert ProductImage.objects.count() == 1


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_product_of_one_language_comes_back(tmp_path: Path, *, is_empty: bool) -> None:
    make_variant(product=make_product("Skirt", languages=["en"]))
    assert again(tmp_path, in_an_empty_shop=is_empty) == (
        (1, 0, 0, 0) if is_empty else (0, 0, 1, 0)
    )
    assert list(ProductTranslation.objects.values_list("language", flat=True)) == ["en"]


def test_codes_come_back_as_they_were_written(tmp_path: Path) -> None:
    variant = make_variant(size="XL", colour="Biru_Tua")
    material = Attribute.objects.create(code="Bahan")
    value = AttributeValue.objects.create(attribute=material, code="Katun-A")
    ProductAttribute.objects.create(product=variant.product, value=value)
    make_image(variant.product, colour="Biru_Tua", name="biru")
    assert again(tmp_path, in_an_empty_shop=True) == (1, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_an_export_is_of_one_moment_whatever_staff_do_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "BATCH", 1)
    first = make_variant(sku="LAMA")
    make_variant(sku="LAMA-2")
    whole = all_bytes()

    def work() -> None:
        make_variant(colour="navy", size="XL", product=first.product, sku="BARU")
        make_variant(product=make_product(category=make_category("Pria")), sku="BARU-2")

    pieces = exported()
    begun = next(pieces)
    assert race([work]) == [None]
    assert begun + b"".join(pieces) == whole
    assert not connection.in_atomic_block
    assert b"BARU-2" in all_bytes()


def test_nothing_in_a_cell_is_run_by_a_spreadsheet() -> None:
    fill_the_shop()
    text = all_bytes().decode("utf-8-sig")
    assert "'=Kemeja" in text
    assert "'+62" in text
    assert "'@rona" in text
    assert ",=" not in text
    assert ",+" not in text


def test_prices_that_are_over_are_not_exported() -> None:
    variant = make_variant(price=None)
    now = timezone.now()
    make_price(variant, 99_000, valid_from=now - timedelta(2), valid_until=now - timedelta(1))
    make_price(variant, 111_000, valid_from=now - timedelta(1))
    text = all_bytes().decode()
    assert "99000" not in text
    assert ",111000,," in text


def test_columns_are_told_apart_where_names_are_the_same(tmp_path: Path) -> None:
    _one, other = (make_location(seller=make_seller(name), city="Gudang") for name in ("A", "B"))
    Location.objects.update(name="Gudang")
    variant = make_variant(product=make_product(seller=make_seller("B")), location=other)
    header = all_bytes().decode("utf-8-sig").splitlines()[0]
    assert header.endswith("stock:A / Gudang,stock:B / Gudang")
    file = tmp_path / "katalog.csv"
    file.write_bytes(all_bytes())
    assert counts_of(import_file(file)) == (0, 0, 1, 0)
    assert variant.stock_items.count() == 1


def test_an_export_costs_as_many_queries_for_six_products_as_for_one(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_value("size", "M")
    make_variant()
    with django_assert_num_queries(21):
        all_bytes()
    for _ in range(5):
        make_variant()
    with django_assert_num_queries(21):
        all_bytes()
    monkeypatch.setattr(export, "BATCH", 2)
    assert all_bytes().count(b"\r\n") == 7


def test_the_command_writes_a_whole_file_or_none(tmp_path: Path) -> None:
    make_variant()
    target = tmp_path / "katalog.csv"
    call_command("export_catalogue", target)
    assert target.read_bytes() == all_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["katalog.csv"]
