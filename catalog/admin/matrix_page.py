"""The table of variants as its template shows it: blocks of rows, rows of cells."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.editing.booking import RefusedCell
from catalog.editing.matrix import OptionChoices, Value
from catalog.editing.sheet import Sheet, SheetRow, row_name, write_shown_price
from catalog.editing.typed import write_amount
from catalog.models import StockMovement
from shop.core.money import CURRENCIES
from shop.core.templatetags.shop import moment

PLAIN_COLUMNS: dict[str, tuple[str | Promise, str]] = {
    "sku": (_("SKU"), "text"),
    "barcode": (_("Barcode"), "text"),
    "price": (_("Price"), "amount"),
    "compare_at": (_("Price before"), "amount"),
    "cost": (_("Cost"), "amount"),
    "weight": (_("Weight, g"), "number"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, amount or number; `location_pk` is set for the stock at a location."""

    code: str
    label: str
    kind: str
    location_pk: int | None = None

    @property
    def input_mode(self) -> str:
        return "text" if self.kind == "text" else "numeric"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the colleague at the page may change."""

    product: bool
    stock: bool

    def may_type(self, column: Column) -> bool:
        return self.product and (self.stock or column.location_pk is None)


@dataclass(frozen=True, slots=True)
class Cell:
    """`now` is what a colleague has saved meanwhile; `shown` is what the stock or the price was on
    this page.
    """

    name: str
    column: Column
    text: str
    note: str = ""
    problem: str = ""
    now: str = ""
    shown_name: str = ""
    shown: str = ""
    is_readonly: bool = False


@dataclass(frozen=True, slots=True)
class RowView:
    key: str
    name: str
    variant_pk: int | None
    is_active: bool
    value_pks: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that share their first value; a table of one option or none is one block."""

    name: str
    swatch: str
    is_surplus: bool
    rows: list[RowView]


@dataclass(frozen=True, slots=True)
class ValueChoice:
    value: Value
    is_ticked: bool
    switched_off: int


@dataclass(frozen=True, slots=True)
class OptionForm:
    option: OptionChoices
    values: list[ValueChoice]

    @property
    def has_any(self) -> bool:
        return any(each.is_ticked for each in self.values)

    @property
    def chosen(self) -> str:
        return ", ".join(each.value.name for each in self.values if each.is_ticked)


@dataclass(frozen=True, slots=True)
class Dropped:
    name: str
    has_history: bool


@dataclass(frozen=True, slots=True)
class StockForm:
    """Why the stock changes, as it was typed."""

    kind: str = StockMovement.Kind.CORRECTED
    reason: str = ""
    problem: str = ""

    @property
    def kinds(self) -> list[tuple[str, str]]:
        chosen = (StockMovement.Kind.CORRECTED, StockMovement.Kind.RECEIVED)
        texts = {
            StockMovement.Kind.CORRECTED: gettext("Correction"),
            StockMovement.Kind.RECEIVED: gettext("Goods received"),
        }
        return [(kind.value, texts[kind]) for kind in chosen]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    columns: list[Column]
    blocks: list[Block]
    options: list[OptionForm]
    dropped: list[Dropped]
    stock: StockForm
    rights: Rights
    row_count: int

    @property
    def fillable(self) -> list[Column]:
        return [column for column in self.columns if self.rights.may_type(column)]

    @property
    def has_options(self) -> bool:
        return any(form.has_any for form in self.options)

    @property
    def has_locations(self) -> bool:
        return any(column.location_pk for column in self.columns)

    @property
    def column_count(self) -> int:
        return len(self.columns) + 2


def columns_of(sheet: Sheet) -> list[Column]:
    symbol = CURRENCIES[sheet.matrix.currency].symbol
    columns = []
    for code, (label, kind) in PLAIN_COLUMNS.items():
        text = f"{label}, {symbol}" if kind == "amount" else str(label)
        columns.append(Column(code, text, kind))
    several = len(sheet.matrix.locations) > 1
    for pk, name in sheet.matrix.locations.items():
        label = gettext("Stock, %(place)s") % {"place": name} if several else gettext("Stock")
        columns.append(Column(f"stock-{pk}", label, "number", pk))
    return columns


