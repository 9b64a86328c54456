"""Stock is sold once, given back once, and its history sums to what lies there."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from catalog.inventory import OutOfStock, commit_reservation, receive_stock, release, reserve
from catalog.models import Reservation, StockItem, StockMovement, Variant
from catalog.tests.builders import make_variant, stock_of
from tests.racing import race


def item_of(variant: Variant) -> int:
    return StockItem.objects.get(variant=variant).pk


def take(quantities: dict[int, int], *, holder: UUID | None = None) -> UUID:
    holder = holder or uuid4()
    with transaction.atomic():
        reserve(holder=holder, quantities=quantities, until=timezone.now() + timedelta(hours=1))
    return holder


@pytest.mark.django_db(transaction=True)
def test_one_unit_is_reserved_once_by_many_at_the_same_moment() -> None:
    mug = make_variant(on_hand=1)
    results = race([partial(take, {item_of(mug): 1})] * 12)
    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, OutOfStock) for result in results) == 11
    assert stock_of(mug) == (1, 1)
    assert Reservation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_all_units_are_sold_when_demand_exceeds_stock() -> None:
    mug = make_variant(on_hand=5)
    results = race([partial(take, {item_of(mug): 1})] * 12)
    assert sum(isinstance(result, UUID) for result in results) == 5
    assert stock_of(mug) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_carts_in_opposite_order_do_not_deadlock() -> None:
    one, two = item_of(make_variant(on_hand=50)), item_of(make_variant(on_hand=50))
    calls = [partial(take, {one: 1, two: 1}), partial(take, {two: 1, one: 1})] * 8
    assert all(isinstance(result, UUID) for result in race(calls))


@pytest.mark.django_db
def test_a_refused_reservation_takes_nothing_of_the_rest() -> None:
    plenty, few = make_variant(on_hand=10), make_variant(on_hand=1)
    with pytest.raises(OutOfStock) as refusal:
        take({item_of(plenty): 2, item_of(few): 2})
    assert refusal.value.stock_item_ids == [item_of(few)]
    assert (stock_of(plenty), stock_of(few)) == ((10, 0), (1, 0))
    assert Reservation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("end", "left"), [(release, 5), (commit_reservation, 3)])
def test_a_reservation_ends_once_however_often_it_is_asked(
    end: Callable[..., bool], left: int
) -> None:
    mug, cup = make_variant(on_hand=5), make_variant(on_hand=5)
    holder = take({item_of(mug): 2, item_of(cup): 2})
    results = race([partial(end, holder=holder)] * 6)
    assert sorted(map(str, results)) == ["False"] * 5 + ["True"]
    assert (stock_of(mug), stock_of(cup)) == ((left, 0), (left, 0))


@pytest.mark.django_db(transaction=True)
def test_a_reservation_is_either_sold_or_released_never_both() -> None:
    mug = make_variant(on_hand=3)
    holder = take({item_of(mug): 2})
    race([partial(release, holder=holder), partial(commit_reservation, holder=holder)] * 4)
    state = Reservation.objects.get(holder=holder).state
    assert stock_of(mug) == ((1, 0) if state == Reservation.State.COMMITTED else (3, 0))


@pytest.mark.django_db
def test_a_sale_leaves_the_shelf_with_a_movement_that_says_so() -> None:
    mug = make_variant(on_hand=3)
    holder = take({item_of(mug): 2})
    assert commit_reservation(holder=holder) is True
    assert commit_reservation(holder=holder) is False
    assert stock_of(mug) == (1, 0)
    sold = StockMovement.objects.get(kind=StockMovement.Kind.SOLD)
    assert (sold.quantity, sold.reference) == (-2, holder)
    total = StockMovement.objects.filter(stock_item=item_of(mug)).aggregate(Sum("quantity"))
    assert total == {"quantity__sum": 1}


@pytest.mark.django_db
def test_placing_again_swaps_the_claim_for_the_last_unit() -> None:
    mug, cup = make_variant(on_hand=1), make_variant(on_hand=1)
    first = take({item_of(mug): 1})
    second = uuid4()
    with transaction.atomic():
        reserve(
            holder=second,
            quantities={item_of(mug): 1, item_of(cup): 1},
            until=timezone.now() + timedelta(hours=1),
            replacing=[first],
        )
    assert (stock_of(mug), stock_of(cup)) == ((1, 1), (1, 1))
    assert Reservation.objects.get(holder=first).state == Reservation.State.RELEASED


@pytest.mark.django_db
def test_a_correction_cannot_take_what_is_reserved() -> None:
    mug = make_variant(on_hand=3)
    take({item_of(mug): 2})
    correction = StockMovement.Kind.CORRECTED
    with pytest.raises(OutOfStock):
        receive_stock(stock_item_id=item_of(mug), quantity=-2, kind=correction, reason="counted")
    assert stock_of(mug) == (3, 2)
    assert not StockMovement.objects.filter(kind=correction).exists()


@pytest.mark.django_db
def test_the_database_itself_refuses_to_oversell() -> None:
    mug = make_variant(on_hand=1)
    with pytest.raises(IntegrityError, match="stock_never_oversold"), transaction.atomic():
        StockItem.objects.filter(variant=mug).update(reserved=2)
    assert stock_of(mug) == (1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET quantity = 9", "DELETE FROM {}"])
def test_the_history_of_stock_cannot_be_changed(statement: str) -> None:
    make_variant(on_hand=1)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("catalog_stockmovement"))
    assert StockMovement.objects.get().quantity == 1
