"""Staff edit all variants of a product on one page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.editing.prices import plan_sale
from catalog.models import (
    OptionValue,
    ProductOption,
    StockItem,
    Variant,
)
from catalog.tests.builders import (
    make_product,
    make_value,
    make_variant,
    stock_of,
)
from catalog.tests.editing.pages import (
    Fields,
    make_matrix,
    messages_of,
    opened,
    page_of,
    prices_of,
    problems_of,
    read_form,
    saved,
    send,
    stock_column,
)

pytestmark = pytest.mark.django_db


def test_one_save_changes_codes_prices_weights_and_stock_of_all_rows(staff: Client) -> None:
    product, (small, large) = make_matrix(sizes=["S", "L"])
    fields = opened(staff, product)
    for number, variant in enumerate((small, large)):
        fields |= {
            f"v{variant.pk}-sku": f"KP-{number}",
            f"v{variant.pk}-barcode": f"899000{number}",
            f"v{variant.pk}-price": "Rp159.000",
            f"v{variant.pk}-compare_at": "199000",
            f"v{variant.pk}-cost": "80.000",
            f"v{variant.pk}-weight": "250",
            f"v{variant.pk}-{stock_column(variant)}": "12",
        }

    text = saved(staff, product, fields, reason="stock count")

    assert text == "Variants saved: 2 changed, 2 prices, 2 stocks."
    for number, variant in enumerate((small, large)):
        variant.refresh_from_db()
        assert (variant.sku, variant.barcode) == (f"KP-{number}", f"899000{number}")
        assert (variant.weight_grams, variant.cost_minor) == (250, 80_000)
        assert prices_of(variant)[-1] == (159_000, 199_000)
        assert stock_of(variant) == (12, 0)


def test_the_page_groups_sizes_below_their_colour_and_writes_amounts_as_the_shop(
    staff: Client,
) -> None:
    product, _variants = make_matrix(colours=["terakota", "navy"], sizes=["S", "L"])
    text = staff.get(page_of(product)).text
    assert text.count('scope="rowgroup"') == 2
    assert re.findall(r"</svg> ([^<]+)</span></th>", text) == ["Terracotta", "Navy blue"]
    assert text.count('value="149.000"') == 4


def test_nothing_is_saved_while_a_cell_is_wrong_and_what_was_typed_stays(staff: Client) -> None:
    product, (small, large) = make_matrix(sizes=["S", "L"])
    fields = opened(staff, product) | {
        f"v{small.pk}-sku": "NEW",
        f"v{small.pk}-price": "murah",
        f"v{large.pk}-compare_at": "100.000",
        f"v{large.pk}-weight": "-3",
    }

    answer = send(staff, product, fields)

    assert answer.status_code == 422
    assert problems_of(answer.text) == {
        f"v{small.pk}-price": "This is not an amount. Write it like 149.000.",
        f"v{large.pk}-compare_at": "Has to be higher than the price, or empty.",
        f"v{large.pk}-weight": "Write a whole number, 0 or more.",
    }
    shown = read_form(answer.text)
    assert shown[f"v{small.pk}-price"] == "murah"
    assert shown[f"v{small.pk}-sku"] == "NEW"
    small.refresh_from_db()
    assert small.sku != "NEW"
    assert prices_of(small) == [(149_000, None)]


def test_a_price_before_needs_a_price(staff: Client) -> None:
    product, [variant] = make_matrix()
    fields = opened(staff, product) | {
        f"v{variant.pk}-price": "",
        f"v{variant.pk}-compare_at": "199.000",
    }
    answer = send(staff, product, fields)
    assert problems_of(answer.text) == {
        f"v{variant.pk}-price": "Enter the price, or empty the price before."
    }


def test_chosen_values_make_rows_that_start_like_their_neighbours(staff: Client) -> None:
    product, [variant] = make_matrix(sizes=["S"])
    large, navy = make_value("size", "L"), make_value("colour", "navy")
    fields = opened(staff, product)
    fields["value"] = [*fields["value"], large.pk, navy.pk]

    offered = send(staff, product, fields, "rows")
    assert offered.status_code == 200
    assert Variant.objects.count() == 1
    fields = read_form(offered.text)
    new = [name.removesuffix("-price") for name in fields if name.endswith("-price")][1:]
    assert len(new) == 3
    assert {fields[f"{key}-price"] for key in new} == {"149.000"}
    assert {fields[f"{key}-sku"] for key in new} == {""}

    text = saved(staff, product, fields)

    assert "3 new" in text
    assert product.variants.count() == 4
    for made in product.variants.exclude(pk=variant.pk):
        assert prices_of(made) == [(149_000, None)]
        assert stock_of(made) == (0, 0)
        assert made.stock_items.count() == 1
        assert made.values.count() == 2
    assert list(product.variants.order_by("position").values_list("position", flat=True)) == [
        0,
        1,
        2,
        3,
    ]


def test_a_new_row_that_is_not_active_is_not_made(staff: Client) -> None:
    product, _variants = make_matrix(sizes=["S"])
    fields = opened(staff, product)
    fields["value"] = [*fields["value"], make_value("size", "L").pk]
    fields = read_form(send(staff, product, fields, "rows").text)
    [box] = [name for name in fields if name.startswith("n") and name.endswith("-on")]
    del fields[box]
    saved(staff, product, fields)
    assert product.variants.count() == 1


def test_a_combination_that_was_left_out_stays_left_out(staff: Client) -> None:
    product = make_product()
    make_variant(product=product, colour="terakota", size="S")
    make_variant(product=product, colour="navy", size="L")
    fields = opened(staff, product)
    assert sum(name.endswith("-price") for name in fields) == 4
    saved(staff, product, fields)
    assert product.variants.count() == 2


def test_a_value_that_is_saved_without_its_rows_asks_for_them_first(staff: Client) -> None:
    product, _variants = make_matrix(sizes=["S"])
    fields = opened(staff, product)
    fields["value"] = [*fields["value"], make_value("size", "L").pk]
    answer = send(staff, product, fields)
    assert answer.status_code == 422
    assert "make new rows" in messages_of(answer.text)
    assert product.variants.count() == 1


def test_a_variant_without_a_history_is_deleted_with_its_value(staff: Client) -> None:
    product = make_product()
    kept = make_variant(product=product, size="S", on_hand=0)
    make_variant(product=product, size="L", on_hand=0)
    fields = without_value(opened(staff, product), make_value("size", "L"))

    shown = send(staff, product, fields, "rows")
    assert "Terracotta, L: is deleted when you save" in shown.text
    text = saved(staff, product, read_form(shown.text))

    assert "1 deleted" in text
    assert list(product.variants.all()) == [kept]
    assert StockItem.objects.count() == 1


def without_value(fields: Fields, value: OptionValue) -> Fields:
    return fields | {"value": [pk for pk in fields["value"] if pk != str(value.pk)]}


def test_a_variant_with_a_history_is_only_switched_off_and_comes_back(staff: Client) -> None:
    product, (_small, large) = make_matrix(sizes=["S", "L"], on_hand=3)
    fields = without_value(opened(staff, product), make_value("size", "L"))

    shown = send(staff, product, fields, "rows")
    assert "was in stock or in orders, so it is switched off" in shown.text
    text = saved(staff, product, read_form(shown.text))

    assert "not deleted, only switched off" in text
    large.refresh_from_db()
    assert not large.is_active
    assert stock_of(large) == (3, 0)
    page = staff.get(page_of(product))
    assert "(1 switched off)" in page.text
    assert f"v{large.pk}-price" not in page.text

    fields = read_form(page.text)
    fields["value"] = [*fields["value"], make_value("size", "L").pk]
    saved(staff, product, read_form(send(staff, product, fields, "rows").text))
    large.refresh_from_db()
    assert large.is_active


def test_a_simple_product_is_one_row(staff: Client) -> None:
    product = make_product()
    variant = make_variant(product=product, size=None, colour=None)
    fields = opened(staff, product)
    assert [name for name in fields if name.endswith("-price")] == [f"v{variant.pk}-price"]
    saved(staff, product, fields | {f"v{variant.pk}-price": "99.000"})
    assert prices_of(variant)[-1] == (99_000, None)
    assert not ProductOption.objects.exists()


def test_a_simple_product_that_comes_in_sizes_keeps_its_variant_as_the_first(
    staff: Client,
) -> None:
    product = make_product()
    variant = make_variant(product=product, size=None, colour=None, on_hand=4)
    fields = opened(staff, product) | {
        "value": [make_value("size", "S").pk, make_value("size", "L").pk]
    }
    saved(staff, product, read_form(send(staff, product, fields, "rows").text))
    assert product.variants.count() == 2
    assert variant.values.get().value.code == "s"
    assert stock_of(variant) == (4, 0)
    assert [row.option.code for row in product.product_options.all()] == ["size"]


def test_an_option_given_up_keeps_one_variant_of_each_combination(staff: Client) -> None:
    product, variants = make_matrix(colours=["terakota", "navy"], sizes=["S", "L"], on_hand=0)
    fields = opened(staff, product)
    for code in ("S", "L"):
        fields = without_value(fields, make_value("size", code))
    text = saved(staff, product, read_form(send(staff, product, fields, "rows").text))
    assert "2 deleted" in text
    assert set(product.variants.all()) == {variants[0], variants[2]}
    assert [row.option.code for row in product.product_options.all()] == ["colour"]
    assert variants[0].values.count() == 1


def test_variants_that_an_import_made_alike_are_all_shown_and_kept(staff: Client) -> None:
    product = make_product()
    twins = [make_variant(product=product, size="S", sku=f"T-{number}") for number in range(2)]
    page = staff.get(page_of(product))
    assert "(the same combination once more)" in page.text
    saved(staff, product, read_form(page.text) | {f"v{twins[1].pk}-sku": "CHANGED"})
    assert product.variants.filter(is_active=True).count() == 2
    assert product.variants.get(pk=twins[1].pk).sku == "CHANGED"


def test_a_column_is_filled_without_a_script(staff: Client) -> None:
    product, variants = make_matrix(colours=["terakota", "navy"], sizes=["S", "L"])
    fields = opened(staff, product) | {
        "fill-column": "price",
        "fill-rows": make_value("colour", "navy").pk,
        "fill-text": "99.000",
    }
    filled = read_form(send(staff, product, fields, "fill").text)
    assert [filled[f"v{variant.pk}-price"] for variant in variants] == [
        "149.000",
        "149.000",
        "99.000",
        "99.000",
    ]
    assert all(prices_of(variant) == [(149_000, None)] for variant in variants)
    saved(staff, product, filled)
    assert prices_of(variants[3])[-1] == (99_000, None)


def test_a_value_that_the_shop_lacks_is_added_on_the_page(staff: Client) -> None:
    product, [variant] = make_matrix()
    option = make_value("colour", "terakota").option
    fields = opened(staff, product) | {
        f"v{variant.pk}-sku": "TYPED",
        f"new-{option.pk}": "Hijau Botol",
        f"swatch-{option.pk}": "#0A4D2E",
    }
    answer = send(staff, product, fields, f"add-{option.pk}")
    value = OptionValue.objects.get(code="hijau-botol")
    assert (value.swatch, value.translations.get().name) == ("#0a4d2e", "Hijau Botol")
    shown = read_form(answer.text)
    assert str(value.pk) in shown["value"]
    assert shown[f"v{variant.pk}-sku"] == "TYPED"
    assert f"n{value.pk}-{make_value('size', 'M').pk}-price" in shown


def test_a_value_that_exists_is_ticked_instead_of_made_again(staff: Client) -> None:
    product, _variants = make_matrix()
    navy = make_value("colour", "navy")
    fields = opened(staff, product) | {f"new-{navy.option_id}": " navy BLUE "}
    answer = send(staff, product, fields, f"add-{navy.option_id}")
    assert str(navy.pk) in read_form(answer.text)["value"]
    assert OptionValue.objects.filter(option=navy.option).count() == 2


@pytest.mark.parametrize(("name", "swatch"), [("", ""), ("Hijau", "green"), ("x" * 61, "")])
def test_a_value_without_a_name_or_with_a_wrong_colour_is_refused(
    staff: Client, name: str, swatch: str
) -> None:
    product, _variants = make_matrix()
    option = make_value("colour", "terakota").option
    fields = opened(staff, product) | {f"new-{option.pk}": name, f"swatch-{option.pk}": swatch}
    answer = send(staff, product, fields, f"add-{option.pk}")
    assert answer.status_code == 422
    assert "#b5593c" in messages_of(answer.text)
    assert OptionValue.objects.filter(option=option).count() == 1


def test_more_variants_than_anybody_can_edit_are_refused(staff: Client) -> None:
    product, _variants = make_matrix()
    option = make_value("size", "M").option
    colour = make_value("colour", "terakota").option
    sizes = OptionValue.objects.bulk_create(
        OptionValue(option=option, code=f"s{number}") for number in range(40)
    )
    colours = OptionValue.objects.bulk_create(
        OptionValue(option=colour, code=f"c{number}") for number in range(30)
    )
    fields = opened(staff, product) | {"value": [value.pk for value in (*sizes, *colours)]}
    answer = send(staff, product, fields, "rows")
    assert answer.status_code == 302
    assert "up to 1000" in messages_of(staff.get(page_of(product)).text)


def test_a_sku_that_other_variants_have_is_a_warning(staff: Client) -> None:
    make_variant(sku="KP-1")
    product, [variant] = make_matrix()
    text = saved(staff, product, opened(staff, product) | {f"v{variant.pk}-sku": "KP-1"})
    assert "more than one variant of the shop: KP-1." in text
    variant.refresh_from_db()
    assert variant.sku == "KP-1"


def test_a_running_sale_is_told_beside_the_price(staff: Client) -> None:
    product, [variant] = make_matrix()
    plan_sale(
        product_pk=product.pk,
        variant_pks=[variant.pk],
        begins_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=1),
        percent=50,
        currency="IDR",
    )
    page = staff.get(page_of(product)).text
    assert 'value="74.500"' in page
    assert "then 149.000" in page
