"""What one variant costs in the course of time, as plain values: pure, and easy to try out.

A timeline is a list of periods in order that never overlap. A *sale* is a period with an end after
which the price returns to what is struck through beside it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

Discount = Callable[[int], int]
"""Amount before the sale → amount in it, both in minor units."""


@dataclass(frozen=True, slots=True)
class Period:
    """One price from `begins_at` until just before `ends_at`; None goes on for ever."""

    begins_at: datetime
    ends_at: datetime | None
    amount: int
    compare_at: int | None = None

    def covers(self, at: datetime) -> bool:
        return self.begins_at <= at and not self.is_over(at=at)

    def is_over(self, *, at: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= at

    def overlaps(self, begins_at: datetime, ends_at: datetime | None) -> bool:
        return (ends_at is None or self.begins_at < ends_at) and not self.is_over(at=begins_at)

    def costs_as(self, other: "Period") -> bool:
        return (self.amount, self.compare_at) == (other.amount, other.compare_at)


Timeline = list[Period]


def price_at(timeline: Timeline, at: datetime) -> Period | None:
    return next((period for period in timeline if period.covers(at)), None)


def after_sale(timeline: Timeline, sale: Period) -> Period | None:
    """The regular price that comes back after a sale; None where the period is no sale."""
    end = sale.ends_at
    for period in timeline:
        if period.begins_at == end:
            if period.amount == sale.compare_at:
                return period
            end = period.ends_at
    return None


def with_price(
    timeline: Timeline, *, amount: int | None, compare_at: int | None, at: datetime
) -> Timeline:
    """The price from now on. None ends it, and all that was planned: the variant is not sold.

    A planned sale stays, and returns afterwards to the new price instead of the old one; one that
    would cost more than the new price is off. While a sale runs, only its rest changes.
    """
    now = price_at(timeline, at)
    if amount is None:
        return [_cut(period, at) for period in timeline if period.begins_at < at]
    if now is None:
        coming = min((p.begins_at for p in timeline if p.begins_at > at), default=None)
        return _in_order([*timeline, Period(at, coming, amount, compare_at)])
    new = replace(now, begins_at=at, amount=amount, compare_at=compare_at)
    if new.costs_as(now):
        return timeline
    past = [_cut(period, at) for period in timeline if period.begins_at < at]
    later = [period for period in timeline if period.begins_at > at]
    if after_sale(timeline, now) is None:
        later = [_following(period, now, new) for period in later]
    return _joined([*past, new, *later], at=at)


def _following(period: Period, old: Period, new: Period) -> Period:
    """A later period after the regular price before it has changed."""
    is_sale_of_old = period.compare_at == old.amount
    if period.costs_as(old) or (is_sale_of_old and period.amount >= new.amount):
        return replace(period, amount=new.amount, compare_at=new.compare_at)
    return replace(period, compare_at=new.amount) if is_sale_of_old else period


def with_sale(
    timeline: Timeline, *, begins_at: datetime, ends_at: datetime | None, discount: Discount
) -> Timeline:
    """Lower every price between the two times; before and after all stays as it was."""
    result: Timeline = []
    for period in timeline:
        if not period.overlaps(begins_at, ends_at) or discount(period.amount) >= period.amount:
            result.append(period)
            continue
        start = max(period.begins_at, begins_at)
        end = _earlier(period.ends_at, ends_at)
        lower = Period(start, end, discount(period.amount), period.amount)
        before = replace(period, ends_at=start)
        parts = [before, lower]
        if end is not None and end != period.ends_at:
            parts.append(replace(period, begins_at=end))
        result += [part for part in parts if part.begins_at != part.ends_at]
    return result


def without(timeline: Timeline, planned: Period, *, at: datetime) -> Timeline:
    """Call off what is planned, or end now what has begun; the regular price holds instead."""
    index = timeline.index(planned)
    before = (
        timeline[index - 1] if index and timeline[index - 1].ends_at == planned.begins_at else None
    )
    regular = after_sale(timeline, planned) or before
    start = max(planned.begins_at, at)
    parts = [replace(planned, ends_at=start)] if planned.begins_at < at else []
    if regular is not None:
        parts.append(replace(regular, begins_at=start, ends_at=planned.ends_at))
    return _joined([*timeline[:index], *parts, *timeline[index + 1 :]], at=at)


def _joined(timeline: Timeline, *, at: datetime) -> Timeline:
    """One period where two that meet in the future cost the same; history stays as it was."""
    result: Timeline = []
    for period in timeline:
        last = result[-1] if result else None
        if last is not None and last.ends_at == period.begins_at > at and last.costs_as(period):
            result[-1] = replace(last, ends_at=period.ends_at)
        else:
            result.append(period)
    return result


def _cut(period: Period, at: datetime) -> Period:
    return period if period.is_over(at=at) else replace(period, ends_at=at)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    ends = [end for end in (one, other) if end is not None]
    return min(ends, default=None)


def _in_order(periods: Iterable[Period]) -> Timeline:
    return sorted(periods, key=lambda period: period.begins_at)
