"""Prices now and later. What holds ends, and what is new begins at the same instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from catalog.bulk_changes.lines import Line, PlainValue, Stroke, Target, Value
from catalog.editing.timeline import Period, Timeline
from catalog.models import Price, Variant


class PriceNow(NamedTuple):
    """In minor units."""

    amount: int
    compare_at: int | None


def price_now(value: Value) -> PriceNow | None:
    """Of what `PriceField` stores: the price that held when it was read."""
    for each in value:
        if each["from"] is None:
            return PriceNow(each["amount"], each["compare_at"])
    return None


def timeline_of(value: Value, *, at: datetime) -> Timeline:
    """What held then begins at that time."""
    return [
        Period(
            datetime.fromisoformat(each["from"]) if each["from"] else at,
            datetime.fromisoformat(each["until"]) if each["until"] else None,
            each["amount"],
            each["compare_at"],
        )
        for each in value
    ]


def value_of(timeline: Timeline, *, at: datetime) -> Value:
    """What is left of it at that time. What holds has no beginning: it would never be the same."""
    return [
        {
            "amount": each.amount,
            "compare_at": each.compare_at,
            "from": _text(each.begins_at) if each.begins_at > at else None,
            "until": each.ends_at and _text(each.ends_at),
        }
        for each in timeline
        if not each.is_over(at=at)
    ]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class PriceField(PlainValue):
    """What a variant costs now and later: the later prices would else outlive the undoing."""

    currency: str
    target = Target.VARIANT

    @property
    def name(self) -> str:
        return f"price:{self.currency}"

    def read(self, pks: Collection[int], *, at: datetime, lock: bool) -> Mapping[int, Value]:
        rows = self._now_and_later(pks, at=at)
        if lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        known = Variant.objects.filter(pk__in=pks).values_list("pk", flat=True)
        timelines: dict[int, Timeline] = {pk: [] for pk in known}
        for row in sorted(rows, key=lambda row: row.valid_from):
            period = Period(row.valid_from, row.valid_until, row.amount_minor, row.compare_at_minor)
            timelines[row.variant_id].append(period)
        return {pk: value_of(timeline, at=at) for pk, timeline in timelines.items()}

    def advance(self, value: Value, *, at: datetime) -> Value:
        # What held when it was read began before `at`, whenever that was.
        return value_of(timeline_of(value, at=at), at=at)

    def write(self, lines: Sequence[Line], stroke: Stroke) -> None:
        rows = self._now_and_later([line.pk for line in lines], at=stroke.at)
        rows.filter(valid_from__gt=stroke.at).delete()
        # What held stays as history; the database lets no two periods of a variant overlap.
        rows.update(valid_until=stroke.at)
        Price.objects.bulk_create(
            [
                Price(
                    variant_id=line.pk,
                    currency=self.currency,
                    amount_minor=period.amount,
                    compare_at_minor=period.compare_at,
                    valid_from=period.begins_at,
                    valid_until=period.ends_at,
                )
                for line in lines
                for period in timeline_of(line.after, at=stroke.at)
            ],
        )

    def size(self, line: Line) -> float:
        """The share of the price by which it changes."""
        before, after = price_now(line.before), price_now(line.after)
        if before is None or after is None:
            return float("inf")
        return abs(after.amount - before.amount) / (before.amount or 1)

    def _now_and_later(self, pks: Collection[int], *, at: datetime) -> QuerySet[Price]:
        return Price.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=at), variant__in=pks, currency=self.currency
        ).order_by("pk")
