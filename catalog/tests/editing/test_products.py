"""A product from its first field to the shop: added, detailed, published, copied, listed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from catalog.models import (
    Attribute,
    AttributeValue,
    Product,
    ProductAttribute,
    ProductTranslation,
    Seller,
    SizeGuide,
    Variant,
)
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_location,
    make_product,
    make_seller,
    make_value,
    make_variant,
    stock_of,
)
from catalog.tests.editing.pages import (
    Fields,
    field_of,
    make_matrix,
    make_staff,
    messages_of,
    page_of,
    post,
    prices_of,
    read_form,
    signed_in,
)

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/product/add/"
LIST = "/admin/catalog/product/"


# --- a new one -----------------------------------------------------------------------------------
def test_a_first_product_takes_a_name_a_category_and_a_price(staff: Client) -> None:
    make_location()
    answer = post(
        staff,
        ADD,
        {"name_id": "Kaos Polos", "category": make_category().pk, "price": "Rp149.000"},
    )
    product = Product.objects.get()
    assert answer.url == page_of(product)
    assert not product.is_published
    text = product.translations.get()
    assert (text.language, text.name, text.slug) == ("id", "Kaos Polos", "kaos-polos")
    variant = product.variants.get()
    assert prices_of(variant) == [(149_000, None)]
    assert variant.stock_items.count() == 1
    assert LogEntry.objects.get().is_addition()


def test_chosen_values_make_all_variants_at_once(staff: Client) -> None:
    make_location()
    values = [make_value("colour", "terakota"), make_value("size", "S"), make_value("size", "L")]
    post(
        staff,
        ADD,
        {
            "name_id": "Kaos",
            "name_en": "Tee",
            "category": make_category().pk,
            "price": "149000",
            "value": [value.pk for value in values],
        },
    )
    product = Product.objects.get()
    assert sorted(product.translations.values_list("language", "name")) == [
        ("en", "Tee"),
        ("id", "Kaos"),
    ]
    assert [row.option.code for row in product.product_options.order_by("position")] == [
        "colour",
        "size",
    ]
    assert product.variants.count() == 2
    assert all(variant.values.count() == 2 for variant in product.variants.all())


def test_a_name_that_is_taken_gets_a_slug_of_its_own(staff: Client) -> None:
    make_product("Kaos Polos", languages=["id"])
    make_product("Kaos Polos Merah", languages=["id"])
    post(staff, ADD, {"name_id": "Kaos Polos", "category": make_category().pk})
    assert Product.objects.latest("pk").translations.get().slug == "kaos-polos-2"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"name_id": ""}, "This field is required."),
        ({"category": ""}, "This field is required."),
        ({"price": "murah"}, "Write it like 149.000."),
    ],
)
def test_a_new_product_without_name_category_or_clear_price_is_refused(
    staff: Client, typed: Fields, problem: str
) -> None:
    make_seller()
    fields = {"name_id": "Kaos", "category": make_category().pk, "price": "1000"} | typed
    answer = post(staff, ADD, fields)
    assert answer.status_code == 422
    assert problem in answer.text
    assert not Product.objects.exists()


def test_several_sellers_are_to_be_chosen_from(staff: Client) -> None:
    make_seller()
    other = Seller.objects.create(name="Toko Sebelah")
    fields = {"name_id": "Kaos", "category": make_category().pk}
    assert post(staff, ADD, fields).status_code == 422
    post(staff, ADD, fields | {"seller": other.pk})
    assert Product.objects.get().seller == other


def test_an_empty_shop_says_what_it_needs_first(staff: Client) -> None:
    text = staff.get(ADD).text
    assert "Add the first category" in text
    assert "Add the seller and its location" in text


# --- details -------------------------------------------------------------------------------------
def details(client: Client, product: Product) -> Fields:
    return read_form(client.get(page_of(product, "change")).text, "product_form")


def save_details(client: Client, product: Product, fields: Fields) -> Any:
    return client.post(page_of(product, "change"), fields)


def test_texts_are_changed_and_an_empty_slug_is_made_of_the_name(staff: Client) -> None:
    product = make_product("Kaos Polos")
    fields = details(staff, product)
    fields |= {field_of(fields, "name"): "Kaos Jepara", field_of(fields, "slug"): ""}
    answer = save_details(staff, product, fields)
    assert answer.status_code == 302, answer.context["errors"]
    assert product.translations.get(language="id").slug == "kaos-jepara"
    assert product.translations.get(language="en").slug == "kaos-polos-en"


def test_details_saved_after_somebody_elses_are_refused_and_kept(staff: Client) -> None:
    product = make_product("Kaos Polos")
    mine = details(staff, product)
    mine |= {field_of(mine, "name"): "Kaos Saya"}
    sari = signed_in(make_staff("catalog.change_product", "catalog.change_producttranslation"))
    hers = details(sari, product)
    assert save_details(sari, product, hers | {field_of(hers, "name"): "Kaos Sari"}).url

    answer = save_details(staff, product, mine)

    assert answer.status_code == 200
    assert "Somebody else has saved this product" in answer.text
    assert "In the shop now: Kaos Sari" in answer.text
    shown = read_form(answer.text, "product_form")
    assert shown[field_of(shown, "name")] == "Kaos Saya"
    assert product.translations.get(language="id").name == "Kaos Sari"
    assert save_details(staff, product, shown).status_code == 302
    assert product.translations.get(language="id").name == "Kaos Saya"


def test_a_published_product_keeps_its_name_in_the_shops_language(staff: Client) -> None:
    product = make_product("Kaos")
    fields = details(staff, product)
    fields |= {field_of(fields, "DELETE"): "on"}
    answer = save_details(staff, product, fields)
    assert answer.status_code == 200
    assert "it needs its name in Indonesian" in answer.text
    assert product.translations.count() == 2


def test_saving_details_does_not_set_back_what_the_shop_counts(staff: Client) -> None:
    product = make_product(sold_count=5)
    fields = details(staff, product)
    Product.objects.update(sold_count=9)
    save_details(staff, product, fields | {"category": make_category("Lain").pk})
    product.refresh_from_db()
    assert product.sold_count == 9
    assert product.category == make_category("Lain")


# --- publication ---------------------------------------------------------------------------------
def press(client: Client, product: Product, what: str) -> str:
    client.post(page_of(product, "publish"), {"do": what})
    return messages_of(client.get(page_of(product, "change")).text)


def is_visible(product: Product) -> bool:
    cache.clear()
    follow_up()
    slug = product.translations.get(language="id").slug
    with override("id"):
        return Client().get(reverse("catalog:view_product", args=[slug])).status_code == 200


def test_a_product_is_published_and_taken_off_by_a_button(staff: Client) -> None:
    product = make_variant(product=make_product(is_published=False)).product
    assert not is_visible(product)
    assert press(staff, product, "publish") == "Published."
    assert is_visible(product)
    assert "Taken off" in press(staff, product, "take-off")
    assert not is_visible(product)


def test_what_lacks_a_name_or_a_price_is_not_published(staff: Client) -> None:
    product = make_product(is_published=False, languages=["en"])
    make_variant(product=product, is_active=False)
    text = press(staff, product, "publish")
    assert "Enter its name in Indonesian." in text
    assert "Give at least one active variant a price." in text
    product.refresh_from_db()
    assert not product.is_published


def test_publication_can_be_planned(staff: Client) -> None:
    later = timezone.now() + timedelta(days=3)
    product = make_variant(product=make_product(is_published=False, publish_from=later)).product
    press(staff, product, "publish")
    assert not is_visible(product)
    assert "from " in staff.get(LIST).text.split('class="badge badge-half"')[1]


def test_who_may_only_look_publishes_nothing() -> None:
    product = make_variant(product=make_product(is_published=False)).product
    visitor = signed_in(make_staff("catalog.view_product"))
    assert visitor.post(page_of(product, "publish"), {"do": "publish"}).status_code == 403
    assert visitor.post(page_of(product, "copy")).status_code == 403
    product.refresh_from_db()
    assert not product.is_published
    assert Product.objects.count() == 1


# --- preview -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("code", "name"), [("id", "Kaos Polos"), ("en", "Kaos Polos (en)")])
def test_staff_see_the_page_before_customers_do(staff: Client, code: str, name: str) -> None:
    product = make_variant(product=make_product("Kaos Polos", is_published=False)).product
    answer = staff.get(page_of(product, "preview", code))
    assert answer.status_code == 200
    assert f"<h1>{name}</h1>" in answer.text
    assert f'<html lang="{code}">' in answer.text
    assert ("draf" if code == "id" else "draft") in answer.text
    assert 'class="cta" inert' in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert not is_visible(product)


def test_a_preview_shows_the_price_of_the_day_it_is_published(staff: Client) -> None:
    later = timezone.now() + timedelta(days=3)
    product = make_product(is_published=False, publish_from=later)
    variant = make_variant(product=product, price=None)
    variant.prices.create(currency="IDR", amount_minor=99_000, valid_from=later)
    assert "Rp99.000" in staff.get(page_of(product, "preview", "id")).text


def test_there_is_nothing_to_preview_without_a_price(staff: Client) -> None:
    product = make_variant(price=None).product
    assert staff.get(page_of(product, "preview", "id"))["Location"] == page_of(product)
    assert "nothing to preview" in messages_of(staff.get(page_of(product)).text)


def test_a_preview_is_for_staff_only() -> None:
    product = make_variant(product=make_product(is_published=False)).product
    url = page_of(product, "preview", "id")
    assert "/login/" in Client().get(url)["Location"]
    assert signed_in(make_staff("orders.view_order")).get(url).status_code == 403


def test_a_customers_page_says_nothing_of_previews() -> None:
    make_variant(product=make_product("Kaos"))
    assert "inert" not in Client().get("/p/kaos/").text


# --- a copy --------------------------------------------------------------------------------------
def test_a_copy_has_everything_but_goods_codes_and_pictures(staff: Client) -> None:
    product, variants = make_matrix(sizes=["S", "L"], on_hand=7)
    make_image(product)
    guide = SizeGuide.objects.create(name="Kaos")
    Product.objects.update(size_guide=guide)
    cotton = AttributeValue.objects.create(
        attribute=Attribute.objects.create(code="material"), code="cotton"
    )
    ProductAttribute.objects.create(product=product, value=cotton)
    Variant.objects.update(cost_minor=50_000, barcode="899")

    answer = staff.post(page_of(product, "copy"))

    copy = Product.objects.latest("pk")
    assert answer["Location"] == page_of(copy, "change")
    assert not copy.is_published
    assert (copy.category, copy.seller, copy.size_guide) == (
        product.category,
        product.seller,
        guide,
    )
    name = product.translations.get(language="id").name
    assert copy.translations.get(language="en").name == f"{name} (en) (copy)"
    assert copy.translations.get(language="id").name.startswith(f"{name} (")
    assert copy.attributes.get().value == cotton
    assert copy.images.count() == 0
    assert copy.product_options.count() == 2
    for old, new in zip(variants, copy.variants.order_by("position"), strict=True):
        assert (new.sku, new.barcode, new.cost_minor) == ("", "", 50_000)
        assert {row.value_id for row in new.values.all()} == {
            row.value_id for row in old.values.all()
        }
        assert prices_of(new) == [(149_000, None)]
        assert stock_of(new) == (0, 0)
        assert new.stock_items.count() == 1


def test_a_copy_of_a_copy_finds_a_slug(staff: Client) -> None:
    product = make_product("Kaos", languages=["en"])
    for _number in range(2):
        staff.post(page_of(product, "copy"))
    slugs = ProductTranslation.objects.values_list("slug", flat=True)
    assert sorted(slugs) == ["kaos-en", "kaos-en-copy", "kaos-en-copy-2"]


# --- the list ------------------------------------------------------------------------------------
