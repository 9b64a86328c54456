"""A product as a file describes it, whatever the format, before anything is looked up.

What a file does not speak of is absent: a missing key or None leaves alone what the shop has.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from catalog.importing.problems import Problem


class Named(NamedTuple):
    """A name that the shop has to look up, and where it stands in the file."""

    text: str
    line: int
    column: str

    def problem(self, code: str) -> Problem:
        return Problem(self.line, self.column, code, self.text)


class Period(NamedTuple):
    """A price in minor units; `start` None is "from now on", `end` None "until further notice"."""

    amount: int
    before: int | None = None
    start: datetime | None = None
    end: datetime | None = None


class Count(NamedTuple):
    """Units at a location; `where.text` is blank for the location of the run.

    None: the file counts none. What is new starts with nothing then, the rest stays as it is.
    """

    where: Named
    units: int | None


class Picture(NamedTuple):
    """`shows` is the option and the value that it is a picture of."""

    url: str
    shows: tuple[Named, Named] | None = None


@dataclass(slots=True)
class VariantDraft:
    line: int
    public_id: UUID | None = None
    # Columns of Variant: sku, barcode, weight_grams, cost_minor, is_active.
    fields: dict[str, Any] = field(default_factory=dict)
    options: list[tuple[Named, Named]] = field(default_factory=list)
    # By currency; a blank price of a new variant is a problem at this column.
    prices: dict[str, list[Period]] = field(default_factory=dict)
    price_column: str = ""
    stock: list[Count] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """One product with all of its variants. `rows` of the file it took; `number` it has there.

    Rows of which nobody can tell what product they describe make a draft that is no product.
    """

    line: int
    rows: int
    handle: str
    language: str
    number: int = 0
    is_product: bool = True
    handle_column: str = ""
    handle_is_given: bool = False
    public_id: UUID | None = None
    # Columns of Product: is_published, publish_from, publish_until, created_at.
    fields: dict[str, Any] = field(default_factory=dict)
    seller: Named | None = None
    # Paths that would do, the best first; an empty list is a blank cell.
    categories: list[Named] | None = None
    # A blank name takes the guide away.
    size_guide: Named | None = None
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    attributes: list[tuple[Named, list[Named]]] = field(default_factory=list)
    options: list[Named] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    variants: list[VariantDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not any(problem.is_fatal for problem in self.problems)
