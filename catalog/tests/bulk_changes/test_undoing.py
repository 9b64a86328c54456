"""Undoing puts back what is as the change left it, and never overwrites what came after."""

from functools import partial
from uuid import uuid4

import pytest

from catalog.bulk_changes import (
    AlreadyUndone,
    ChangedSince,
    Edit,
    PlanChanged,
    Problem,
    Publication,
    PublicationEdit,
    StockEdit,
    StockMove,
    apply_change,
    plan_change,
    plan_undo,
    undo_change,
    undo_id,
)
from catalog.models import BulkChange, Price, Product, StockMovement
from catalog.tests.builders import make_location, make_product, make_variant, stock_of
from catalog.tests.bulk_changes.builders import claim, do, lower, price_of, sell, set_price
from catalog.tests.editing.pages import make_staff
from tests.racing import race


def undo(change: BulkChange, *, leave_out_changed: bool = False) -> BulkChange:
    return undo_change(
        change_pk=change.pk, actor_id=make_staff().pk, leave_out_changed=leave_out_changed
    )


def add(units: int) -> StockEdit:
    return StockEdit(make_location().pk, StockMove.ADD, units)


@pytest.mark.django_db
def test_an_undone_price_is_the_old_one_and_history_shows_all_three() -> None:
    shirt = make_variant(price=149_000, compare_at=199_000)
    change = do(lower(10), shirt.product)

    undo(change)

    prices = list(Price.objects.filter(variant=shirt).order_by("valid_from"))
    assert [(each.amount_minor, each.compare_at_minor) for each in prices] == [
        (149_000, 199_000),
        (134_100, 199_000),
        (149_000, 199_000),
    ]
    assert [each.valid_until for each in prices] == [
        prices[1].valid_from,
        prices[2].valid_from,
        None,
    ]


@pytest.mark.django_db
def test_a_first_price_ends_when_it_is_undone() -> None:
    shirt = make_variant(price=None)
    change = do(set_price(99_000), shirt.product)

    undo(change)

    assert price_of(shirt) is None


@pytest.mark.django_db
def test_undone_stock_is_a_movement_back_that_says_so() -> None:
    shirt = make_variant(on_hand=3)
    change = do(add(5), shirt.product)

    undone = undo(change)

    assert stock_of(shirt) == (3, 0)
    back = StockMovement.objects.order_by("pk").last()
    assert back
    assert (back.quantity, back.actor_id) == (-5, undone.actor_id)
    assert change.summary in back.reason


@pytest.mark.django_db
def test_the_undoing_is_kept_as_a_change_of_its_own() -> None:
    shirt = make_variant(price=149_000)
    change = do(lower(10), shirt.product)

    undone = undo(change)

    change.refresh_from_db()
    assert change.undone_by == undone.actor
    assert undone.public_id == undo_id(change)
    [line], [back] = change.lines.all(), undone.lines.all()
    assert (back.before, back.after) == (line.after, line.before)


@pytest.mark.django_db
def test_one_edited_price_stops_the_whole_undoing_and_is_named() -> None:
    product = make_product()
    shirt, other = make_variant(product=product), make_variant(product=product)
    change = do(set_price(99_000), product)
    Price.objects.filter(variant=other, valid_until=None).update(amount_minor=88_000)

    with pytest.raises(ChangedSince) as refusal:
        undo(change)

    [line] = refusal.value.lines
    assert (line.pk, line.problem) == (other.pk, Problem.CHANGED)
    assert [period["amount"] for period in line.before] == [88_000]
    assert (price_of(shirt), price_of(other)) == ((99_000, None), (88_000, None))
    assert BulkChange.objects.get().undone_at is None


@pytest.mark.django_db
def test_the_others_are_undone_when_staff_says_so() -> None:
    product = make_product()
    shirt, other = make_variant(product=product), make_variant(product=product)
    change = do(set_price(99_000), product)
    Price.objects.filter(variant=other, valid_until=None).update(amount_minor=88_000)

    undone = undo(change, leave_out_changed=True)

    assert (price_of(shirt), price_of(other)) == ((149_000, None), (88_000, None))
    assert [line.target_pk for line in undone.lines.all()] == [shirt.pk]


