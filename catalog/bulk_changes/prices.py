"""Prices now and later. What holds ends, and what is new begins at the same instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

from catalog.bulk_changes.lines import Line, PlainValue, Stroke, Target, Value
from catalog.models import Price, Variant


@dataclass(frozen=True, slots=True)
class Period:
    """One price in minor units, from a time until just before another. None begins now."""

    amount: int
    compare_at: int | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def costs_as(self, other: "Period") -> bool:
        return (self.amount, self.compare_at) == (other.amount, other.compare_at)

    def as_json(self) -> dict[str, Any]:
        return {
            "amount": self.amount,
            "compare_at": self.compare_at,
            "from": self.begins_at and self.begins_at.astimezone(UTC).isoformat(),
            "until": self.ends_at and self.ends_at.astimezone(UTC).isoformat(),
        }


def periods_of(value: Value) -> list[Period]:
    """What `PriceField` stores, as periods in the order of time."""
    return [
        Period(
            each["amount"],
            each["compare_at"],
            each["from"] and datetime.fromisoformat(each["from"]),
            each["until"] and datetime.fromisoformat(each["until"]),
        )
        for each in value
    ]


def price_now(value: Value) -> Period | None:
    return next((each for each in periods_of(value) if each.begins_at is None), None)


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
        values: dict[int, list[Value]] = {pk: [] for pk in known}
        for row in sorted(rows, key=lambda row: row.valid_from):
            period = Period(
                row.amount_minor, row.compare_at_minor, _later(row.valid_from, at), row.valid_until
            )
            values[row.variant_id].append(period.as_json())
        return values

    def advance(self, value: Value, *, at: datetime) -> Value:
        left = [each for each in periods_of(value) if each.ends_at is None or each.ends_at > at]
        return [
            replace(each, begins_at=each.begins_at and _later(each.begins_at, at)).as_json()
            for each in left
        ]

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
                    valid_from=period.begins_at or stroke.at,
                    valid_until=period.ends_at,
                )
                for line in lines
                for period in periods_of(line.after)
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


def _later(moment: datetime, at: datetime) -> datetime | None:
    return moment if moment > at else None
