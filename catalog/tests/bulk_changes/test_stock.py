"""Stock of many variants at one location: counted, added, taken away."""

import pytest

from catalog.bulk_changes import PlanChanged, Problem, StockEdit, StockMove, plan_change
from catalog.models import BulkChange, StockMovement
from catalog.tests.builders import (
    make_location,
    make_product,
    make_seller,
    make_variant,
    stock_of,
)
from catalog.tests.bulk_changes.builders import claim, do, seen

pytestmark = pytest.mark.django_db


def add(units: int, *, city: str = "Kota Pekalongan") -> StockEdit:
    return StockEdit(make_location(city=city).pk, StockMove.ADD, units)


def count(units: int) -> StockEdit:
    return StockEdit(make_location().pk, StockMove.SET, units)


def test_stock_is_added_taken_away_and_set() -> None:
    product = make_product()
    few, many = make_variant(product=product, on_hand=2), make_variant(product=product, on_hand=9)

    do(add(5), product)
    assert (stock_of(few), stock_of(many)) == ((7, 0), (14, 0))
    do(add(-7), product)
    assert (stock_of(few), stock_of(many)) == ((0, 0), (7, 0))
    do(count(4), product)
    assert (stock_of(few), stock_of(many)) == ((4, 0), (4, 0))


def test_each_change_is_a_movement_that_says_who_and_why() -> None:
    shirt = make_variant(on_hand=3)

    change = do(count(8), shirt.product)

    movement = StockMovement.objects.get(kind=StockMovement.Kind.CORRECTED)
    assert (movement.quantity, movement.reason, movement.actor_id) == (
        5,
        "counted",
        change.actor_id,
    )


def test_what_is_already_as_counted_has_no_movement() -> None:
    product = make_product()
    make_variant(product=product, on_hand=8)
    make_variant(product=product, on_hand=3)

    change = do(count(8), product)

    assert change.lines.count() == 1
    assert StockMovement.objects.filter(kind=StockMovement.Kind.CORRECTED).count() == 1


def test_goods_can_come_to_a_location_for_the_first_time() -> None:
    shirt = make_variant(on_hand=3)

    do(add(5, city="Kota Bandung"), shirt.product)

    here, there = shirt.stock_items.order_by("pk")
    assert (here.on_hand, there.on_hand) == (3, 5)
    assert there.location.city == "Kota Bandung"


def test_what_orders_have_reserved_cannot_be_taken_away() -> None:
    product = make_product()
    held, free = make_variant(product=product, on_hand=6), make_variant(product=product, on_hand=6)
    claim(held, 4)

    plan = plan_change(product_pks=[product.pk], edit=count(3))
    assert [(line.pk, line.problem) for line in plan.refused] == [(held.pk, Problem.RESERVED)]

    do(count(3), product, leave_out_refused=True)
    assert (stock_of(held), stock_of(free)) == ((6, 4), (3, 0))


def test_nothing_lies_below_zero() -> None:
    shirt = make_variant(on_hand=2)

    [line] = plan_change(product_pks=[shirt.product_id], edit=add(-3)).refused

    assert (line.problem, line.before, line.after) == (Problem.NEGATIVE, 2, -1)


def test_a_location_holds_the_goods_of_its_own_seller_only() -> None:
    foreign = make_variant(product=make_product(seller=make_seller("Tenun Ikat")))

    [line] = plan_change(product_pks=[foreign.product_id], edit=add(5)).refused

    assert line.problem == Problem.OTHER_SELLER


def test_a_change_of_somebody_else_in_between_is_not_overwritten() -> None:
    shirt = make_variant(on_hand=2)
    edit = count(8)
    fingerprint = seen(edit, shirt.product)
    do(add(1), shirt.product)

    with pytest.raises(PlanChanged):
        do(edit, shirt.product, fingerprint=fingerprint)

    assert stock_of(shirt) == (3, 0)
    assert BulkChange.objects.count() == 1