@pytest.mark.django_db
def test_when_everything_has_changed_there_is_nothing_to_undo() -> None:
    shirt = make_variant()
    change = do(set_price(99_000), shirt.product)
    do(set_price(88_000), shirt.product)

    with pytest.raises(ChangedSince):
        undo(change, leave_out_changed=True)

    change.refresh_from_db()
    assert (price_of(shirt), change.undone_at) == ((88_000, None), None)


@pytest.mark.django_db
def test_stock_that_was_sold_since_is_not_undone() -> None:
    shirt = make_variant(on_hand=3)
    change = do(add(5), shirt.product)
    sell(shirt, 1)

    with pytest.raises(ChangedSince) as refusal:
        undo(change)

    [line] = refusal.value.lines
    assert (line.before, line.problem) == (7, Problem.CHANGED)
    assert stock_of(shirt) == (7, 0)


@pytest.mark.django_db
def test_stock_that_was_reserved_since_is_not_undone() -> None:
    shirt = make_variant(on_hand=3)
    change = do(add(5), shirt.product)
    claim(shirt, 4)

    with pytest.raises(ChangedSince) as refusal:
        undo(change)

    assert [line.problem for line in refusal.value.lines] == [Problem.RESERVED]
    assert stock_of(shirt) == (8, 4)


@pytest.mark.django_db
def test_a_variant_that_is_gone_is_named() -> None:
    product = make_product()
    kept = make_variant(product=product)
    gone = make_variant(product=product, on_hand=0)
    change = do(set_price(99_000), product)
    gone.stock_items.all().delete()
    gone.delete()

    plan = plan_undo(change=change)

    assert [line.problem for line in plan.refused] == [Problem.GONE]
    assert [line.pk for line in plan.lines] == [kept.pk]


@pytest.mark.django_db
def test_a_change_is_undone_once() -> None:
    shirt = make_variant(price=149_000)
    change = do(lower(10), shirt.product)
    undo(change)

    with pytest.raises(AlreadyUndone):
        undo(change)

    assert Price.objects.filter(variant=shirt).count() == 3


@pytest.mark.django_db
def test_an_undoing_can_itself_be_undone() -> None:
    shirt = make_variant(price=149_000)
    undone = undo(do(set_price(99_000), shirt.product))

    undo(undone)

    assert price_of(shirt) == (99_000, None)


@pytest.mark.django_db
def test_a_form_that_was_opened_before_the_undoing_is_out_of_date() -> None:
    shirt = make_variant()
    change = do(lower(10), shirt.product)
    opened = Product.objects.get(pk=shirt.product_id).updated_at

    undo(change)

    assert Product.objects.get(pk=shirt.product_id).updated_at > opened


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_on_undo_one_undoes() -> None:
    shirt = make_variant(on_hand=3)
    change = do(add(5), shirt.product)

    results = race([partial(undo, change)] * 6)

    assert [type(each) for each in results].count(BulkChange) == 1
    assert [type(each) for each in results].count(AlreadyUndone) == 5
    assert stock_of(shirt) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_on_apply_one_applies() -> None:
    shirt, actor = make_variant(on_hand=3), make_staff()
    edit, pks = add(5), [shirt.product_id]
    click = partial(
        apply_change,
        token=uuid4(),
        product_pks=pks,
        edit=edit,
        fingerprint=plan_change(product_pks=pks, edit=edit).fingerprint,
        summary="+5",
        actor_id=actor.pk,
    )

    results = race([click] * 6)

    assert {type(each) for each in results} == {BulkChange}
    assert BulkChange.objects.count() == 1
    assert stock_of(shirt) == (8, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["price", "stock", "publication"])
def test_of_colleagues_with_the_same_plan_one_applies(kind: str) -> None:
    shirt, actor = make_variant(price=149_000, on_hand=3), make_staff()
    edits: dict[str, Edit] = {
        "price": lower(10),
        "stock": add(5),
        "publication": PublicationEdit(Publication.HIDE),
    }
    pks = [shirt.product_id]

    def click() -> BulkChange:
        return apply_change(
            token=uuid4(),
            product_pks=pks,
            edit=edits[kind],
            fingerprint=fingerprint,
            summary=kind,
            actor_id=actor.pk,
        )

    fingerprint = plan_change(product_pks=pks, edit=edits[kind]).fingerprint
    results = race([click] * 4)

    assert [type(each) for each in results].count(BulkChange) == 1
    assert [type(each) for each in results].count(PlanChanged) == 3
    assert BulkChange.objects.count() == 1
    if kind == "stock":
        assert stock_of(shirt) == (8, 0)
