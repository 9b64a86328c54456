"""The table as staff see it while they edit: chosen values, typed texts, and what is wrong.

Nothing here is saved: `catalog.editing.variants` does that with the rows that a sheet reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product as combinations
from math import prod

from django.utils.translation import gettext_lazy as _

from catalog.editing.matrix import Matrix, OptionChoices, Stock, Value, VariantState
from catalog.editing.typed import Row, RowReader, write_amount
from shop.core.errors import DomainError

MOST_ROWS = 1000
TEXT_COLUMNS = ("sku", "barcode", "price", "compare_at", "cost", "weight")
# What a new row takes over from one that is there already; codes belong to one variant alone.
SHARED_COLUMNS = ("price", "compare_at", "cost", "weight")

Ticked = Mapping[int, list[int]]
"""Option → its chosen values, in the order of the shop; options without any are left out."""


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = _(
        "These values make {count} variants; a product may have up to {most}. Choose fewer, or make"
        " two products of it."
    )


@dataclass(slots=True)
class SheetRow:
    """`texts` are what stands in the cells. `now` says what the shop has where that differs, after
    somebody else has saved.
    """

    key: str
    variant: VariantState | None
    values: tuple[int, ...]
    is_active: bool
    texts: dict[str, str]
    shown: dict[int, int]
    is_surplus: bool = False
    was_posted: bool = False
    problems: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)

    def stock(self, location_pk: int) -> Stock:
        return self.variant.stock.get(location_pk, Stock()) if self.variant else Stock()


@dataclass(slots=True)
class Sheet:
    """`dropped` are active variants whose values are no longer chosen."""

    matrix: Matrix
    ticked: Ticked
    rows: list[SheetRow]
    dropped: list[VariantState]

    @property
    def options(self) -> list[OptionChoices]:
        return [option for option in self.matrix.options if option.pk in self.ticked]

    @property
    def has_problems(self) -> bool:
        return any(row.problems for row in self.rows)

    def fill(self, column: str, text: str, *, value_pk: int | None = None) -> None:
        """Write the text into a column: of all rows, or of those with that value."""
        for row in self.rows:
            if value_pk is None or value_pk in row.values:
                row.texts[column] = text

    def read(self, *, locations: Iterable[int]) -> list[Row]:
        """The rows to be saved; a new row that is switched off is not made. Marks problems."""
        rows = []
        for row in self.rows:
            if row.variant is None and not row.is_active:
                continue
            reader = RowReader(row.texts, self.matrix.currency)
            rows.append(
                reader.row(
                    key=row.key,
                    variant_pk=row.variant.pk if row.variant else None,
                    value_pks=None if row.is_surplus else row.values,
                    is_active=row.is_active,
                    shown=row.shown,
                    locations=locations,
                )
            )
            row.problems = reader.problems
        return rows

    def mark_differences(self) -> None:
        """Say at each cell what the shop has now, where something else is typed."""
        for row in self.rows:
            if row.variant is None:
                continue
            stored = stored_texts(row.variant, self.matrix)
            row.now = {
                column: stored[column]
                for column in TEXT_COLUMNS
                if stored[column] != row.texts[column].strip()
            }


def open_sheet(matrix: Matrix) -> Sheet:
    """As the product is now."""
    active = [variant for variant in matrix.variants if variant.is_active]
    used = {pk for variant in active or matrix.variants for pk in variant.values.values()}
    return _sheet(matrix, tick(matrix.options, used), {}, newly=frozenset())


def typed_sheet(matrix: Matrix, *, value_pks: Iterable[int], given: Mapping[str, str]) -> Sheet:
    """With the values that were chosen and the texts that were typed, by name of the field.

    Raises TooManyRows.
    """
    before = {pk for values in open_sheet(matrix).ticked.values() for pk in values}
    chosen = set(value_pks)
    return _sheet(matrix, tick(matrix.options, chosen), given, newly=frozenset(chosen - before))


def tick(options: Iterable[OptionChoices], value_pks: Iterable[int]) -> Ticked:
    """The chosen values by option. Raises TooManyRows where they make too many variants."""
    chosen = set(value_pks)
    ticked = {
        option.pk: [value.pk for value in option.values if value.pk in chosen] for option in options
    }
    ticked = {pk: values for pk, values in ticked.items() if values}
    count = prod(len(values) for values in ticked.values())
    if count > MOST_ROWS:
        raise TooManyRows(count=count, most=MOST_ROWS)
    return ticked


def _sheet(
    matrix: Matrix, ticked: Ticked, given: Mapping[str, str], *, newly: frozenset[int]
) -> Sheet:
    places, surplus, dropped = lay_out(matrix, ticked)
    rows = []
    for values, variant in places.items():
        key = f"v{variant.pk}" if variant else new_key(values)
        is_active = bool(newly & set(values)) or (variant is not None and variant.is_active)
        texts = stored_texts(variant, matrix) if variant else _suggested(values, places, matrix)
        shown = {pk: stock.on_hand for pk, stock in variant.stock.items()} if variant else {}
        rows.append(SheetRow(key, variant, values, is_active, texts, shown))
    for variant in surplus:
        shown = {pk: stock.on_hand for pk, stock in variant.stock.items()}
        values = tuple(variant.values[pk] for pk in ticked if pk in variant.values)
        texts = stored_texts(variant, matrix)
        rows.append(
            SheetRow(f"v{variant.pk}", variant, values, variant.is_active, texts, shown, True)
        )
    for row in rows:
        _take_over(row, given, matrix.locations)
    return Sheet(matrix, ticked, rows, [variant for variant in dropped if variant.is_active])


Places = dict[tuple[int, ...], VariantState | None]


def lay_out(
    matrix: Matrix, ticked: Ticked
) -> tuple[Places, list[VariantState], list[VariantState]]:
    """Which variant stands at which combination; who shares one; who has no place any more.

    A variant without a value of an option that is new takes the first of it. When the options
    themselves change, variants that end up alike lose their place; otherwise, as when an import
    made them so, they stay as rows of their own.
    """
    places: Places = dict.fromkeys(combinations(*ticked.values()))
    surplus, dropped = [], []
    for variant in sorted(matrix.variants, key=lambda each: _gaps(each, ticked)):
        values = tuple(variant.values.get(pk, chosen[0]) for pk, chosen in ticked.items())
        if values not in places:
            dropped.append(variant)
        elif places[values] is None:
            places[values] = variant
        elif set(ticked) != set(matrix.own_options):
            dropped.append(variant)
        else:
            surplus.append(variant)
    return places, surplus, dropped


def _gaps(variant: VariantState, ticked: Ticked) -> tuple[bool, int]:
    """Who comes first where two fit: the active one, then the one that lacks fewer values."""
    return (not variant.is_active, sum(pk not in variant.values for pk in ticked))


def _suggested(values: tuple[int, ...], places: Places, matrix: Matrix) -> dict[str, str]:
    """A new row starts as the nearest other one: of the same colour, else the first."""
    near = [variant for other, variant in places.items() if variant and other[:1] == values[:1]]
    others = near or [variant for variant in places.values() if variant] or matrix.variants[:1]
    texts = dict.fromkeys(TEXT_COLUMNS, "")
    if others:
        stored = stored_texts(others[0], matrix)
        texts |= {column: stored[column] for column in SHARED_COLUMNS}
    return texts | {f"stock-{pk}": "" for pk in matrix.locations}


def stored_texts(variant: VariantState, matrix: Matrix) -> dict[str, str]:
    price = variant.price
    return {
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": write_amount(price.amount if price else None, matrix.currency),
        "compare_at": write_amount(price.compare_at if price else None, matrix.currency),
        "cost": write_amount(variant.cost_minor, matrix.currency),
        "weight": str(variant.weight_grams or ""),
        **{f"stock-{pk}": str(variant.stock.get(pk, Stock()).on_hand) for pk in matrix.locations},
    }


def _take_over(row: SheetRow, given: Mapping[str, str], locations: Iterable[int]) -> None:
    """What was typed into the row, where the page that was sent had it."""
    # The combination may have become a variant since, or have stopped being one.
    keys = (row.key, new_key(row.values))
    key = next((each for each in keys if f"{each}-price" in given), None)
    if key is None:
        return
    row.was_posted = True
    row.is_active = f"{key}-on" in given
    for column in row.texts:
        row.texts[column] = given.get(f"{key}-{column}", row.texts[column])
    for pk in locations:
        shown = given.get(f"{key}-shown-{pk}", "")
        if shown.isdecimal() and len(shown) < 10:
            row.shown[pk] = int(shown)


def new_key(values: tuple[int, ...]) -> str:
    return "n" + "-".join(map(str, values))


def row_name(row: SheetRow, values: Mapping[int, Value], *, without_first: bool) -> str:
    """`Terakota, M`, or `M` in the block of Terakota."""
    shown = row.values[1:] if without_first else row.values
    return ", ".join(values[pk].name for pk in shown)
