"""Two people at the same product in the same moment: one of them hears of it, nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.editing.booking import Booking
from catalog.editing.matrix import read_matrix
from catalog.editing.options import add_value
from catalog.editing.products import EditedMeanwhile
from catalog.editing.sheet import open_sheet
from catalog.editing.variants import Saved, save_matrix
from catalog.inventory import OutOfStock, book_movements, reserve
from catalog.models import OptionValue, Product, StockMovement, Variant
from catalog.tests.builders import make_product, make_value, make_variant, stock_of
from catalog.tests.editing.pages import (
    field_of,
    make_matrix,
    make_owner,
    page_of,
    prices_of,
    read_form,
    signed_in,
)
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

CORRECTED = Booking(StockMovement.Kind.CORRECTED, "counted", None)


def saving(
    product: Product, price: str, *, dropped: list[int] | None = None
) -> Callable[[], Saved]:
    """A save of the page as it is now, with another price in each row."""
    sheet = open_sheet(read_matrix(product, language="id", currency="IDR"))
    sheet.fill("price", price)
    gone = dropped or []
    return partial(
        save_matrix,
        product_pk=product.pk,
        seen=product.updated_at,
        option_pks=list(sheet.ticked),
        rows=[row for row in sheet.read(locations=()) if row.variant_pk not in gone],
        dropped=gone,
        booking=CORRECTED,
        currency="IDR",
    )


def test_of_several_saves_of_the_same_page_one_wins() -> None:
    product, [variant] = make_matrix()
    results = race([saving(product, str(100_000 + number)) for number in range(6)])
    assert sum(isinstance(result, Saved) for result in results) == 1
    assert sum(isinstance(result, EditedMeanwhile) for result in results) == 5
    assert len(prices_of(variant)) == 2


def test_of_several_saves_of_the_details_one_wins() -> None:
    product = make_product("Kaos")
    owner = make_owner()
    fields = read_form(signed_in(owner).get(page_of(product, "change")).text, "product_form")

    def save(number: int) -> Any:
        typed = fields | {field_of(fields, "name"): f"Kaos {number}"}
        return signed_in(owner).post(page_of(product, "change"), typed).status_code

    results = race([partial(save, number) for number in range(4)])
    assert sorted(map(str, results)) == ["200", "200", "200", "302"]


def test_a_variant_is_either_sold_or_deleted() -> None:
    def reserve_one(item_pk: int) -> str:
        with transaction.atomic():
            reserve(
                holder=uuid4(),
                quantities={item_pk: 1},
                until=timezone.now() + timedelta(hours=1),
            )
        return "sold"

    for _round in range(6):
        product, (kept, dropped) = make_matrix(sizes=["S", "L"])
        item = dropped.stock_items.get()
        # Units without a movement, as from a database of long ago: nothing but the order tells.
        type(item).objects.filter(pk=item.pk).update(on_hand=1)
        calls: list[Callable[[], Saved | str]] = [
            partial(reserve_one, item.pk),
            saving(product, "1000", dropped=[dropped.pk]),
        ]
        sold, saved = race(calls)
        assert isinstance(saved, Saved)
        if sold == "sold":
            dropped.refresh_from_db()
            assert not dropped.is_active
            assert stock_of(dropped) == (1, 1)
        else:
            assert isinstance(sold, OutOfStock)
            assert list(product.variants.all()) == [kept]


def test_two_colleagues_who_add_the_same_colour_end_with_one() -> None:
    option = make_value("colour", "navy").option
    results = race([partial(add_value, option_pk=option.pk, name="Hijau Botol")] * 6)
    assert len({result[0].pk for result in results if isinstance(result, tuple)}) == 1
    assert sum(result[1] for result in results if isinstance(result, tuple)) == 1
    assert OptionValue.objects.filter(option=option).count() == 2


def test_corrections_and_buyers_of_the_same_goods_neither_lose_units_nor_deadlock() -> None:
    variants = [make_variant(on_hand=100) for _number in range(3)]
    items = [variant.stock_items.get().pk for variant in variants]

    def correct(order: list[int]) -> None:
        book_movements(
            quantities=dict.fromkeys(order, 2), kind=StockMovement.Kind.CORRECTED, reason="found"
        )

    def buy(order: list[int]) -> None:
        with transaction.atomic():
            reserve(
                holder=uuid4(),
                quantities=dict.fromkeys(order, 1),
                until=timezone.now() + timedelta(hours=1),
            )

    calls = [partial(correct, items), partial(buy, items[::-1]), partial(correct, items[::-1])] * 4
    assert race(calls) == [None] * 12
    assert [stock_of(variant) for variant in variants] == [(116, 4)] * 3
    assert Variant.objects.count() == 3
