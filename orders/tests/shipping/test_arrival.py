"""Working days become dates: a customer plans by the calendar."""

from datetime import date

import pytest
from pytest_django import Settings

from orders.shipping.arrival import arrival

FRIDAY = date(2026, 11, 20)
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)


def november(*days: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, day) for day in days)


@pytest.mark.parametrize(
    ("today", "low", "high", "days"),
    [
        (FRIDAY, 1, 2, (23, 24)),
        # Nobody packs or carries on a Sunday.
        (SATURDAY, 1, 1, (24, 24)),
        (SUNDAY, 1, 3, (24, 26)),
        (FRIDAY, 0, 0, (21, 21)),
        (SATURDAY, 0, 0, (23, 23)),
        (FRIDAY, 6, 8, (28, 1)),
    ],
)
def test_the_shop_packs_for_a_day_and_sundays_are_free(
    today: date, low: int, high: int, days: tuple[int, int]
) -> None:
    first, last = arrival(low=low, high=high, today=today)
    assert (first.day, last.day) == days


def test_a_holiday_is_not_counted(settings: Settings) -> None:
    settings.COURIER_HOLIDAYS = [date(2026, 11, 23)]
    assert arrival(low=1, high=2, today=FRIDAY) == november(24, 25)


def test_a_shop_and_couriers_that_rest_on_saturdays_too(settings: Settings) -> None:
    settings.COURIER_WORKING_DAYS = [1, 2, 3, 4, 5]
    assert arrival(low=1, high=1, today=FRIDAY) == november(24, 24)


@pytest.mark.parametrize(("handling", "day"), [(0, 21), (1, 23), (3, 25)])
def test_how_long_packing_takes_is_the_shops_own_business(
    settings: Settings, handling: int, day: int
) -> None:
    settings.COURIER_HANDLING_DAYS = handling
    assert arrival(low=1, high=1, today=FRIDAY) == november(day, day)
