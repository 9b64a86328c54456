"""An address that has been shared goes on leading to what it showed, in every language."""

import pytest
from django.test import Client

from catalog.models import CategoryTranslation, Product, ProductTranslation
from catalog.tests.builders import follow_up, make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


def make_shirt(name: str = "Kemeja") -> Product:
    """Written in Indonesian only, so its page is the same under /en/."""
    product = make_product(name, languages=["id"])
    make_variant(product=product)
    follow_up()
    return product


def write_in_english(product: Product, slug: str = "shirt") -> None:
    ProductTranslation.objects.create(product=product, language="en", name="Shirt", slug=slug)
    follow_up()


def led_to(client: Client, path: str) -> tuple[int, str]:
    answer = client.get(path)
    return answer.status_code, answer.get("Location", "")


def test_a_product_is_found_under_its_slug_of_before_it_was_translated(client: Client) -> None:
    product = make_shirt()
    assert led_to(client, "/en/p/kemeja/?size=m") == (200, "")

    write_in_english(product)

    assert led_to(client, "/en/p/kemeja/?size=m") == (301, "/en/p/shirt/?size=m")
    assert led_to(client, "/en/p/shirt/") == (200, "")
    assert led_to(client, "/p/kemeja/") == (200, "")
    answer = client.get("/api/v1/products/kemeja", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["moved_to"]) == (404, "shirt")


def test_a_former_slug_leads_there_in_every_language(client: Client) -> None:
    product = make_shirt()
    product.translations.update(slug="kemeja-baru")
    follow_up()
    assert led_to(client, "/p/kemeja/") == (301, "/p/kemeja-baru/")
    assert led_to(client, "/en/p/kemeja/") == (301, "/en/p/kemeja-baru/")

    write_in_english(product)

    assert led_to(client, "/p/kemeja/") == (301, "/p/kemeja-baru/")
    assert led_to(client, "/en/p/kemeja/") == (301, "/en/p/shirt/")
    assert led_to(client, "/en/p/kemeja-baru/") == (301, "/en/p/shirt/")


def test_a_slug_means_first_who_had_it_in_the_language(client: Client) -> None:
    product, other = make_shirt(), make_shirt("Kaos")
    write_in_english(product, slug="kaos")
    product.translations.filter(language="en").update(slug="shirt")
    write_in_english(other, slug="tee")
    follow_up()

    assert led_to(client, "/en/p/kaos/") == (301, "/en/p/shirt/")
    assert led_to(client, "/p/kaos/") == (200, "")


def test_nobody_learns_the_slug_of_what_is_not_on_sale(client: Client) -> None:
    product = make_shirt()
    write_in_english(product)
    Product.objects.update(is_published=False)
    follow_up()

    assert [led_to(client, f"/en/p/{slug}/")[0] for slug in ("kemeja", "shirt")] == [404, 404]


def test_a_product_without_a_price_leads_nowhere(client: Client) -> None:
    product = make_product("Kemeja", languages=["id"])
    make_variant(product=product, price=None)
    write_in_english(product)

    assert led_to(client, "/en/p/shirt/") == (404, "")
    assert led_to(client, "/p/kemeja/") == (404, "")


def test_a_category_is_found_under_its_slug_of_before_it_was_translated(client: Client) -> None:
    category = make_category("Wanita")
    CategoryTranslation.objects.filter(language="en").delete()
    follow_up()
    assert led_to(client, "/en/c/wanita/") == (200, "")

    CategoryTranslation.objects.create(category=category, language="en", name="Women", slug="women")
    follow_up()

    assert led_to(client, "/en/c/wanita/") == (301, "/en/c/women/")
    CategoryTranslation.objects.filter(language="id").update(slug="perempuan")
    follow_up()
    assert led_to(client, "/en/c/wanita/") == (301, "/en/c/women/")
    assert led_to(client, "/c/wanita/") == (301, "/c/perempuan/")
