"""From working days to dates: a customer plans by the calendar."""

from datetime import date, timedelta

from django.conf import settings


def arrival(*, low: int, high: int, today: date) -> tuple[date, date]:
    """The first and the last day on which a parcel ordered today should arrive.

    The shop packs for COURIER_HANDLING_DAYS first. Neither it nor the couriers work on days that
    are not among COURIER_WORKING_DAYS (1 is Monday) or that are among COURIER_HOLIDAYS.
    """
    packed = settings.COURIER_HANDLING_DAYS
    return _working_day(today, packed + low), _working_day(today, packed + high)


def _working_day(day: date, count: int) -> date:
    """The day after so many working days; the day itself, or the next that is one, for none."""
    left = count
    while left or not _is_working(day):
        day += timedelta(days=1)
        left -= left > 0 and _is_working(day)
    return day


def _is_working(day: date) -> bool:
    is_weekday = day.isoweekday() in settings.COURIER_WORKING_DAYS
    return is_weekday and day not in settings.COURIER_HOLIDAYS
