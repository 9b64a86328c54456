"""The table as staff see it while they edit: chosen values, typed texts, and what is wrong.

Nothing here is saved: `catalog.editing.variants` does that with the rows that a sheet reads.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product as combinations
from math import prod

from django.utils.translation import gettext_lazy as _

from catalog.editing.matrix import Matrix, OptionChoices, Stock, Value, VariantState
from catalog.editing.prices import Typed, as_typed
from catalog.editing.typed import Row, RowReader, write_amount
from shop.core.errors import DomainError

MOST_ROWS = 1000
TEXT_COLUMNS = ("sku", "barcode", "price", "compare_at", "cost", "weight")
# What a new row takes over from one that is there already; codes belong to one variant alone.
SHARED_COLUMNS = ("price", "compare_at", "cost", "weight")
PRICE_COLUMNS = ("price", "compare_at")
_SHOWN_PRICE = re.compile(r"(\d{0,18})/(\d{0,18})", re.ASCII)

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
    """`texts` are what stands in the cells; `shown` (stock by location) and `shown_price` are what
    the page showed before anybody typed. `now` says what the shop has where that differs, after
    somebody else has saved.
    """

    key: str
    variant: VariantState | None
    values: tuple[int, ...]
    is_active: bool
    texts: dict[str, str]
    shown: dict[int, int]
    shown_price: Typed
    is_surplus: bool = False
    was_posted: bool = False
    problems: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)

    def stock(self, location_pk: int) -> Stock:
        return self.variant.stock.get(location_pk, Stock()) if self.variant else Stock()

    def show_now(self, matrix: Matrix) -> None:
        """From here on typed prices and stock count from what the shop has now."""
        if self.variant is not None:
            self.shown = {pk: self.stock(pk).on_hand for pk in matrix.locations}
            self.shown_price = as_typed(self.variant.price)


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
                    shown_price=row.shown_price,
                    shown=row.shown,
                    locations=locations,
                )
            )
            row.problems = reader.problems
        return rows

    def mark_differences(self) -> None:
        """Say at each cell what the shop has now, where something else is typed; it counts from
        that.
        """
        for row in self.rows:
            if row.variant is None:
                continue
            stored = stored_texts(row.variant, self.matrix)
            row.now = {
                column: text for column, text in stored.items() if text != row.texts[column].strip()
            }
            row.show_now(self.matrix)


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
        is_active = bool(newly & set(values)) or (variant is not None and variant.is_active)
        if variant is None:
            texts = _suggested(values, places, matrix)
            rows.append(SheetRow(new_key(values), None, values, is_active, texts, {}, Typed()))
        else:
            rows.append(_stored_row(variant, values, matrix, is_active=is_active))
    for variant in surplus:
        values = tuple(variant.values[pk] for pk in ticked if pk in variant.values)
        row = _stored_row(variant, values, matrix, is_active=variant.is_active)
        row.is_surplus = True
        rows.append(row)
    for row in rows:
        _take_over(row, given, matrix)
    return Sheet(matrix, ticked, rows, [variant for variant in dropped if variant.is_active])


def _stored_row(
    variant: VariantState, values: tuple[int, ...], matrix: Matrix, *, is_active: bool
) -> SheetRow:
    texts = stored_texts(variant, matrix)
    row = SheetRow(f"v{variant.pk}", variant, values, is_active, texts, {}, Typed())
    row.show_now(matrix)
    return row


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
    return {
        "sku": variant.sku,
        "barcode": variant.barcode,
        **_price_texts(as_typed(variant.price), matrix),
        "cost": write_amount(variant.cost_minor, matrix.currency),
        "weight": str(variant.weight_grams or ""),
        **{f"stock-{pk}": str(variant.stock.get(pk, Stock()).on_hand) for pk in matrix.locations},
    }


def _price_texts(price: Typed, matrix: Matrix) -> dict[str, str]:
    amounts = (price.amount, price.compare_at)
    texts = (write_amount(amount, matrix.currency) for amount in amounts)
    return dict(zip(PRICE_COLUMNS, texts, strict=True))


def _take_over(row: SheetRow, given: Mapping[str, str], matrix: Matrix) -> None:
    """What was typed into the row, where the page that was sent had it.

    Prices and stock move by themselves: a cell that nobody touched shows them as they are now.
    """
    # The combination may have become a variant since, or have stopped being one.
    keys = (row.key, new_key(row.values))
    key = next((each for each in keys if f"{each}-price" in given), None)
    if key is None:
        return
    row.was_posted = True
    row.is_active = f"{key}-on" in given
    now = row.texts
    row.texts = {column: given.get(f"{key}-{column}", text) for column, text in now.items()}
    price = read_shown_price(given.get(f"{key}-price-shown", ""))
    if price is not None and not _keeps_up(row, now, _price_texts(price, matrix)):
        row.shown_price = price
    for pk in matrix.locations:
        shown = given.get(f"{key}-shown-{pk}", "")
        is_number = shown.isdecimal() and len(shown) < 10
        if is_number and not _keeps_up(row, now, {f"stock-{pk}": shown}):
            row.shown[pk] = int(shown)


def _keeps_up(row: SheetRow, now: Mapping[str, str], shown: Mapping[str, str]) -> bool:
    """Whether these cells (column → text) are as the page showed them; then they go with `now`."""
    if row.variant is None or any(row.texts[column] != text for column, text in shown.items()):
        return False
    row.texts |= {column: now[column] for column in shown}
    return True


def write_shown_price(price: Typed) -> str:
    """For a hidden field: the two amounts in minor units."""
    amounts = (price.amount, price.compare_at)
    return "/".join("" if amount is None else str(amount) for amount in amounts)


def read_shown_price(text: str) -> Typed | None:
    match = _SHOWN_PRICE.fullmatch(text)
    return Typed(*(int(amount) if amount else None for amount in match.groups())) if match else None


def new_key(values: tuple[int, ...]) -> str:
    return "n" + "-".join(map(str, values))


def row_name(row: SheetRow, values: Mapping[int, Value], *, without_first: bool) -> str:
    """`Terakota, M`, or `M` in the block of Terakota."""
    shown = row.values[1:] if without_first else row.values
    return ", ".join(values[pk].name for pk in shown)
