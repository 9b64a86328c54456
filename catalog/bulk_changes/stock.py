"""Stock at one location, changed by movements that say who and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.bulk_changes.lines import Line, PlainValue, Problem, Stroke, Target, Value
from catalog.inventory import correct_stock_in_bulk
from catalog.models import Location, StockItem, Variant


class StockMove(TextChoices):
    SET = "set", _("Set to what was counted")
    ADD = "add", _("Add, or take away with a minus")


@dataclass(frozen=True, slots=True)
class StockField(PlainValue):
    """`on_hand` of a variant at the location; a variant that never was there has none: 0."""

    location_pk: int
    target = Target.VARIANT
    KIND: ClassVar[str] = "stock:"

    @property
    def name(self) -> str:
        return f"{self.KIND}{self.location_pk}"

    def read(self, pks: Collection[int], *, at: datetime, lock: bool) -> Mapping[int, Value]:
        items = StockItem.objects.filter(location=self.location_pk, variant__in=pks).order_by("pk")
        if lock:
            items = items.select_for_update(of=("self",), no_key=True)
        on_hand = dict(items.values_list("variant_id", "on_hand"))
        known = Variant.objects.filter(pk__in=pks).values_list("pk", flat=True)
        return {pk: on_hand.get(pk, 0) for pk in known}

    def refuse(self, lines: Sequence[Line]) -> Mapping[int, Problem]:
        reserved = dict(
            StockItem.objects.filter(
                location=self.location_pk, variant__in=[line.pk for line in lines], reserved__gt=0
            ).values_list("variant_id", "reserved")
        )
        problems = {}
        for line in lines:
            if line.after < 0:
                problems[line.pk] = Problem.NEGATIVE
            elif line.after < reserved.get(line.pk, 0):
                problems[line.pk] = Problem.RESERVED
        return problems

    def write(self, lines: Sequence[Line], stroke: Stroke) -> None:
        items = self._items([line.pk for line in lines])
        correct_stock_in_bulk(
            {items[line.pk]: line.after for line in lines},
            reason=stroke.reason,
            reference=stroke.reference,
            actor_id=stroke.actor_id,
        )

    def size(self, line: Line) -> float:
        return abs(_delta(line))

    def _items(self, variant_pks: Collection[int]) -> dict[int, int]:
        """Variant pk → stock item pk; makes the item of what comes to this location first."""
        rows = StockItem.objects.filter(location=self.location_pk, variant__in=variant_pks)
        items = dict(rows.values_list("variant_id", "pk"))
        made = StockItem.objects.bulk_create(
            [
                StockItem(variant_id=pk, location_id=self.location_pk)
                for pk in variant_pks
                if pk not in items
            ],
        )
        return items | {item.variant_id: item.pk for item in made}


def _delta(line: Line) -> int:
    delta: int = line.after - line.before
    return delta


@dataclass(frozen=True, slots=True)
class StockEdit:
    """`quantity` is what shall lie there, or what comes (negative: goes)."""

    location_pk: int
    move: StockMove
    quantity: int

    @property
    def field(self) -> StockField:
        return StockField(self.location_pk)

    def lines(self, product_pks: Collection[int], *, at: datetime, lock: bool) -> Sequence[Line]:
        owner = Location.objects.values_list("seller_id", flat=True).get(pk=self.location_pk)
        sellers = dict(
            Variant.objects.filter(product__in=product_pks).values_list("pk", "product__seller_id")
        )
        return [
            Line(
                self.field.name,
                pk,
                before,
                self.quantity if self.move == StockMove.SET else before + self.quantity,
                problem=None if sellers[pk] == owner else Problem.OTHER_SELLER,
            )
            for pk, before in self.field.read(sellers, at=at, lock=lock).items()
        ]
