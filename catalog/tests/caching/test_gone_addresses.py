"""What is deleted is gone from its address, from cards and from search within a second too."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from catalog.models import (
    AttributeValueTranslation,
    CategoryRedirect,
    CategoryTranslation,
    Listing,
    OptionValueTranslation,
    Product,
    ProductRedirect,
    ProductTranslation,
    StockItem,
)
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_product,
    make_value,
    make_variant,
)
from catalog.tests.shirts import material

pytestmark = pytest.mark.django_db


def make_shirt(*, on_hand: int = 10) -> Product:
    product = make_product("Kemeja")
    make_variant(product=product, colour="navy", on_hand=on_hand)
    return product


def test_a_product_that_is_deleted_has_no_page(client: Client) -> None:
    product = make_shirt(on_hand=0)
    follow_up()
    assert client.get("/p/kemeja/").status_code == 200

    StockItem.objects.all().delete()
    product.delete()
    follow_up()

    assert client.get("/p/kemeja/").status_code == 404


def test_a_text_that_is_deleted_has_no_page(client: Client) -> None:
    product = make_shirt()
    follow_up()
    assert client.get("/en/p/kemeja-en/").status_code == 200

    product.translations.filter(language="en").delete()
    follow_up()

    assert client.get("/en/p/kemeja-en/").status_code == 404
    assert client.get("/en/p/kemeja/").status_code == 200


@pytest.mark.parametrize("delete", [True, False], ids=["deleted", "changed"])
def test_an_old_address_that_staff_take_back_leads_nowhere(
    client: Client,
    delete: bool,  # noqa: FBT001 - a case
) -> None:
    product = make_shirt()
    product.translations.filter(language="id").update(slug="kemeja-baru")
    follow_up()
    assert client.get("/p/kemeja/").status_code == 301

    if delete:
        ProductRedirect.objects.all().delete()
    else:
        ProductRedirect.objects.update(slug="kemeja-lama")
    follow_up()

    assert client.get("/p/kemeja/").status_code == 404


def test_an_old_address_of_a_category_that_staff_take_back_leads_nowhere(client: Client) -> None:
    make_category("Wanita")
    CategoryTranslation.objects.filter(language="id").update(slug="perempuan")
    follow_up()
    assert client.get("/c/wanita/").status_code == 301

    CategoryRedirect.objects.all().delete()
    follow_up()

    assert client.get("/c/wanita/").status_code == 404


def found(word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_listing WHERE words @@ %s::tsquery", [word])
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def delete_category_name() -> object:
    return CategoryTranslation.objects.filter(name="Wanita").delete()


def delete_colour_name() -> object:
    return OptionValueTranslation.objects.filter(value=make_value("colour", "navy")).delete()


def delete_material_name() -> object:
    return AttributeValueTranslation.objects.filter(value__code="linen").delete()


@pytest.mark.parametrize(
    ("word", "delete"),
    [
        ("wanita", delete_category_name),
        ("navy", delete_colour_name),
        ("linen", delete_material_name),
    ],
)
def test_a_name_that_is_deleted_is_not_searched_any_more(
    word: str, delete: Callable[[], object]
) -> None:
    product = make_shirt()
    material(product, "linen")
    CategoryTranslation.objects.filter(language="en").update(name="Women")
    follow_up()
    assert found(word) == 1

    delete()
    follow_up()

    assert found(word) == 0


def test_a_name_that_is_deleted_is_not_on_cards_any_more() -> None:
    make_shirt()
    assert Listing.objects.get().card["text"]["id"]["swatches"] == ["Navy"]

    delete_colour_name()

    assert Listing.objects.get().card["text"]["id"]["swatches"] == [""]


def test_a_text_that_is_deleted_is_not_searched_any_more() -> None:
    product = make_shirt()
    product.translations.filter(language="en").update(name="Shirt")
    assert found("shirt") == 1

    ProductTranslation.objects.filter(language="en").delete()

    assert found("shirt") == 0
