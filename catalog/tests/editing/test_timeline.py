"""Prices in the course of time: sales begin, end, and prices come back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.editing.timeline import (
    Period,
    Timeline,
    after_sale,
    price_at,
    with_price,
    with_sale,
    without,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
LONG_AGO = NOW - timedelta(days=90)


def in_days(days: int) -> datetime:
    return NOW + timedelta(days=days)


def always(amount: int, compare_at: int | None = None) -> Timeline:
    return [Period(LONG_AGO, None, amount, compare_at)]


def twelve_twelve(timeline: Timeline, percent: int = 20) -> Timeline:
    return with_sale(
        timeline,
        begins_at=in_days(11),
        ends_at=in_days(12),
        discount=lambda amount: amount * (100 - percent) // 100,
    )


def amounts(timeline: Timeline) -> list[tuple[int, int | None]]:
    return [(period.amount, period.compare_at) for period in timeline]


def test_a_first_price_holds_for_ever() -> None:
    assert with_price([], amount=149_000, compare_at=None, at=NOW) == [Period(NOW, None, 149_000)]


def test_a_new_price_ends_the_one_before() -> None:
    assert with_price(always(149_000), amount=139_000, compare_at=149_000, at=NOW) == [
        Period(LONG_AGO, NOW, 149_000),
        Period(NOW, None, 139_000, 149_000),
    ]


def test_the_same_price_changes_nothing() -> None:
    assert with_price(always(149_000), amount=149_000, compare_at=None, at=NOW) == always(149_000)


def test_a_price_changed_in_the_moment_in_which_it_began_is_replaced() -> None:
    just_now = [Period(NOW, None, 149_000)]
    assert with_price(just_now, amount=139_000, compare_at=None, at=NOW) == [
        Period(NOW, None, 139_000)
    ]


def test_without_a_price_nothing_is_sold_any_more_not_even_in_a_sale() -> None:
    planned = twelve_twelve(always(149_000))
    assert with_price(planned, amount=None, compare_at=None, at=NOW) == [
        Period(LONG_AGO, NOW, 149_000)
    ]


def test_a_sale_lowers_the_price_for_its_time_and_gives_it_back() -> None:
    assert twelve_twelve(always(150_000)) == [
        Period(LONG_AGO, in_days(11), 150_000),
        Period(in_days(11), in_days(12), 120_000, 150_000),
        Period(in_days(12), None, 150_000),
    ]


def test_a_sale_over_a_change_of_price_lowers_both_prices() -> None:
    changing = [
        Period(LONG_AGO, in_days(11) + timedelta(hours=6), 150_000),
        Period(in_days(11) + timedelta(hours=6), None, 200_000),
    ]
    assert amounts(twelve_twelve(changing)) == [
        (150_000, None),
        (120_000, 150_000),
        (160_000, 200_000),
        (200_000, None),
    ]


def test_what_cannot_become_cheaper_is_left_alone() -> None:
    assert twelve_twelve(always(0)) == always(0)


def test_the_price_after_a_sale_follows_a_change_before_it() -> None:
    planned = twelve_twelve(always(150_000))
    assert amounts(with_price(planned, amount=160_000, compare_at=None, at=NOW)) == [
        (150_000, None),
        (160_000, None),
        (120_000, 160_000),
        (160_000, None),
    ]


def test_a_sale_that_would_cost_more_than_the_new_price_is_off() -> None:
    planned = twelve_twelve(always(150_000))
    assert with_price(planned, amount=110_000, compare_at=None, at=NOW) == [
        Period(LONG_AGO, NOW, 150_000),
        Period(NOW, None, 110_000),
    ]


def test_a_change_during_a_sale_is_a_change_of_the_sale() -> None:
    planned = twelve_twelve(always(150_000))
    during = in_days(11) + timedelta(hours=1)
    assert amounts(with_price(planned, amount=99_000, compare_at=150_000, at=during)) == [
        (150_000, None),
        (120_000, 150_000),
        (99_000, 150_000),
        (150_000, None),
    ]


def test_a_sale_knows_the_price_that_comes_after_it() -> None:
    planned = twelve_twelve(always(150_000))
    regular, sale, after = planned
    assert after_sale(planned, sale) == after
    assert after_sale(planned, regular) is None


def test_a_lasting_reduction_is_no_sale_though_a_sale_follows_it() -> None:
    reduced = twelve_twelve(always(109_000, 149_000))
    assert [after_sale(reduced, each) is not None for each in reduced] == [False, True, False]


def test_sales_back_to_back_both_return_to_the_regular_price() -> None:
    both = with_sale(
        twelve_twelve(always(150_000)),
        begins_at=in_days(12),
        ends_at=in_days(13),
        discount=lambda amount: amount // 2,
    )
    assert amounts(both) == [
        (150_000, None),
        (120_000, 150_000),
        (75_000, 150_000),
        (150_000, None),
    ]
    assert after_sale(both, both[1]) == after_sale(both, both[2]) == both[3]


def test_a_sale_called_off_leaves_no_trace() -> None:
    planned = twelve_twelve(always(150_000))
    assert without(planned, planned[1], at=NOW) == always(150_000)


def test_the_second_of_two_sales_called_off_does_not_make_the_first_longer() -> None:
    both = with_sale(
        twelve_twelve(always(150_000)),
        begins_at=in_days(12),
        ends_at=in_days(13),
        discount=lambda amount: amount // 2,
    )
    assert without(both, both[2], at=NOW) == twelve_twelve(always(150_000))


def test_a_sale_that_runs_can_be_ended_now() -> None:
    planned = twelve_twelve(always(150_000))
    during = in_days(11) + timedelta(hours=1)
    assert without(planned, planned[1], at=during) == [
        Period(LONG_AGO, in_days(11), 150_000),
        Period(in_days(11), during, 120_000, 150_000),
        Period(during, None, 150_000),
    ]


def test_a_lower_price_without_an_end_can_be_called_off_before_it_begins() -> None:
    planned = with_sale(
        always(150_000), begins_at=in_days(30), ends_at=None, discount=lambda amount: amount // 2
    )
    assert amounts(planned) == [(150_000, None), (75_000, 150_000)]
    assert without(planned, planned[1], at=NOW) == always(150_000)


def test_exactly_one_price_holds_at_the_border() -> None:
    planned = twelve_twelve(always(150_000))
    at_midnight = price_at(planned, in_days(11))
    assert at_midnight is not None
    assert at_midnight.amount == 120_000
    afterwards = price_at(planned, in_days(12))
    assert afterwards is not None
    assert afterwards.amount == 150_000
