"""A product of hundreds of variants costs no more queries than a small one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.admin.wide_forms import MOST_BYTES, MOST_FIELDS
from catalog.editing.creating import create_product
from catalog.models import Option, OptionValue, Price, Product, StockMovement
from catalog.tests.builders import make_category, make_location, make_seller
from catalog.tests.editing.pages import (
    Fields,
    opened,
    page_of,
    saved,
    send,
    signed_in,
)

pytestmark = pytest.mark.django_db


def make_large(colours: int, sizes: int) -> Product:
    """Colours × sizes variants at 149.000."""
    make_location()
    values = {}
    for code, count in (("colour", colours), ("size", sizes)):
        option, _is_new = Option.objects.get_or_create(code=code)
        values[option.pk] = [
            OptionValue.objects.get_or_create(option=option, code=f"{code}-{number}")[0].pk
            for number in range(count)
        ]
    return create_product(
        names={"id": f"Kaos {colours} {sizes}"},
        category_pk=make_category().pk,
        seller_pk=make_seller().pk,
        amount=149_000,
        values=values,
        currency="IDR",
    )


def change_all(fields: Fields) -> Fields:
    """Another SKU, price, price before, cost, weight and stock in every row."""
    changes: Fields = {"kind": "received"}
    rows = [name.removesuffix("-sku") for name in fields if name.endswith("-sku")]
    for number, row in enumerate(rows):
        changes |= {
            f"{row}-sku": f"SKU-{number}",
            f"{row}-price": "159.000",
            f"{row}-compare_at": "199.000",
            f"{row}-cost": "80.000",
            f"{row}-weight": "300",
        }
        changes |= dict.fromkeys(
            (name for name in fields if name.startswith(f"{row}-stock-")), str(number + 1)
        )
    return fields | changes


def costs(client: Client, product: Product) -> tuple[int, int]:
    """Queries of opening the page, and of saving it with everything changed."""
    with CaptureQueriesContext(connection) as get:
        fields = opened(client, product)
    with CaptureQueriesContext(connection) as save:
        assert send(client, product, change_all(fields)).status_code == 302
    return len(get), len(save)


# With commits of its own, as in the shop: listings are written once, before each COMMIT.
@pytest.mark.django_db(transaction=True)
def test_five_hundred_variants_are_saved_in_as_many_queries_as_ten() -> None:
    staff = signed_in()
    costs(staff, make_large(1, 1))
    large = make_large(20, 25)
    ten = costs(staff, make_large(2, 5))
    assert costs(staff, large) == ten
    assert ten[0] <= 20
    assert ten[1] <= 60
    assert large.variants.count() == 500
    assert Price.objects.filter(variant__product=large, amount_minor=159_000).count() == 500
    assert StockMovement.objects.filter(stock_item__variant__product=large).count() == 500


def test_a_thousand_variants_at_fifteen_locations_are_not_too_many() -> None:
    staff = signed_in()
    product = make_large(1, 1)
    columns = ("sku", "barcode", "price", "price-shown", "compare_at", "cost", "weight", "on")
    places = [f"{kind}-{number}" for kind in ("stock", "shown") for number in range(1000, 1015)]
    # The rows of other combinations, as a page has them whose values were given up since.
    rows = {
        f"n{1_000_000 + number}-1234567-{column}": "149.000"
        for number in range(1000)
        for column in (*columns, *places)
    }
    assert len(rows) == 38_000
    sku = f"v{product.variants.get().pk}-sku"
    assert "1 changed" in saved(staff, product, rows | opened(staff, product) | {sku: "NEW"})


def test_a_larger_form_than_any_is_refused() -> None:
    staff = signed_in()
    product = make_large(1, 1)
    assert send(staff, product, {"x": "x" * MOST_BYTES}).status_code == 400


def test_more_fields_than_any_form_has_are_refused() -> None:
    staff = signed_in()
    product = make_large(1, 1)
    flood = {f"x{number}": "1" for number in range(MOST_FIELDS + 1)}
    assert send(staff, product, flood).status_code == 400


def test_no_other_page_takes_so_many_fields() -> None:
    staff = signed_in()
    product = make_large(1, 1)
    flood = {f"x{number}": "1" for number in range(1100)}
    answer = staff.post(
        page_of(product, "planned"),
        "&".join(f"{name}={value}" for name, value in flood.items()),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 400
    assert "Variants saved" in saved(staff, product, opened(staff, product) | flood)