def show_matrix(
    sheet: Sheet, *, stock: StockForm, history: Collection[int], rights: Rights
) -> MatrixPage:
    """`history`: which dropped variants cannot be deleted."""
    columns = columns_of(sheet)
    values = sheet.matrix.values()
    return MatrixPage(
        columns=columns,
        blocks=list(_blocks(sheet, columns, values, rights)),
        options=option_forms(
            sheet.matrix.options,
            {pk for chosen in sheet.ticked.values() for pk in chosen},
            _switched_off(sheet),
        ),
        dropped=[
            Dropped(
                ", ".join(values[pk].name for pk in variant.values.values()) or variant.sku,
                variant.pk in history,
            )
            for variant in sheet.dropped
        ],
        stock=stock,
        rights=rights,
        row_count=len(sheet.rows),
    )


def _blocks(
    sheet: Sheet, columns: list[Column], values: Mapping[int, Value], rights: Rights
) -> Iterator[Block]:
    """Rows that share a combination with another one come last, in blocks that say so."""
    is_grouped = len(sheet.ticked) > 1
    groups: dict[tuple[bool, int | None], list[RowView]] = {}
    for row in sheet.rows:
        first = row.values[0] if is_grouped and row.values else None
        name = row_name(row, values, without_first=first is not None)
        view = RowView(
            key=row.key,
            name=name or gettext("The product"),
            variant_pk=row.variant.pk if row.variant else None,
            is_active=row.is_active,
            value_pks=" ".join(map(str, row.values)),
            cells=[_cell(row, column, sheet, rights) for column in columns],
        )
        groups.setdefault((row.is_surplus, first), []).append(view)
    for (is_surplus, first), rows in groups.items():
        value = values[first] if first is not None else None
        yield Block(value.name if value else "", value.swatch if value else "", is_surplus, rows)


def _cell(row: SheetRow, column: Column, sheet: Sheet, rights: Rights) -> Cell:
    shown = _shown(row, column)
    return Cell(
        name=f"{row.key}-{column.code}",
        column=column,
        text=row.texts.get(column.code, ""),
        note=_note(row, column, sheet.matrix.currency),
        problem=row.problems.get(column.code, ""),
        now=row.now.get(column.code, ""),
        shown_name=_shown_name(row, column) if shown else "",
        shown=shown,
        is_readonly=not rights.may_type(column),
    )


def _shown_name(row: SheetRow, column: Column) -> str:
    if column.location_pk is not None:
        return f"{row.key}-shown-{column.location_pk}"
    return f"{row.key}-{column.code}-shown"


def _shown(row: SheetRow, column: Column) -> str:
    if column.location_pk is not None:
        return str(row.shown.get(column.location_pk, 0))
    return write_shown_price(row.shown_price) if column.code == "price" else ""


def _note(row: SheetRow, column: Column, currency: str) -> str:
    if column.location_pk is not None:
        reserved = row.stock(column.location_pk).reserved
        return gettext("%(count)s reserved") % {"count": reserved} if reserved else ""
    if column.code != "price" or row.variant is None or row.variant.price is None:
        return ""
    now, regular = row.variant.price, row.variant.regular
    if regular is None or now.ends_at is None:
        return ""
    return gettext("Sale until %(moment)s, then %(price)s") % {
        "moment": moment(now.ends_at),
        "price": write_amount(regular.amount, currency),
    }


def option_forms(
    options: Iterable[OptionChoices],
    ticked: Collection[int],
    switched_off: Mapping[int, int] | None = None,
) -> list[OptionForm]:
    """The lists of values to choose from; `switched_off` counts variants that wait for a value."""
    off = switched_off or {}
    return [
        OptionForm(
            option,
            [
                ValueChoice(
                    value,
                    is_ticked=value.pk in ticked,
                    switched_off=0 if value.pk in ticked else off.get(value.pk, 0),
                )
                for value in option.values
            ],
        )
        for option in options
    ]


def _switched_off(sheet: Sheet) -> Counter[int]:
    """Value → how many variants of it are switched off and stand in no row."""
    placed = {row.variant.pk for row in sheet.rows if row.variant}
    return Counter(
        value_pk
        for variant in sheet.matrix.variants
        if not variant.is_active and variant.pk not in placed
        for value_pk in variant.values.values()
    )


def mark_refused(sheet: Sheet, cells: Iterable[RefusedCell]) -> None:
    """Say at each cell why its stock cannot be taken, and count from what is there now."""
    rows = {row.key: row for row in sheet.rows}
    for refused in cells:
        row = rows[refused.key]
        row.problems[f"stock-{refused.location_pk}"] = gettext(
            "%(now)s are there now and %(reserved)s of them are reserved for orders, so this"
            " cannot fall by %(taken)s. Enter %(reserved)s or more; it counts from %(now)s."
        ) % {
            "now": refused.now,
            "reserved": refused.reserved,
            "taken": -refused.cell.difference,
        }
        row.shown[refused.location_pk] = refused.now
