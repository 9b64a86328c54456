"""The catalogue as staff sees and edits it."""

from collections.abc import Mapping

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Category, Product, Variant, VariantValue
from catalog.tests.builders import (
    make_category,
    make_image,
    make_product,
    make_seller,
    make_value,
    make_variant,
    stock_of,
)

pytestmark = pytest.mark.django_db

LISTS = ["product", "variant", "stockitem", "category", "option", "optionvalue", "seller"]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("staff@example.com"))
    return client


def page_of(name: str) -> str:
    return reverse(f"admin:catalog_{name}_changelist")


def change_page(row: Product | Category | Variant) -> str:
    return reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk])


def make_many(start: int, end: int) -> None:
    for number in range(start, end):
        product = make_product(category=make_category(f"Kategori {number}"))
        make_image(product, colour="terakota")
        make_variant(product=product, size=f"ukuran-{number}")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_queries_for_six_rows_as_for_one(
    staff: Client,
    name: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_many(0, 1)
    with django_assert_max_num_queries(10) as for_one:
        assert staff.get(page_of(name)).status_code == 200
    make_many(1, 6)

    with django_assert_num_queries(len(for_one)):
        assert staff.get(page_of(name)).status_code == 200


def test_the_list_of_products_says_name_category_price_and_stock(staff: Client) -> None:
    product = make_product("Kaos Polos", category=make_category("Atasan"))
    make_image(product, name="kaos")
    make_variant(product=product, price=149_000, on_hand=4)
    make_variant(product=product, price=129_000, on_hand=3)

    page = staff.get(page_of("product")).content.decode()

    for shown in ("Kaos Polos", "Atasan", "Rp129.000", ">7<", "/media/products/kaos-360.avif"):
        assert shown in page


@pytest.mark.parametrize("sought", ["polos", "KP-1"])
def test_a_product_is_found_by_name_and_by_sku(staff: Client, sought: str) -> None:
    make_variant(product=make_product("Kaos Polos"), sku="KP-1")
    make_variant(product=make_product("Rok Lebar"), sku="RL-1")

    page = staff.get(page_of("product"), {"q": sought}).content.decode()

    assert "Kaos Polos" in page
    assert "Rok Lebar" not in page


def test_a_product_is_filtered_by_category(staff: Client) -> None:
    tops = make_category("Atasan")
    make_product("Kaos Polos", category=tops)
    make_product("Rok Lebar", category=make_category("Rok"))

    page = staff.get(page_of("product"), {"category": tops.pk}).content.decode()

    assert "Kaos Polos" in page
    assert "Rok Lebar" not in page


def test_a_product_page_shows_the_names_of_categories(staff: Client) -> None:
    women = make_category("Wanita")
    product = make_product(category=make_category("Atasan", parent=women))
    make_variant(product=product)

    page = staff.get(change_page(product)).content.decode()

    assert "Wanita › Atasan" in page


def test_a_product_page_costs_as_many_queries_for_six_variants_as_for_one(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    product = make_product()
    make_variant(product=product)
    make_image(product, colour="terakota")
    with django_assert_max_num_queries(20) as for_one:
        staff.get(change_page(product))
    for number in range(5):
        make_variant(product=product, size=f"ukuran-{number}")
        make_image(product, colour="terakota")

    with django_assert_max_num_queries(len(for_one)):
        staff.get(change_page(product))


def test_staff_adds_a_product_in_two_languages_with_a_variant(staff: Client) -> None:
    category, seller = make_category(), make_seller()

    answer = staff.post(
        reverse("admin:catalog_product_add"),
        {
            "category": category.pk,
            "seller": seller.pk,
            "is_published": "on",
            **_rows("translations", _text("id", "Kaos"), _text("en", "Tee")),
            **_rows("product_options"),
            **_rows("variants", {"sku": "K-1", "weight_grams": 200, "position": 0}),
        },
    )

    assert answer.status_code == 302, answer.context["errors"]
    product = Product.objects.get()
    assert sorted(product.translations.values_list("language", "name")) == [
        ("en", "Tee"),
        ("id", "Kaos"),
    ]
    assert product.variants.get().sku == "K-1"


def test_a_product_without_a_text_is_refused(staff: Client) -> None:
    nothing = {"language": "id", "name": "", "slug": ""}

    answer = staff.post(
        reverse("admin:catalog_product_add"),
        {
            "category": make_category().pk,
            "seller": make_seller().pk,
            **_rows("translations", nothing),
            **_rows("product_options"),
            **_rows("variants"),
        },
    )

    assert answer.status_code == 200
    assert not Product.objects.exists()


def test_a_variant_takes_one_value_of_each_option(staff: Client) -> None:
    variant = make_variant(size=None, colour=None)
    navy, gading = make_value("colour", "navy"), make_value("colour", "gading")

    answer = staff.post(change_page(variant), _variant(variant, navy.pk, gading.pk))
    assert answer.status_code == 200
    assert not VariantValue.objects.exists()

    answer = staff.post(change_page(variant), _variant(variant, navy.pk))
    assert answer.status_code == 302, answer.context["errors"]
    assert variant.values.get().option.code == "colour"


def test_stock_can_be_seen_but_not_typed_in(staff: Client) -> None:
    variant = make_variant(on_hand=4)
    item = variant.stock_items.get()
    page = reverse("admin:catalog_stockitem_change", args=[item.pk])

    assert staff.get(page).status_code == 200
    assert staff.post(page, {"on_hand": 99}).status_code == 403
    assert staff.get(reverse("admin:catalog_stockitem_add")).status_code == 403
    assert stock_of(variant) == (4, 0)


def test_a_category_cannot_lie_below_itself(staff: Client) -> None:
    women = make_category("Wanita")
    tops = make_category("Atasan", parent=women)
    text = women.translations.get(language="id")

    answer = staff.post(
        change_page(women),
        {
            "parent": tops.pk,
            "position": 0,
            **_rows(
                "translations",
                {"id": text.pk, "category": women.pk, **_text("id", "Wanita")},
                initial=1,
            ),
        },
    )

    assert answer.status_code == 200
    women.refresh_from_db()
    assert women.parent is None


def _text(language: str, name: str) -> dict[str, object]:
    return {"language": language, "name": name, "slug": name.lower()}


def _rows(prefix: str, *rows: Mapping[str, object], initial: int = 0) -> dict[str, object]:
    """What a browser sends for the rows of an inline."""
    data: dict[str, object] = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def _variant(variant: Variant, *values: int) -> dict[str, object]:
    return {
        "sku": variant.sku,
        "weight_grams": variant.weight_grams,
        "position": variant.position,
        "is_active": "on",
        **_rows("values", *({"value": pk, "variant": variant.pk} for pk in values)),
        **_rows("prices"),
        **_rows("stock_items"),
    }
