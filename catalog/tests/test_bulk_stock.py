"""Stock of many items at once keeps the same promises as stock of one."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.inventory import (
    BelowReserved,
    correct_stock_in_bulk,
    open_stock_in_bulk,
    receive_stock,
    reserve,
)
from catalog.models import StockItem, StockMovement, Variant
from catalog.tests.builders import make_location, make_variant, stock_of
from catalog.tests.importing.files import movements_sum_to_stock
from tests.racing import race


def item_of(variant: Variant) -> int:
    return StockItem.objects.get(variant=variant).pk


@transaction.atomic
def take(item: int, quantity: int) -> None:
    reserve(holder=uuid4(), quantities={item: quantity}, until=timezone.now() + timedelta(hours=1))


@pytest.mark.django_db
def test_stock_is_opened_with_a_movement_for_all_that_there_is() -> None:
    first, second = make_variant(on_hand=0), make_variant(on_hand=0)
    location = make_location(city="Toko")
    reference = uuid4()
    items = [(first.pk, location.pk, 7), (second.pk, location.pk, 0)]
    open_stock_in_bulk(items, reason="katalog.csv", reference=reference)
    assert (stock_of(first), stock_of(second)) == ((7, 0), (0, 0))
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.quantity) == (StockMovement.Kind.RECEIVED, 7)
    assert (movement.reason, movement.reference) == ("katalog.csv", reference)
    assert movements_sum_to_stock()


@pytest.mark.django_db
def test_stock_that_is_there_is_not_opened_again() -> None:
    mug = make_variant(on_hand=3)
    location = StockItem.objects.get().location_id
    with pytest.raises(IntegrityError, match="stock_item_once"), transaction.atomic():
        open_stock_in_bulk([(mug.pk, location, 9)])
    assert stock_of(mug) == (3, 0)


@pytest.mark.django_db
def test_a_correction_moves_only_what_differs() -> None:
    more, less, same = (make_variant(on_hand=5) for _ in range(3))
    before = StockMovement.objects.count()
    correct_stock_in_bulk({item_of(more): 8, item_of(less): 0, item_of(same): 5}, reason="hitung")
    assert [stock_of(each) for each in (more, less, same)] == [(8, 0), (0, 0), (5, 0)]
    moved = StockMovement.objects.order_by("pk")[before:]
    assert sorted(movement.quantity for movement in moved) == [-5, 3]
    assert {(movement.kind, movement.reason) for movement in moved} == {("corrected", "hitung")}
    assert movements_sum_to_stock()


@pytest.mark.django_db
def test_no_correction_takes_what_is_reserved_and_then_none_is_made() -> None:
    plenty, held = make_variant(on_hand=5), make_variant(on_hand=5)
    take(item_of(held), 3)
    with pytest.raises(BelowReserved) as refusal:
        correct_stock_in_bulk({item_of(plenty): 9, item_of(held): 2})
    assert refusal.value.stock_item_ids == [item_of(held)]
    assert (stock_of(plenty), stock_of(held)) == ((5, 0), (5, 3))
    correct_stock_in_bulk({item_of(held): 3})
    assert stock_of(held) == (3, 3)
    assert movements_sum_to_stock()


@pytest.mark.django_db(transaction=True)
def test_corrections_and_receipts_at_the_same_moment_lose_no_movement() -> None:
    mug = make_variant(on_hand=5)
    item = item_of(mug)
    correct = partial(correct_stock_in_bulk, {item: 20})
    results = race([correct, partial(receive_stock, stock_item_id=item, quantity=1)] * 6)
    assert results == [None] * 12
    assert stock_of(mug)[0] in range(20, 27)
    assert movements_sum_to_stock()


@pytest.mark.django_db(transaction=True)
def test_corrections_in_opposite_order_do_not_deadlock() -> None:
    items = [item_of(make_variant(on_hand=5)) for _ in range(60)]

    def correct_often(numbers: tuple[int, int]) -> None:
        for number in numbers * 5:
            correct_stock_in_bulk(dict.fromkeys(items, number))

    calls = [partial(correct_often, (9, 3)), partial(correct_often, (4, 8))]
    assert race(calls * 3) == [None] * 6
    assert movements_sum_to_stock()
