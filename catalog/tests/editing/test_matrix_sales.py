"""A sale begins or ends while the table of variants is open: no save makes that known."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Price, Product, Variant
from catalog.tests.builders import make_price, make_product, make_variant
from catalog.tests.editing.pages import (
    Fields,
    make_matrix,
    messages_of,
    opened,
    prices_of,
    read_form,
    saved,
    send,
    stock_column,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def sale_around(at: datetime, *, begins: timedelta, ends: timedelta) -> Variant:
    """149.000 since a day, 99.000 instead of it for a time, 149.000 again."""
    variant = make_variant(product=make_product(), price=None)
    start, end = at + begins, at + ends
    make_price(variant, 149_000, valid_from=at - timedelta(days=1), valid_until=start)
    make_price(variant, 99_000, compare_at=149_000, valid_from=start, valid_until=end)
    make_price(variant, 149_000, valid_from=end)
    return variant


def opened_before(client: Client, product: Product, passed: timedelta) -> Fields:
    """The page as it was that long ago: the calendar moves, nobody saves anything."""
    fields = opened(client, product)
    for price in Price.objects.filter(variant__product=product).order_by("valid_from"):
        Price.objects.filter(pk=price.pk).update(
            valid_from=price.valid_from - passed,
            valid_until=price.valid_until and price.valid_until - passed,
        )
    return fields


def test_a_sale_that_began_while_the_page_was_open_stays(staff: Client) -> None:
    variant = sale_around(timezone.now(), begins=HOUR, ends=5 * HOUR)
    fields = opened_before(staff, variant.product, 2 * HOUR)
    assert fields[f"v{variant.pk}-price"] == "149.000"

    text = saved(staff, variant.product, fields | {f"v{variant.pk}-sku": "NEW"})

    assert text == "Variants saved: 1 changed."
    assert prices_of(variant) == [(149_000, None), (99_000, 149_000), (149_000, None)]


def test_a_sale_that_ended_while_the_page_was_open_is_over(staff: Client) -> None:
    variant = sale_around(timezone.now(), begins=-HOUR, ends=HOUR)
    fields = opened_before(staff, variant.product, 2 * HOUR)
    assert fields[f"v{variant.pk}-price"] == "99.000"

    typed = {f"v{variant.pk}-{stock_column(variant)}": "7", "reason": "counted"}
    saved(staff, variant.product, fields | typed)

    assert prices_of(variant) == [(149_000, None), (99_000, 149_000), (149_000, None)]
    assert variant.stock_items.get().on_hand == 7


def test_a_price_typed_over_one_that_has_moved_is_asked_for_again(staff: Client) -> None:
    variant = sale_around(timezone.now(), begins=HOUR, ends=5 * HOUR)
    fields = opened_before(staff, variant.product, 2 * HOUR)
    before = prices_of(variant)

    answer = send(staff, variant.product, fields | {f"v{variant.pk}-price": "129.000"})

    assert answer.status_code == 409
    assert "A sale began or ended while the page was open" in messages_of(answer.text)
    assert "now: 99.000" in answer.text
    assert prices_of(variant) == before
    shown = read_form(answer.text)
    assert shown[f"v{variant.pk}-price"] == "129.000"

    saved(staff, variant.product, shown | {f"v{variant.pk}-compare_at": "149.000"})
    assert prices_of(variant)[-2:] == [(129_000, 149_000), (149_000, None)]


def test_of_several_rows_only_the_typed_prices_are_written(staff: Client) -> None:
    product, (small, large) = make_matrix(sizes=["S", "L"])
    fields = opened(staff, product) | {f"v{small.pk}-price": "129.000"}
    # As an import does it, which asks nobody's page.
    Price.objects.filter(variant=large).update(amount_minor=159_000)
    assert saved(staff, product, fields) == "Variants saved: 1 price."
    assert prices_of(small) == [(149_000, None), (129_000, None)]
    assert prices_of(large) == [(159_000, None)]


def test_another_look_at_the_page_shows_the_price_of_now_where_nobody_typed(staff: Client) -> None:
    variant = sale_around(timezone.now(), begins=HOUR, ends=5 * HOUR)
    fields = opened_before(staff, variant.product, 2 * HOUR)
    shown = read_form(send(staff, variant.product, fields, "rows").text)
    assert (shown[f"v{variant.pk}-price"], shown[f"v{variant.pk}-compare_at"]) == (
        "99.000",
        "149.000",
    )
    saved(staff, variant.product, shown)
    assert len(prices_of(variant)) == 3
