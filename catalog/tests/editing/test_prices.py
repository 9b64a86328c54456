"""Prices of real variants: changed, planned, called off, and never two at a time."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.catalogue.offers import offers_of
from catalog.editing.prices import (
    NothingPlanned,
    NothingToLower,
    PriceCell,
    PriceMoved,
    SaleIsOver,
    SaleOverlaps,
    Typed,
    cancel_planned,
    change_planned,
    plan_sale,
    planned_of,
    set_prices,
    write_prices,
)
from catalog.models import Price, Product, Variant
from catalog.tests.builders import make_price, make_product, make_variant
from tests.racing import race

pytestmark = pytest.mark.django_db


def old_variant(product: Product | None = None, price: int = 150_000) -> Variant:
    """One whose price holds since a week."""
    variant = make_variant(product=product, price=None)
    make_price(variant, price, valid_from=timezone.now() - timedelta(days=7))
    return variant


def history(variant: Variant) -> list[tuple[int, int | None, bool]]:
    """(Amount, price before, whether it has an end) in order of time."""
    return [
        (price.amount_minor, price.compare_at_minor, price.valid_until is not None)
        for price in Price.objects.filter(variant=variant).order_by("valid_from")
    ]


def price_on(variant: Variant, at: datetime) -> int | None:
    offers = offers_of([variant.product_id], currency="IDR", at=at).get(variant.product_id, [])
    return next((each.price_minor for each in offers if each.variant_pk == variant.pk), None)


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def plan(product: Product, *variants: Variant, percent: int = 20, days: float = 3) -> int:
    return plan_sale(
        product_pk=product.pk,
        variant_pks=[variant.pk for variant in variants],
        begins_at=in_days(days),
        ends_at=in_days(days + 1),
        percent=percent,
        currency="IDR",
    )


def test_a_new_price_holds_at_once_and_the_old_one_stays_in_the_history() -> None:
    variant = old_variant()
    changed = set_prices(
        product_pk=variant.product_id, prices={variant.pk: Typed(139_000, 150_000)}, currency="IDR"
    )
    assert changed == 1
    assert history(variant) == [(150_000, None, True), (139_000, 150_000, False)]
    assert price_on(variant, timezone.now()) == 139_000
    assert price_on(variant, in_days(-1)) == 150_000


def test_prices_changed_back_and_forth_within_the_minute_all_stand_in_the_history() -> None:
    variant = old_variant()
    for amount in (139_000, 150_000, 139_000):
        set_prices(
            product_pk=variant.product_id, prices={variant.pk: Typed(amount)}, currency="IDR"
        )
    amounts = [amount for amount, _before, _ends in history(variant)]
    assert amounts == [150_000, 139_000, 150_000, 139_000]
    assert price_on(variant, timezone.now()) == 139_000


def test_the_same_price_writes_nothing() -> None:
    variant = old_variant()
    assert not set_prices(
        product_pk=variant.product_id, prices={variant.pk: Typed(150_000)}, currency="IDR"
    )
    assert history(variant) == [(150_000, None, False)]


def test_a_price_that_is_in_force_by_now_may_be_typed() -> None:
    variant = old_variant(price=99_000)
    cell = PriceCell(shown=Typed(149_000), typed=Typed(99_000))
    assert not write_prices(cells={variant.pk: cell}, currency="IDR", at=timezone.now())
    assert history(variant) == [(99_000, None, False)]


def test_a_price_typed_over_another_than_was_shown_is_refused() -> None:
    variant = old_variant(price=99_000)
    cell = PriceCell(shown=Typed(149_000), typed=Typed(129_000))
    with pytest.raises(PriceMoved):
        write_prices(cells={variant.pk: cell}, currency="IDR", at=timezone.now())
    assert history(variant) == [(99_000, None, False)]


def test_an_empty_price_takes_the_variant_off_sale() -> None:
    variant = old_variant()
    set_prices(product_pk=variant.product_id, prices={variant.pk: Typed(None)}, currency="IDR")
    assert history(variant) == [(150_000, None, True)]
    assert price_on(variant, timezone.now()) is None


def test_every_change_of_prices_makes_open_pages_out_of_date() -> None:
    variant = old_variant()
    before = Product.objects.get().updated_at
    set_prices(product_pk=variant.product_id, prices={variant.pk: Typed(1)}, currency="IDR")
    assert Product.objects.get().updated_at > before


def test_another_products_variants_keep_their_price() -> None:
    variant, other = old_variant(), old_variant()
    set_prices(product_pk=variant.product_id, prices={other.pk: Typed(1)}, currency="IDR")
    assert history(other) == [(150_000, None, False)]


def test_a_planned_sale_begins_and_ends_by_itself() -> None:
    product = make_product()
    dear, cheap = old_variant(product, 150_000), old_variant(product, 99_999)
    assert plan(product, dear, cheap) == 2
    assert [price_on(dear, in_days(days)) for days in (0, 3.5, 5)] == [150_000, 120_000, 150_000]
    assert [price_on(cheap, in_days(days)) for days in (0, 3.5, 5)] == [99_999, 79_999, 99_999]
    [planned] = planned_of(product.pk, at=timezone.now(), currency="IDR")
    assert planned.variant_pks == (dear.pk, cheap.pk)
    assert planned.amounts == (120_000, 79_999)
    assert planned.befores == (150_000, 99_999)
    assert not planned.is_running


def test_a_sale_of_some_variants_leaves_the_others_alone() -> None:
    product = make_product()
    chosen, other = old_variant(product), old_variant(product)
    assert plan(product, chosen) == 1
    assert history(other) == [(150_000, None, False)]


def test_two_sales_may_not_overlap() -> None:
    product = make_product()
    variant = old_variant(product)
    plan(product, variant, days=3)
    before = history(variant)
    with pytest.raises(SaleOverlaps):
        plan(product, variant, days=3.5)
    assert history(variant) == before
    assert plan(product, variant, days=4) == 1


def test_a_sale_cannot_end_in_the_past_or_lower_nothing() -> None:
    product = make_product()
    variant, unpriced = old_variant(product), make_variant(product=product, price=None)
    with pytest.raises(SaleIsOver):
        plan(product, variant, days=-3)
    with pytest.raises(NothingToLower):
        plan(product, unpriced)
    assert history(variant) == [(150_000, None, False)]


def test_a_plan_called_off_leaves_no_trace() -> None:
    product = make_product()
    variant = old_variant(product)
    plan(product, variant)
    [planned] = planned_of(product.pk, at=timezone.now(), currency="IDR")
    cancel = partial(
        cancel_planned,
        product_pk=product.pk,
        begins_at=planned.begins_at,
        ends_at=planned.ends_at,
        currency="IDR",
    )
    assert cancel() == 1
    assert history(variant) == [(150_000, None, False)]
    with pytest.raises(NothingPlanned):
        cancel()


def test_a_plan_is_changed_in_one_step() -> None:
    product = make_product()
    variant = old_variant(product)
    plan(product, variant)
    [planned] = planned_of(product.pk, at=timezone.now(), currency="IDR")
    change_planned(
        product_pk=product.pk,
        begins_at=planned.begins_at,
        ends_at=planned.ends_at,
        new_begins_at=in_days(10),
        new_ends_at=in_days(11),
        percent=50,
        currency="IDR",
    )
    assert [price_on(variant, in_days(days)) for days in (3.5, 10.5, 12)] == [
        150_000,
        75_000,
        150_000,
    ]


def test_a_plan_that_cannot_be_changed_stays_as_it_was() -> None:
    product = make_product()
    variant = old_variant(product)
    plan(product, variant)
    before = history(variant)
    [planned] = planned_of(product.pk, at=timezone.now(), currency="IDR")
    with pytest.raises(SaleIsOver):
        change_planned(
            product_pk=product.pk,
            begins_at=planned.begins_at,
            ends_at=planned.ends_at,
            new_begins_at=in_days(-2),
            new_ends_at=in_days(-1),
            percent=50,
            currency="IDR",
        )
    assert history(variant) == before


def test_a_sale_that_runs_is_shown_and_can_be_ended() -> None:
    product = make_product()
    variant = old_variant(product)
    plan_sale(
        product_pk=product.pk,
        variant_pks=[variant.pk],
        begins_at=timezone.now(),
        ends_at=in_days(1),
        percent=20,
        currency="IDR",
    )
    [planned] = planned_of(product.pk, at=timezone.now(), currency="IDR")
    assert planned.is_running
    cancel_planned(
        product_pk=product.pk, begins_at=planned.begins_at, ends_at=planned.ends_at, currency="IDR"
    )
    assert price_on(variant, timezone.now()) == 150_000
    assert [amount for amount, *_rest in history(variant)] == [150_000, 120_000, 150_000]


def test_prices_cost_as_many_queries_for_fifty_variants_as_for_two() -> None:
    def queries(count: int) -> int:
        product = make_product()
        variants = [old_variant(product) for _number in range(count)]
        plan(product, *variants)
        with CaptureQueriesContext(connection) as captured:
            set_prices(
                product_pk=product.pk,
                prices={variant.pk: Typed(160_000) for variant in variants},
                currency="IDR",
            )
        return len(captured)

    assert queries(2) == queries(50) <= 12


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_set_a_price_at_once_leave_one_history() -> None:
    variant = old_variant()
    calls = [
        partial(
            set_prices,
            product_pk=variant.product_id,
            prices={variant.pk: Typed(amount)},
            currency="IDR",
        )
        for amount in range(100_000, 100_008)
    ]
    assert race(calls) == [1] * 8
    assert len(history(variant)) == 9
    assert sum(not ends for _amount, _before, ends in history(variant)) == 1
