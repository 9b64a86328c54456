"""Tax on an order: whose, of which country, on which day."""

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Product, Seller
from catalog.tests.builders import make_product, make_variant
from orders.models import TaxRate
from orders.tests.builders import make_cart, make_order

pytestmark = pytest.mark.django_db


def registered() -> None:
    Seller.objects.update(is_taxable=True)


def test_a_seller_who_is_not_registered_shows_no_tax() -> None:
    order = make_order(lines={make_variant(price=149_000): 1})
    assert order.tax_minor == 0


def test_the_tax_in_the_prices_is_kept_on_order_lines_and_parcels() -> None:
    shirt = make_variant(price=149_000)
    registered()
    order = make_order(lines={shirt: 1})
    assert (order.total_minor, order.tax_minor, order.tax_added_minor) == (161_000, 15_955, 0)
    assert (order.lines.get().tax_minor, order.groups.get().tax_minor) == (14_766, 1_189)
    assert order.adjustments.get(kind="tax").is_included


def test_tax_beside_the_prices_is_added(client: Client, settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = False
    shirt = make_variant(price=100_000)
    registered()
    cart = make_cart({shirt: 1})
    client.cookies["cart"] = str(cart.token)
    page = client.get("/en/cart/").text
    assert "Rp11.000" in page
    assert "Rp111.000" in page
    order = make_order(lines={shirt: 1})
    assert (order.tax_minor, order.tax_added_minor, order.total_minor) == (12_320, 12_320, 124_320)
    assert order.lines.get().total_minor == 111_000


@pytest.mark.parametrize(
    ("field", "days", "tax"),
    [("valid_from", 1, 0), ("valid_until", 0, 0), ("valid_until", 1, 11_099)],
)
def test_a_rate_holds_on_its_days(field: str, days: int, tax: int) -> None:
    day = timezone.localdate() + timedelta(days=days)
    TaxRate.objects.filter(tax_class="standard").update(**{field: day})
    shirt = make_variant(price=100_000)
    registered()
    assert make_order(lines={shirt: 1}).tax_minor == tax


def test_a_rate_holds_in_its_country() -> None:
    TaxRate.objects.filter(tax_class="standard").update(country="SG")
    shirt = make_variant(price=100_000)
    registered()
    assert make_order(lines={shirt: 1}).tax_minor == 0


def test_goods_of_another_class_have_their_own_rate() -> None:
    bag = make_variant(price=112_000)
    Product.objects.update(tax_class="luxury")
    registered()
    assert make_order(lines={bag: 1}).lines.get().tax_minor == 12_000


def test_goods_that_are_exempt_are_not_taxed() -> None:
    rice = make_variant(price=112_000)
    Product.objects.update(tax_class="exempt")
    registered()
    assert make_order(lines={rice: 1}).lines.get().tax_minor == 0


def test_staff_are_told_of_goods_that_are_sold_untaxed(admin_client: Client) -> None:
    def warnings() -> list[str]:
        page = admin_client.get("/admin/orders/taxrate/", headers={"accept-language": "en"}).text
        return re.findall("goods of the class “(.+?)” and no rate holds", page)

    make_variant()
    assert warnings() == []
    TaxRate.objects.update(valid_until=timezone.localdate())
    # Nobody is registered for tax yet.
    assert warnings() == []
    registered()
    assert warnings() == ["standard"]
    Product.objects.update(tax_class="makanan")
    assert warnings() == ["makanan"]
    Product.objects.update(tax_class="exempt")
    assert warnings() == []


@pytest.mark.parametrize("country", ["Id", "IDN", "", "1D"])
def test_a_country_is_two_capital_letters(admin_client: Client, country: str) -> None:
    given = {
        "name": "PPN",
        "country": country,
        "tax_class": "standard",
        "rate": "9",
        "base_numerator": "1",
        "base_denominator": "1",
        "valid_from": "2026-01-01",
    }
    assert admin_client.post("/admin/orders/taxrate/add/", given).status_code == 200
    assert not TaxRate.objects.exclude(country="ID").exists()
    assert (
        admin_client.post("/admin/orders/taxrate/add/", given | {"country": "SG"}).status_code
        == 302
    )


def test_two_rates_of_one_class_never_hold_on_the_same_day() -> None:
    with pytest.raises(IntegrityError, match="tax_rate_one_at_a_time"), transaction.atomic():
        TaxRate.objects.create(country="ID", name="PPN", rate=13, valid_from=date(2026, 1, 1))


def test_a_name_of_any_length_can_be_ordered() -> None:
    product = make_product()
    product.translations.update(name="K" * 200)
    order = make_order(lines={make_variant(product=product): 1})
    assert len(order.adjustments.get(kind="list_price").label) == 200
