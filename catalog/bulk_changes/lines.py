"""What a bulk change is made of: a line for each value that changes, and the fields they are of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# As JSON keeps it: a number, yes or no, nothing, or a few of them by name. Its field knows which.
Value: TypeAlias = Any


class Target(StrEnum):
    """Whose value it is."""

    PRODUCT = "product"
    VARIANT = "variant"


class Problem(TextChoices):
    """Why a line cannot be written."""

    NO_PRICE = "no_price", _("has no price in this currency")
    NO_COMPARE_AT = "no_compare_at", _("has no crossed-out price")
    NOT_POSITIVE = "not_positive", _("the price would be zero or less")
    COMPARE_AT = "compare_at", _("the crossed-out price would not be above the price")
    NEGATIVE = "negative", _("would be less than nothing")
    RESERVED = "reserved", _("less than what open orders have reserved")
    OTHER_SELLER = "other_seller", _("the location belongs to another seller")
    CHANGED = "changed", _("has changed since")
    GONE = "gone", _("does not exist any more")


class Note(TextChoices):
    """What staff should know of a line that can be written."""

    BELOW_COST = "below_cost", _("below what it cost")
    PRICE_FOLLOWS = "price_follows", _("another price is planned after this one")
    NOT_SHOWN = "not_shown", _("has no price, so customers do not see it yet")


@dataclass(frozen=True, slots=True)
class Line:
    """One value of one product or variant. A line with a problem is never written."""

    field: str
    pk: int
    before: Value
    after: Value
    problem: Problem | None = None
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Stroke:
    """Who writes, when and why. `reference` is the public id of the bulk change."""

    at: datetime
    actor_id: int
    reason: str
    reference: UUID


class Field(Protocol):
    """A value that products or variants have. `name` is what a stored line calls it."""

    @property
    def name(self) -> str: ...

    @property
    def target(self) -> Target: ...

    def read(self, pks: Collection[int], *, at: datetime, lock: bool) -> Mapping[int, Value]:
        """The values now, of those that still exist."""

    def write(self, lines: Sequence[Line], stroke: Stroke) -> None:
        """Take the rows from `before` to `after`; the caller has locked them."""

    def advance(self, value: Value, *, at: datetime) -> Value:
        """What a value that was read before has become by then, if nobody touched it."""

    def refuse(self, lines: Sequence[Line]) -> Mapping[int, Problem]:
        """What stands against writing those lines, by pk."""

    def size(self, line: Line) -> float:
        """How big a change is, among others of this field: the biggest are shown first."""


class PlainValue:
    """A value that time does not change, that any row may have, and that is not more or less."""

    def advance(self, value: Value, *, at: datetime) -> Value:
        return value

    def refuse(self, lines: Sequence[Line]) -> Mapping[int, Problem]:
        return {}

    def size(self, line: Line) -> float:
        return 0


class Edit(Protocol):
    """What staff asks for."""

    @property
    def field(self) -> Field: ...

    def lines(self, product_pks: Collection[int], *, at: datetime, lock: bool) -> Sequence[Line]:
        """One line for each product or variant, those that would stay as they are included."""
