"""How a new price follows from the old one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.bulk_changes.lines import Line, Note, Problem, Value
from catalog.bulk_changes.prices import (
    PriceField,
    PriceNow,
    price_now,
    timeline_of,
    value_of,
)
from catalog.editing.timeline import with_price
from catalog.models import Variant


class PriceMove(TextChoices):
    SET = "set", _("Set to")
    ADD = "add", _("Raise or lower by an amount")
    PERCENT = "percent", _("Raise or lower by a percentage")
    RESTORE = "restore", _("Back to the crossed-out price")
    KEEP = "keep", _("Leave the price as it is")


class CompareAt(TextChoices):
    KEEP = "keep", _("Leave as it is")
    OLD_PRICE = "old_price", _("Show the price until now, crossed out")
    CLEAR = "clear", _("Remove")


class Rounding(TextChoices):
    NEAREST = "nearest", _("Up or down, whichever is nearer")
    UP = "up", _("Up")
    DOWN = "down", _("Down")


_MODES = {
    Rounding.NEAREST: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
    Rounding.DOWN: ROUND_FLOOR,
}


@dataclass(frozen=True, slots=True)
class PriceEdit:
    """Amounts are in minor units; `percent` −10 is a tenth less. A step of 1 rounds nothing."""

    currency: str
    move: PriceMove
    amount_minor: int = 0
    percent: Decimal = Decimal(0)
    step_minor: int = 1
    rounding: Rounding = Rounding.NEAREST
    compare_at: CompareAt = CompareAt.KEEP

    @property
    def field(self) -> PriceField:
        return PriceField(self.currency)

    def lines(self, product_pks: Collection[int], *, at: datetime, lock: bool) -> Sequence[Line]:
        costs = dict(
            Variant.objects.filter(product__in=product_pks).values_list("pk", "cost_minor")
        )
        prices = self.field.read(costs, at=at, lock=lock)
        return [self._line(pk, before, cost=costs[pk], at=at) for pk, before in prices.items()]

    def _line(self, pk: int, before: Value, *, cost: int | None, at: datetime) -> Line:
        new = self.new_price(price_now(before))
        if isinstance(new, Problem):
            return Line(self.field.name, pk, before, before, problem=new)
        timeline = with_price(
            timeline_of(before, at=at), amount=new.amount, compare_at=new.compare_at, at=at
        )
        after = value_of(timeline, at=at)
        return Line(self.field.name, pk, before, after, note=self._note(new, after, cost))

    def _note(self, new: PriceNow, after: Value, cost: int | None) -> Note | None:
        # Costs are kept in the shop's own currency.
        if cost is not None and new.amount < cost and self.currency == settings.DEFAULT_CURRENCY:
            return Note.BELOW_COST
        return Note.PRICE_FOLLOWS if len(after) > 1 else None

    def new_price(self, old: PriceNow | None) -> PriceNow | Problem:
        """What holds from now on, or why it cannot."""
        amount = self._amount(old)
        if isinstance(amount, Problem):
            return amount
        if amount <= 0:
            return Problem.NOT_POSITIVE
        compare_at = self._compare_at(old, amount)
        if compare_at is not None and compare_at <= amount:
            return Problem.COMPARE_AT
        return PriceNow(amount, compare_at)

    def _amount(self, old: PriceNow | None) -> int | Problem:
        if self.move == PriceMove.SET:
            return self.amount_minor
        if old is None:
            return Problem.NO_PRICE
        match self.move:
            case PriceMove.RESTORE:
                return old.compare_at or Problem.NO_COMPARE_AT
            case PriceMove.ADD:
                return self._rounded(Decimal(old.amount + self.amount_minor))
            case PriceMove.PERCENT:
                return self._rounded(old.amount * (100 + self.percent) / 100)
            case _:
                return old.amount

    def _rounded(self, exact: Decimal) -> int:
        steps = (exact / self.step_minor).quantize(Decimal(1), _MODES[self.rounding])
        return int(steps) * self.step_minor

    def _compare_at(self, old: PriceNow | None, amount: int) -> int | None:
        if old is None or self.compare_at == CompareAt.CLEAR or self.move == PriceMove.RESTORE:
            return None
        if self.compare_at == CompareAt.KEEP or amount == old.amount:
            return old.compare_at
        return old.amount
