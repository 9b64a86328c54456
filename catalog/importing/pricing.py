"""Prices from a file against those of the shop. History is never rewritten: a price that a new one
replaces ends now, one that had not begun goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.importing.drafts import Period
from catalog.importing.known import KnownPrice


class PriceChanges(NamedTuple):
    deleted: list[int]
    ended: list[int]
    added: list[Period]


def price_changes(
    known: Sequence[KnownPrice], wanted: Sequence[Period], *, at: datetime
) -> PriceChanges:
    """`known` are prices that hold or will. Those added all have a `start`.

    When a price that holds now began does not matter: a file with another beginning of it changes
    nothing.
    """
    lasting = [period for period in wanted if period.end is None or period.end > at]
    if not known:
        return PriceChanges([], [], [_begun(period, at, has_history=False) for period in lasting])
    coming = {
        _key(period, at): period for period in wanted if period.end is None or period.end > at
    }
    deleted: list[int] = []
    ended: list[int] = []
    for price in known:
        key = _key(Period(price.amount, price.before, price.start, price.end), at)
        if coming.pop(key, None) is None:
            (ended if price.start < at else deleted).append(price.pk)
    added = [_begun(period, at, has_history=True) for period in coming.values()]
    return PriceChanges(deleted, ended, added)


def _key(period: Period, at: datetime) -> Period:
    is_running = period.start is None or period.start <= at
    return period._replace(start=None) if is_running else period


def _begun(period: Period, at: datetime, *, has_history: bool) -> Period:
    if period.start is None or (has_history and period.start < at):
        return Period(period.amount, period.before, at, period.end)
    return period
