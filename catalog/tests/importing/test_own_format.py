"""Our own file: what it makes, what it changes, and that a second time changes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.models import (
    Category,
    Location,
    OptionValueTranslation,
    Price,
    Product,
    ProductOption,
    StockMovement,
    Variant,
)
from catalog.tests.builders import (
    make_category,
    make_location,
    make_product,
    make_seller,
    make_value,
    make_variant,
    stock_of,
)
from catalog.tests.importing.files import (
    HEADER,
    coordinates,
    counts_of,
    import_file,
    matrix,
    movements_sum_to_stock,
    names,
    own,
    problems_of,
    product_named,
    variants_of,
)

pytestmark = pytest.mark.usefixtures("boutique")

ROW_M = ",,Wanita > Atasan,yes,Kemeja Linen,,,KL-M,300,Terakota,M,149000,199000,5"
ROW_L = ",,,,,,,KL-L,310,Terakota,L,149000,199000,0"


def all_rows() -> list[object]:
    return [*Product.objects.values(), *Variant.objects.values(), *Price.objects.values()]


def test_a_product_with_its_variants(tmp_path: Path) -> None:
    make_value("size", "M")
    run = import_file(own(tmp_path, ROW_M, ROW_L))
    assert (counts_of(run), problems_of(run)) == ((1, 0, 0, 0), [])
    assert (run.state, run.next_row, run.total_rows) == ("done", 2, 2)
    product = product_named("Kemeja Linen")
    assert product.is_published
    assert product.translations.get().slug == "kemeja-linen"
    assert matrix(product) == [
        {"colour": "terakota", "size": "m"},
        {"colour": "terakota", "size": "l"},
    ]
    first, second = variants_of(product)
    assert (first.sku, first.weight_grams, first.is_active) == ("KL-M", 300, True)
    assert stock_of(first) == (5, 0)
    assert stock_of(second) == (0, 0)
    price = first.prices.get()
    assert (price.amount_minor, price.compare_at_minor, price.valid_until) == (
        149_000,
        199_000,
        None,
    )
    assert StockMovement.objects.get().kind == StockMovement.Kind.RECEIVED
    assert movements_sum_to_stock()


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    file = own(tmp_path, ROW_M, ROW_L)
    import_file(file)
    before = all_rows()
    run = import_file(file)
    assert counts_of(run) == (0, 0, 1, 0)
    assert all_rows() == before
    assert StockMovement.objects.count() == 1


def test_a_dry_run_says_what_would_come_and_changes_nothing(tmp_path: Path) -> None:
    bad = ",,Tidak Ada,yes,Rok,,,R,x,Navy,M,99000,,1"
    run = import_file(own(tmp_path, ROW_M, ROW_L, bad), dry_run=True)
    assert counts_of(run) == (1, 0, 0, 1)
    assert problems_of(run) == [
        (4, "category", "unknown_category"),
        (4, "weight_grams", "not_a_number"),
    ]
    assert not Product.objects.exists()
    assert not OptionValueTranslation.objects.exists()


def test_never_half_a_product(tmp_path: Path) -> None:
    bad = ",,,,,,,KL-X,310,Terakota,L,149000.50,,0"
    skirt = ",,Wanita,yes,Rok,,,R-M,300,Navy,M,99000,,1"
    run = import_file(own(tmp_path, ROW_M, bad, skirt))
    assert problems_of(run) == [(3, "price:IDR", "too_fine")]
    assert counts_of(run) == (1, 0, 0, 1)
    assert names() == ["Rok"]
    assert not OptionValueTranslation.objects.filter(name="Terakota").exists()


def test_a_file_is_refused_as_a_whole_where_that_was_asked_for(tmp_path: Path) -> None:
    skirt = ",,Wanita,yes,Rok,,,R-M,300,Navy,M,-1,,1"
    file = own(tmp_path, ROW_M, ROW_L, skirt)
    run = import_file(file, on_problem="refuse")
    assert (run.state, problems_of(run)) == ("refused", [(4, "price:IDR", "negative")])
    assert not Product.objects.exists()
    mended = own(tmp_path, ROW_M, ROW_L, skirt.replace("-1", "99000"))
    run = import_file(mended, on_problem="refuse")
    assert (run.state, counts_of(run)) == ("done", (2, 0, 0, 0))
    assert names() == ["Kemeja Linen", "Rok"]


def test_only_what_differs_is_changed(tmp_path: Path) -> None:
    import_file(own(tmp_path, ROW_M, ROW_L))
    old = variants_of(product_named("Kemeja Linen"))
    dearer = ROW_M.replace("149000,199000,5", "159000,199000,7")
    run = import_file(own(tmp_path, dearer, ROW_L.replace("310", "320")))
    assert counts_of(run) == (0, 1, 0, 0)
    first, second = variants_of(product_named("Kemeja Linen"))
    assert [first.pk, second.pk] == [variant.pk for variant in old]
    assert second.weight_grams == 320
    # The price before is history; it ends when the new one begins.
    ended, new = first.prices.order_by("valid_from")
    assert (ended.amount_minor, new.amount_minor) == (149_000, 159_000)
    assert ended.valid_until == new.valid_from
    assert second.prices.count() == 1
    correction = StockMovement.objects.get(kind=StockMovement.Kind.CORRECTED)
    assert (correction.quantity, correction.reason) == (2, "katalog.csv")
    assert stock_of(first) == (7, 0)
    assert movements_sum_to_stock()


def test_stock_is_left_alone_where_that_was_asked_for(tmp_path: Path) -> None:
    import_file(own(tmp_path, ROW_M))
    run = import_file(
        own(tmp_path, ROW_M.replace(",5", ",9"), ROW_L.replace(",0", ",3")), stock="keep"
    )
    first, second = variants_of(product_named("Kemeja Linen"))
    # A new variant has no stock that could be left alone.
    assert (stock_of(first), stock_of(second)) == ((5, 0), (3, 0))
    assert counts_of(run) == (0, 1, 0, 0)


def test_a_product_is_found_by_its_identifier_whatever_it_is_called_now(tmp_path: Path) -> None:
    product = make_product("Kemeja Lama")
    variant = make_variant(product=product, sku="", size="M", colour="navy", on_hand=2)
    row = f"{product.public_id},,,,Kemeja Baru,kemeja-baru,{variant.public_id},NEW,250,navy,L,,,2"
    run = import_file(own(tmp_path, row))
    assert (counts_of(run), problems_of(run)) == ((0, 1, 0, 0), [])
    text = product.translations.get(language="id")
    assert (text.name, text.slug) == ("Kemeja Baru", "kemeja-baru")
    variant.refresh_from_db()
    assert (variant.sku, coordinates(variant)) == ("NEW", {"colour": "navy", "size": "l"})
    # A blank price leaves alone what it costs.
    assert variant.prices.get().amount_minor == 149_000


def test_identifiers_that_are_new_here_are_kept(tmp_path: Path) -> None:
    key = "01234567-89ab-4cde-8f01-23456789abcd"
    row = f"{key},,Wanita,yes,Rok,,{key},R-M,300,Navy,M,99000,,1"
    import_file(own(tmp_path, row))
    assert str(Product.objects.get().public_id) == key
    assert str(Variant.objects.get().public_id) == key


def test_blank_and_duplicate_skus_are_no_trouble(tmp_path: Path) -> None:
    rows = [
        ",,Wanita,yes,Rok,,,,300,Navy,M,99000,,1",
        ",,,,,,,,300,Navy,L,99000,,2",
        ",,Wanita,yes,Kaos,,,SAMA,300,Navy,M,89000,,3",
        ",,,,,,,SAMA,300,Navy,L,89000,,4",
    ]
    file = own(tmp_path, *rows)
    assert counts_of(import_file(file)) == (2, 0, 0, 0)
    assert counts_of(import_file(file)) == (0, 0, 2, 0)
    assert [variant.sku for variant in Variant.objects.order_by("pk")] == ["", "", "SAMA", "SAMA"]


def test_products_of_one_name_get_addresses_that_stay(tmp_path: Path) -> None:
    rows = [f",,Wanita,yes,Kaos Polos,,,K{n},300,,,{n}9000,,1" for n in (1, 2)]
    other = ",,Wanita,yes,Rok,,,R,300,,,99000,,1"
    file = own(tmp_path, rows[0], other, rows[1])
    import_file(file)
    by_slug = {p.translations.get().slug: p.variants.get().sku for p in Product.objects.all()}
    assert by_slug == {"kaos-polos": "K1", "rok": "R", "kaos-polos-2": "K2"}
    assert counts_of(import_file(file)) == (0, 0, 3, 0)


def test_an_address_that_another_product_has_is_refused(tmp_path: Path) -> None:
    make_product("Rok")
    key = "01234567-89ab-4cde-8f01-23456789abcd"
    run = import_file(own(tmp_path, f"{key},,Wanita,yes,Rok Baru,rok,,R,300,,,99000,,1"))
    assert problems_of(run) == [(2, "slug:id", "slug_taken")]
    assert names() == ["Rok"]


def test_rows_of_one_product_may_lie_apart(tmp_path: Path) -> None:
    rows = [
        ",,Wanita,yes,Rok,rok,,R-M,300,Navy,M,99000,,1",
        ",,Wanita,yes,Kaos,kaos,,K-M,300,Navy,M,89000,,1",
        ",,,,,rok,,R-L,300,Navy,L,99000,,1",
    ]
    file = own(tmp_path, *rows)
    run = import_file(file)
    assert (counts_of(run), run.next_row) == ((2, 0, 0, 0), 3)
    assert [variant.sku for variant in variants_of(product_named("Rok"))] == ["R-M", "R-L"]
    assert counts_of(import_file(file)) == (0, 0, 2, 0)


def test_the_order_of_the_file_is_the_order_in_the_shop(tmp_path: Path) -> None:
    import_file(own(tmp_path, ROW_M, ROW_L))
    middle = ",,,,,,,KL-XL,310,Terakota,XL,149000,,0"
    import_file(own(tmp_path, ROW_M, middle, ROW_L))
    skus = [variant.sku for variant in variants_of(product_named("Kemeja Linen"))]
    assert skus == ["KL-M", "KL-XL", "KL-L"]


def test_variants_that_the_file_does_not_name_stay(tmp_path: Path) -> None:
    import_file(own(tmp_path, ROW_M, ROW_L))
    run = import_file(own(tmp_path, ROW_M))
    assert counts_of(run) == (0, 0, 1, 0)
    assert len(variants_of(product_named("Kemeja Linen"))) == 2


def test_options_are_known_by_what_everybody_calls_them(tmp_path: Path) -> None:
    make_value("colour", "navy")
    header = HEADER.replace("option:colour,option:size", "option:Warna,option:Bahan")
    row = ",,Wanita,yes,Rok,,,R,300,Navy,Katun Jepang,99000,,1"
    import_file(own(tmp_path, row, header=header))
    assert matrix(product_named("Rok")) == [{"colour": "navy", "bahan": "katun-jepang"}]
    assert OptionValueTranslation.objects.get(value__code="katun-jepang").name == "Katun Jepang"
    assert ProductOption.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",,Wanita,maybe,Rok,,,R,300,Navy,M,99000,,1", ("published", "not_yes_or_no")),
        (",,Wanita,yes,,rok,,R,300,Navy,M,99000,,1", ("name:id", "missing_name")),
        (",,Wanita,yes,Rok,rok panjang!,,R,300,Navy,M,99000,,1", ("slug:id", "bad_slug")),
        ("12,,Wanita,yes,Rok,,,R,300,Navy,M,99000,,1", ("product", "bad_identifier")),
        (",,,yes,Rok,,,R,300,Navy,M,99000,,1", ("", "missing_category")),
        (",,Wanita > Rok,yes,Rok,,,R,300,Navy,M,99000,,1", ("category", "unknown_category")),
        (",Lain,Wanita,yes,Rok,,,R,300,Navy,M,99000,,1", ("seller", "unknown_seller")),
        (
            ",,Wanita,yes,Rok,,,R,300,Navy,M,99000,99000,1",
            ("price_before:IDR", "price_before_not_higher"),
        ),
        (",,Wanita,yes,Rok,,,R,300,Navy,M,99000,,1.5", ("stock:Gudang", "not_whole")),
        (",,Wanita,yes,Rok,,,R,300,Navy,M,99000,,1,lebih", ("", "too_many_cells")),
        (",,Wanita,yes,Rok,,," + "R" * 81 + ",300,Navy,M,99000,,1", ("sku", "too_long")),
        (",,Wanita,yes,Rok\0,,,R,300,Navy,M,99000,,1", ("name:id", "bad_character")),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column(
    tmp_path: Path, row: str, problem: tuple[str, str]
) -> None:
    header = HEADER.replace("published", "published").replace(
        "product,category", "product,seller,category"
    )
    run = import_file(own(tmp_path, row, header=header))
    assert (2, *problem) in problems_of(run)
    assert counts_of(run) == (0, 0, 0, 1)
    assert not Product.objects.exists()


def test_what_is_wrong_is_said_in_words_and_with_the_value(tmp_path: Path) -> None:
    run = import_file(own(tmp_path, ROW_M.replace("Wanita > Atasan", "Pria > Atasan")))
    problem = run.problems.get()
    assert (problem.code, problem.value, problem.is_fatal) == (
        "unknown_category",
        "Pria > Atasan",
        True,
    )


def test_two_rows_with_the_same_options_are_a_problem(tmp_path: Path) -> None:
    run = import_file(own(tmp_path, ROW_M, ROW_L.replace(",L,", ",M,")))
    assert problems_of(run) == [(3, "option:colour", "repeated_variant")]
    assert not Product.objects.exists()


def test_a_row_that_cannot_be_read_costs_the_products_that_it_may_belong_to(tmp_path: Path) -> None:
    rows = [
        ",,Wanita,yes,Baju,,,B,300,,,99000,,1",
        ",,Wanita,yes,Rok,,,R,300,Navy,M,99000,,1",
        ',,"Wanita" ya,yes,Kaos',
        ",,Wanita,yes,Celana,,,C,300,Navy,M,99000,,1",
        ",,Wanita,yes,Jaket,,,J,300,Navy,M,99000,,1",
    ]
    run = import_file(own(tmp_path, *rows))
    assert problems_of(run) == [(4, "", "broken_row")]
    assert (names(), counts_of(run)) == (["Baju", "Jaket"], (2, 0, 0, 2))


def test_categories_are_found_by_path_or_by_a_name_that_only_one_has(tmp_path: Path) -> None:
    make_category("Atasan Pria", parent=make_category("Pria"))
    rows = [
        ",,wanita > ATASAN,yes,A,,,A,300,,,99000,,1",
        ",,Atasan Pria,yes,B,,,B,300,,,99000,,1",
    ]
    import_file(own(tmp_path, *rows))
    found = [
        p.category.translations.get(language="id").name for p in Product.objects.order_by("pk")
    ]
    assert found == ["Atasan", "Atasan Pria"]


def test_categories_are_made_where_that_was_asked_for(tmp_path: Path) -> None:
    file = own(
        tmp_path,
        ",,Anak > Rok > Tutu,yes,A,,,A,300,,,99000,,1",
        ",,Anak > Rok,yes,B,,,B,300,,,99000,,1",
    )
    assert counts_of(import_file(file, dry_run=True, create_categories=True)) == (2, 0, 0, 0)
    assert Category.objects.count() == 2
    import_file(file, create_categories=True)
    assert Category.objects.count() == 5
    skirts, tutus = (product_named(name).category for name in ("B", "A"))
    assert tutus.parent == skirts
    assert tutus.translations.get().slug == "tutu"


def test_a_schedule_of_prices(tmp_path: Path) -> None:
    start = timezone.localdate() + timedelta(days=10)
    end = start + timedelta(days=5)
    # A day that is named as the end belongs to the sale.
    after = end + timedelta(days=1)
    schedule = f"99000/149000 @ {start}..{end} | 149000 @ ..{start}T00:00 | 149000 @ {after}.."
    header = HEADER.replace("price_before:IDR", "price_schedule:IDR")
    file = own(tmp_path, f",,Wanita,yes,Rok,,,R,300,,,,{schedule},1", header=header)
    run = import_file(file)
    assert problems_of(run) == []
    now, sale, then = Variant.objects.get().prices.order_by("valid_from")
    assert (now.amount_minor, sale.amount_minor, then.amount_minor) == (149_000, 99_000, 149_000)
    assert (now.valid_until, sale.valid_until) == (sale.valid_from, then.valid_from)
    assert timezone.localtime(then.valid_from).date() == after
    assert counts_of(import_file(file)) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        ("99000 @ 2030-01-01.. | 89000 @ 2030-02-01..", "periods_overlap"),
        ("99000", "bad_schedule"),
        ("99000 @ 2030-01-02..2030-01-01", "period_ends_first"),
        ("99000/89000 @ ..", "price_before_not_higher"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_a_problem(
    tmp_path: Path, schedule: str, code: str
) -> None:
    header = HEADER.replace("price_before:IDR", "price_schedule:IDR")
    file = own(tmp_path, f",,Wanita,yes,Rok,,,R,300,,,,{schedule},1", header=header)
    assert problems_of(import_file(file)) == [(2, "price_schedule:IDR", code)]


def test_stock_lies_where_the_column_says(tmp_path: Path) -> None:
    make_location(city="Toko")
    header = f"{HEADER},stock:Gudang Toko,stock:Bulan"
    row = ",,Wanita,yes,Rok,,,R,300,,,99000,,3,4,{}"
    assert problems_of(import_file(own(tmp_path, row.format(1), header=header))) == [
        (2, "stock:Bulan", "unknown_location")
    ]
    import_file(own(tmp_path, row.format(""), header=header))
    stock = dict(Variant.objects.get().stock_items.values_list("location__name", "on_hand"))
    assert stock == {"Gudang": 3, "Gudang Toko": 4}


def test_the_seller_must_be_named_where_there_are_several(tmp_path: Path) -> None:
    other = make_seller("Lain")
    make_location(seller=other)
    run = import_file(own(tmp_path, ROW_M))
    assert (2, "", "ambiguous_seller") in problems_of(run)
    import_file(own(tmp_path, ROW_M), seller="RONA")
    assert product_named("Kemeja Linen").seller.name == "RONA"


def test_a_file_for_one_seller_never_changes_what_another_sells(tmp_path: Path) -> None:
    other = make_seller("Batik Ayu")
    make_location(seller=other)
    Location.objects.update(name="Gudang")
    file = own(tmp_path, ROW_M, ROW_L)
    import_file(file, seller="RONA")
    before = all_rows()
    run = import_file(file, seller="Batik Ayu")
    assert problems_of(run) == [(2, "", "other_seller")]
    assert counts_of(run) == (0, 0, 0, 1)
    assert all_rows() == before
    assert counts_of(import_file(file, seller=str(make_seller().public_id))) == (0, 0, 1, 0)
