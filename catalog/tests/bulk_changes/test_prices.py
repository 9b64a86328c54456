"""Prices of many variants: what follows from the old price, and what stays as history."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.bulk_changes import (
    CompareAt,
    LinesRefused,
    Note,
    NothingToChange,
    PriceEdit,
    PriceMove,
    Problem,
    Rounding,
    field_named,
    plan_change,
    undo_change,
)
from catalog.models import BulkChange, Price, Product
from catalog.tests.builders import make_price, make_product, make_variant
from catalog.tests.bulk_changes.builders import do, lower, price_of, set_price
from catalog.tests.editing.pages import make_staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("edit", "price"),
    [
        (set_price(99_000), (99_000, None)),
        (lower(10), (134_100, None)),
        (lower(10, step_minor=1_000), (134_000, None)),
        (lower(10, step_minor=1_000, rounding=Rounding.UP), (135_000, None)),
        (lower(10, step_minor=5_000, rounding=Rounding.DOWN), (130_000, None)),
        (lower(10, step_minor=1_000, compare_at=CompareAt.OLD_PRICE), (134_000, 149_000)),
        (PriceEdit("IDR", PriceMove.ADD, amount_minor=10_500), (159_500, None)),
        (PriceEdit("IDR", PriceMove.ADD, amount_minor=-9_000), (140_000, None)),
        (
            PriceEdit("IDR", PriceMove.PERCENT, percent=Decimal("12.5"), step_minor=500),
            (167_500, None),
        ),
    ],
)
def test_a_new_price_follows_from_the_old_one(
    edit: PriceEdit, price: tuple[int, int | None]
) -> None:
    shirt = make_variant(price=149_000)

    do(edit, shirt.product)

    assert price_of(shirt) == price


@pytest.mark.parametrize(
    ("edit", "price"),
    [
        (lower(10), (90_000, 150_000)),
        (lower(10, compare_at=CompareAt.OLD_PRICE), (90_000, 100_000)),
        (lower(10, compare_at=CompareAt.CLEAR), (90_000, None)),
        (PriceEdit("IDR", PriceMove.RESTORE), (150_000, None)),
        (PriceEdit("IDR", PriceMove.KEEP, compare_at=CompareAt.CLEAR), (100_000, None)),
    ],
)
def test_a_crossed_out_price_stays_moves_or_goes(
    edit: PriceEdit, price: tuple[int, int | None]
) -> None:
    shirt = make_variant(price=100_000, compare_at=150_000)

    do(edit, shirt.product)

    assert price_of(shirt) == price


def test_the_price_until_now_stays_as_history() -> None:
    shirt = make_variant(price=149_000)

    do(set_price(99_000), shirt.product)

    old, new = Price.objects.filter(variant=shirt).order_by("valid_from")
    assert (old.amount_minor, new.amount_minor) == (149_000, 99_000)
    assert old.valid_until == new.valid_from
    assert new.valid_until is None


def test_all_variants_of_the_products_change_and_no_others() -> None:
    product = make_product()
    small, large = make_variant(product=product), make_variant(product=product, price=159_000)
    other = make_variant(price=100_000)

    do(lower(50), product)

    assert [price_of(each) for each in (small, large, other)] == [
        (74_500, None),
        (79_500, None),
        (100_000, None),
    ]


def test_other_currencies_are_left_alone() -> None:
    shirt = make_variant(price=149_000)
    make_price(shirt, 12_50, currency="USD")

    do(lower(50), shirt.product)

    in_dollars = Price.objects.get(variant=shirt, currency="USD")
    assert (in_dollars.amount_minor, in_dollars.valid_until) == (12_50, None)


def test_a_first_price_can_be_set_and_holds_until_a_planned_one_begins() -> None:
    shirt = make_variant(price=None)
    december = timezone.now() + timedelta(days=9)
    make_price(shirt, 200_000, valid_from=december)

    do(set_price(149_000), shirt.product)

    assert price_of(shirt) == (149_000, None)
    assert price_of(shirt, at=december) == (200_000, None)


def test_a_planned_sale_stays_and_returns_to_the_new_price() -> None:
    shirt = make_variant(price=None)
    now = timezone.now()
    begin, end = now + timedelta(days=9), now + timedelta(days=12)
    make_price(shirt, 200_000, valid_from=now - timedelta(days=1), valid_until=begin)
    make_price(shirt, 150_000, compare_at=200_000, valid_from=begin, valid_until=end)
    make_price(shirt, 200_000, valid_from=end)

    do(set_price(220_000), shirt.product)

    assert price_of(shirt) == (220_000, None)
    assert price_of(shirt, at=begin) == (150_000, 220_000)
    assert price_of(shirt, at=end) == (220_000, None)


def test_while_a_sale_runs_only_the_rest_of_it_changes() -> None:
    shirt = make_variant(price=None)
    now = timezone.now()
    end = now + timedelta(days=3)
    make_price(
        shirt, 150_000, compare_at=200_000, valid_from=now - timedelta(days=1), valid_until=end
    )
    make_price(shirt, 200_000, valid_from=end)

    do(set_price(120_000), shirt.product)

    assert price_of(shirt) == (120_000, 200_000)
    assert price_of(shirt, at=end) == (200_000, None)


def test_what_was_planned_may_begin_before_the_change_is_undone() -> None:
    shirt = make_variant(price=None)
    now = timezone.now()
    sale = now + timedelta(days=9)
    make_price(shirt, 200_000, valid_from=now - timedelta(days=1), valid_until=sale)
    make_price(shirt, 150_000, compare_at=200_000, valid_from=sale)
    before = do(set_price(220_000), shirt.product).lines.get().before

    later = field_named("price:IDR").advance(before, at=sale)

    assert later == [{"amount": 150_000, "compare_at": 200_000, "from": None, "until": None}]


def test_undoing_brings_back_the_price_and_what_was_planned() -> None:
    shirt = make_variant(price=None)
    now = timezone.now()
    sale = now + timedelta(days=9)
    make_price(shirt, 200_000, valid_from=now - timedelta(days=1), valid_until=sale)
    make_price(shirt, 150_000, compare_at=200_000, valid_from=sale)
    change = do(set_price(140_000), shirt.product)
    # A sale that would cost more than the new price is off.
    assert price_of(shirt, at=sale) == (140_000, None)

    undo_change(change_pk=change.pk, actor_id=make_staff().pk)

    assert price_of(shirt) == (200_000, None)
    assert price_of(shirt, at=sale) == (150_000, 200_000)


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (PriceEdit("IDR", PriceMove.ADD, amount_minor=-149_000), Problem.NOT_POSITIVE),
        (lower(99, step_minor=10_000), Problem.NOT_POSITIVE),
        (set_price(149_000, compare_at=CompareAt.OLD_PRICE), None),
        (set_price(160_000, compare_at=CompareAt.OLD_PRICE), Problem.COMPARE_AT),
        (PriceEdit("IDR", PriceMove.RESTORE), Problem.NO_COMPARE_AT),
        (PriceEdit("USD", PriceMove.PERCENT, percent=Decimal(-10)), Problem.NO_PRICE),
    ],
)
def test_what_cannot_be_is_named_before_anything_is_written(
    edit: PriceEdit, problem: Problem | None
) -> None:
    shirt = make_variant(price=149_000)

    plan = plan_change(product_pks=[shirt.product_id], edit=edit)

    assert [line.problem for line in plan.refused] == ([problem] if problem else [])
    assert (list(plan.lines), plan.unchanged) == ([], 0 if problem else 1)
    with pytest.raises(NothingToChange):
        do(edit, shirt.product)
    assert price_of(shirt) == (149_000, None)
    assert not BulkChange.objects.exists()


def test_nothing_changes_until_staff_says_what_becomes_of_the_rest() -> None:
    product = make_product()
    priced = make_variant(product=product, price=149_000)
    unpriced = make_variant(product=product, price=None)

    with pytest.raises(LinesRefused):
        do(lower(10), product)
    assert price_of(priced) == (149_000, None)

    do(lower(10), product, leave_out_refused=True)
    assert price_of(priced) == (134_100, None)
    assert price_of(unpriced) is None


def test_the_biggest_change_comes_first() -> None:
    product = make_product()
    for price in (100_000, 400_000, 200_000):
        make_variant(product=product, price=price)

    plan = plan_change(
        product_pks=[product.pk], edit=PriceEdit("IDR", PriceMove.ADD, amount_minor=10_000)
    )

    assert [line.before[0]["amount"] for line in plan.lines] == [100_000, 200_000, 400_000]


def test_a_price_below_cost_is_pointed_out() -> None:
    shirt = make_variant(price=149_000)
    shirt.cost_minor = 100_000
    shirt.save()

    [line] = plan_change(product_pks=[shirt.product_id], edit=set_price(99_000)).lines

    assert line.note == Note.BELOW_COST


def test_a_form_that_was_opened_before_is_out_of_date() -> None:
    shirt = make_variant()
    opened = Product.objects.get(pk=shirt.product_id).updated_at

    do(lower(10), shirt.product)

    assert Product.objects.get(pk=shirt.product_id).updated_at > opened
