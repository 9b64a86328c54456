"""Stock that is typed into the table of variants: differences, never numbers."""

import pytest
from django.test import Client

from catalog.inventory import receive_stock
from catalog.models import (
    StockItem,
    StockMovement,
    Variant,
)
from catalog.tests.builders import (
    make_location,
    make_seller,
    make_value,
    stock_of,
)
from catalog.tests.editing.pages import (
    make_matrix,
    opened,
    prices_of,
    problems_of,
    read_form,
    saved,
    send,
    stock_column,
)

pytestmark = pytest.mark.django_db


def test_a_typed_stock_is_booked_as_the_difference_with_who_and_why(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    fields = opened(staff, product) | {f"v{variant.pk}-{stock_column(variant)}": "7"}
    saved(staff, product, fields, reason="two torn, one lost")
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.kind) == (-3, StockMovement.Kind.CORRECTED)
    assert movement.reason == "two torn, one lost"
    assert movement.actor is not None
    assert movement.actor.is_superuser


def test_a_correction_needs_a_reason(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    fields = opened(staff, product) | {f"v{variant.pk}-{stock_column(variant)}": "7"}
    answer = send(staff, product, fields, reason=" ")
    assert answer.status_code == 422
    assert problems_of(answer.text) == {"reason": "Say why the stock changes, e.g. counted."}
    assert stock_of(variant) == (10, 0)


def test_goods_received_need_no_reason(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    fields = opened(staff, product) | {f"v{variant.pk}-{stock_column(variant)}": "15"}
    saved(staff, product, fields, kind="received")
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.kind) == (5, StockMovement.Kind.RECEIVED)


def test_what_was_sold_while_the_page_was_open_stays_sold(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    fields = opened(staff, product) | {f"v{variant.pk}-{stock_column(variant)}": "15"}
    sell(variant, 2)

    text = saved(staff, product, fields, reason="found five")

    assert stock_of(variant) == (13, 0)
    assert "no longer the 10 that the page showed" in text
    assert "+5" in text
    assert "makes 13" in text


def sell(variant: Variant, units: int) -> None:
    receive_stock(
        stock_item_id=variant.stock_items.get().pk,
        quantity=-units,
        kind=StockMovement.Kind.SOLD,
    )


def test_a_stock_nobody_touched_is_not_set_back_to_what_the_page_showed(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    fields = opened(staff, product) | {f"v{variant.pk}-price": "99.000"}
    sell(variant, 2)
    text = saved(staff, product, fields)
    assert text == "Variants saved: 1 price."
    assert stock_of(variant) == (8, 0)


def test_what_orders_have_reserved_cannot_be_taken_away(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    StockItem.objects.update(reserved=4)
    column = stock_column(variant)
    fields = opened(staff, product) | {
        f"v{variant.pk}-{column}": "3",
        f"v{variant.pk}-price": "99.000",
    }

    answer = send(staff, product, fields, reason="counted")

    assert answer.status_code == 422
    assert list(problems_of(answer.text)) == [f"v{variant.pk}-{column}"]
    assert "4 of them are reserved" in answer.text
    assert stock_of(variant) == (10, 4)
    assert prices_of(variant) == [(149_000, None)]
    assert read_form(answer.text)[f"v{variant.pk}-{column}"] == "3"


def test_after_a_refused_stock_the_number_counts_from_what_is_there_now(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    column = stock_column(variant)
    fields = opened(staff, product) | {f"v{variant.pk}-{column}": "1", "reason": "counted"}
    sell(variant, 8)
    refused = send(staff, product, fields)
    assert refused.status_code == 422
    saved(staff, product, read_form(refused.text))
    assert stock_of(variant) == (1, 0)


def test_each_location_of_the_seller_has_its_own_column(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=2)
    shop = make_location(seller=make_seller(), city="Kota Bandung")
    fields = opened(staff, product) | {f"v{variant.pk}-stock-{shop.pk}": "5"}
    saved(staff, product, fields, reason="moved to the shop")
    assert stock_of(variant) == (7, 0)
    assert variant.stock_items.get(location=shop).on_hand == 5


def test_the_first_stock_of_a_new_variant_is_received(staff: Client) -> None:
    product, [variant] = make_matrix(sizes=["S"], on_hand=1)
    fields = opened(staff, product)
    fields["value"] = [*fields["value"], make_value("size", "L").pk]
    fields = read_form(send(staff, product, fields, "rows").text)
    [stock] = [name for name in fields if name.startswith("n") and "-stock-" in name]
    saved(staff, product, fields | {stock: "6"})
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.kind) == (6, StockMovement.Kind.RECEIVED)
    assert stock_of(variant) == (1, 0)
