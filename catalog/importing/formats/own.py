"""Our own format: one row for each variant, what is the product's own on its first row.

docs/catalogue.md describes the columns; `catalog.importing.export` writes them.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

from django.conf import settings

from catalog.importing import values
from catalog.importing.aliases import handle_of
from catalog.importing.drafts import Count, Draft, Named, Period, Picture, VariantDraft
from catalog.importing.formats.base import SLUG, Format, Reading
from catalog.importing.grouping import Group, Identity
from catalog.importing.known import SIDES, TEXT_FIELDS
from catalog.importing.problems import Problem
from catalog.importing.sheets import Row
from catalog.importing.values import BadValue
from shop.core.money import CURRENCIES

# Between several entries of one cell.
SEPARATOR = " | "
PRODUCT_COLUMNS = (
    "product",
    "seller",
    "category",
    "published",
    "publish_from",
    "publish_until",
    "created_at",
    "size_guide",
    "options",
    "pictures",
)
VARIANT_COLUMNS = ("variant", "sku", "barcode", "weight_grams", *SIDES, "cost", "active")
# What may be unknown again.
CLEARED_BY_BLANKS = ("cost", *SIDES)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)

Readers = dict[str, tuple[str, Callable[[str], Any]]]
# Column → the model's field, and how the cell is read.
_PRODUCT_READERS: Readers = {
    "published": ("is_published", values.truth),
    "publish_from": ("publish_from", values.moment),
    "publish_until": ("publish_until", partial(values.moment, is_end=True)),
    "created_at": ("created_at", values.moment),
}
_VARIANT_READERS: Readers = {
    "weight_grams": ("weight_grams", values.grams),
    **{side: (side, values.millimetres) for side in SIDES},
    "cost": ("cost_minor", partial(values.amount, currency=settings.DEFAULT_CURRENCY)),
    "active": ("is_active", values.truth),
}


class OwnFormat(Format):
    name = "etalase"

    def __init__(self, header: Sequence[str], reading: Reading) -> None:
        super().__init__(header, reading)
        self.options: list[str] = []
        self.attributes: list[str] = []
        self.locations: list[str] = []
        self.currencies: list[str] = []
        self._above = ("", "", "")
        self._read_header()
        self._language = reading.language
        self.require(f"name:{self._language}")
        others = (f"slug:{code}" for code in LANGUAGES if code != self._language)
        self._other_slugs = [column for column in others if column in self.at]

    @classmethod
    def recognises(cls, header: Sequence[str]) -> bool:
        return any(column.startswith("name:") for column in header)

    def _read_header(self) -> None:
        lists = {
            "option": self.options,
            "attribute": self.attributes,
            "stock": self.locations,
            "price": self.currencies,
        }
        for number, column in enumerate(self.header):
            if not self._knows(column) or column in self.at:
                if column:
                    self.header_problems.append(Problem(1, column, "unknown_column"))
                continue
            self.at[column] = number
            kind, _, rest = column.partition(":")
            if kind in lists:
                lists[kind].append(rest)

    def _knows(self, column: str) -> bool:
        if column in PRODUCT_COLUMNS or column in VARIANT_COLUMNS:
            return True
        kind, _, rest = column.partition(":")
        if kind in TEXT_FIELDS:
            return rest in LANGUAGES
        if kind in ("price", "price_before", "price_schedule"):
            return rest in CURRENCIES
        return kind in ("option", "attribute", "stock") and bool(rest)

    def identify(self, row: Row) -> Identity | None:
        """A row goes on with the product above unless one of its identifying cells differs."""
        key = _identity(self.cell(row, "product"))
        slug = self.cell(row, f"slug:{self._language}")
        name = self.cell(row, f"name:{self._language}")
        if all(
            not own or own == above
            for own, above in zip((key, slug, name), self._above, strict=True)
        ):
            return None
        self._above = (key, slug, name)
        keys = (f"id:{key}",) if key else (f"slug:{slug}",) if slug else ()
        return Identity(keys, slug or (handle_of(name) if name else ""), bool(slug))

    def claims(self, row: Row, *, is_first: bool) -> Iterator[tuple[str, str]]:
        """The language of the file is not among them: `identify` names its address."""
        if variant := self.cell(row, "variant"):
            yield "variant", _identity(variant)
        for column in self._other_slugs if is_first else ():
            if slug := self.cell(row, column):
                yield column, slug

    def build(self, group: Group) -> Draft:
        first = group.rows[0]
        draft = Draft(first.line, len(group.rows), group.handle, self._language)
        draft.public_id = self.value(first, "product", values.identifier)
        self.handle_problems(group, draft, f"slug:{self._language}")
        self._read_fields(first, draft)
        self._read_texts(first, draft)
        self._read_lists(first, draft)
        for row in group.rows:
            variant = self._variant(row)
            if variant is not None:
                draft.variants.append(variant)
        return draft

    def _read_fields(self, row: Row, draft: Draft) -> None:
        for key, (field, read) in _PRODUCT_READERS.items():
            if key in self.at:
                found = self.value(row, key, read)
                if found is not None or field.startswith("publish_"):
                    draft.fields[field] = found
        start, end = draft.fields.get("publish_from"), draft.fields.get("publish_until")
        if start and end and end <= start:
            self.fail(row, "publish_until", "period_ends_first", self.cell(row, "publish_until"))
        if self.cell(row, "seller"):
            draft.seller = self.named(row, "seller")
        if "category" in self.at:
            category = self.named(row, "category")
            draft.categories = [category] if category.text else []
        if "size_guide" in self.at:
            draft.size_guide = self.named(row, "size_guide")

    def _read_texts(self, row: Row, draft: Draft) -> None:
        named = [language for language in LANGUAGES if self.cell(row, f"name:{language}")]
        # What comes from an export may have been written in another language only.
        if self._language not in named and not (draft.public_id and named):
            named.append(self._language)
        for language in named:
            name = f"name:{language}"
            texts = {"name": self.product_name(row, name, self._text(row, name))}
            for field in TEXT_FIELDS[1:]:
                key = f"{field}:{language}"
                if key in self.at:
                    texts[field] = self.fitting(row, key, field, self._text(row, key))
            slug = texts.get("slug", "")
            if slug and not SLUG.match(slug):
                self.fail(row, f"slug:{language}", "bad_slug", slug)
            draft.texts[language] = texts

    def _text(self, row: Row, key: str) -> str:
        """Texts keep the white space around them, so that an export comes back as it was."""
        text = self.raw(row, key)
        return text if text.strip() else ""

    def _read_lists(self, row: Row, draft: Draft) -> None:
        draft.options = self._entries(row, "options")
        for code in self.attributes:
            key = f"attribute:{code}"
            draft.attributes.append(
                (Named(code, row.line, self.column(key)), self._entries(row, key))
            )
        for entry in self._entries(row, "pictures"):
            draft.pictures += self._picture(row, entry)

    def _entries(self, row: Row, key: str) -> list[Named]:
        column = self.column(key)
        texts = (part.strip() for part in self.cell(row, key).split(SEPARATOR.strip()))
        return [Named(text, row.line, column) for text in texts if text]

    def _picture(self, row: Row, entry: Named) -> list[Picture]:
        """`https://…`, or `colour:navy https://…` for a picture of one value."""
        shown, _, url = entry.text.rpartition(" ")
        try:
            values.picture_url(url)
        except BadValue as wrong:
            self.fail(row, "pictures", wrong.code, entry.text)
            return []
        if not shown:
            return [Picture(url)]
        option, _, value = shown.partition(":")
        return [Picture(url, (entry._replace(text=option), entry._replace(text=value)))]

    def _variant(self, row: Row) -> VariantDraft | None:
        """None where the row says nothing of a variant: the product has none."""
        if not any(self._variant_cells(row)):
            return None
        variant = VariantDraft(row.line, self.value(row, "variant", values.identifier))
        for key in ("sku", "barcode"):
            self.code_field(row, variant, key, self.raw(row, key))
        for key, (field, read) in _VARIANT_READERS.items():
            found = self.value(row, key, read)
            if found is not None or (key in CLEARED_BY_BLANKS and key in self.at):
                variant.fields[field] = found
        chosen = ((code, self.named(row, f"option:{code}")) for code in self.options)
        variant.options = [
            (value._replace(text=code), value) for code, value in chosen if value.text
        ]
        for currency in self.currencies:
            self._read_prices(row, variant, currency)
        variant.price_column = self.column(f"price:{self.reading.currency}")
        for location in self.locations:
            self._read_stock(row, variant, location)
        return variant

    def _variant_cells(self, row: Row) -> list[str]:
        if not hasattr(self, "_variant_numbers"):
            self._variant_numbers = [
                number
                for column, number in self.at.items()
                if column in VARIANT_COLUMNS
                or column.partition(":")[0]
                in ("option", "stock", "price", "price_before", "price_schedule")
            ]
        cells = row.cells
        return [cells[number] for number in self._variant_numbers if number < len(cells)]

    def _read_stock(self, row: Row, variant: VariantDraft, location: str) -> None:
        key = f"stock:{location}"
        units = self.value(row, key, values.whole)
        if units is None:
            return
        if units < 0:
            self.fail(row, key, "stock_below_zero", str(units))
        where = Named(location, row.line, self.column(key))
        variant.stock.append(Count(where, max(units, 0)))

    def _read_prices(self, row: Row, variant: VariantDraft, currency: str) -> None:
        schedule = f"price_schedule:{currency}"
        if self.cell(row, schedule):
            variant.prices[currency] = self._schedule(row, schedule, currency)
            return
        read = partial(values.amount, currency=currency)
        amount = self.value(row, f"price:{currency}", read)
        before = self.value(row, f"price_before:{currency}", read)
        if amount is None:
            return
        if before is not None and before <= amount:
            self.fail(row, f"price_before:{currency}", "price_before_not_higher", str(before))
        variant.prices[currency] = [Period(amount, before)]

    def _schedule(self, row: Row, key: str, currency: str) -> list[Period]:
        """`149000/199000 @ 2026-01-01T00:00:00+07:00..2026-02-01`, several separated by `|`."""
        try:
            periods = [_period(entry.text, currency) for entry in self._entries(row, key)]
        except BadValue as wrong:
            self.fail(row, key, wrong.code, self.cell(row, key))
            return []
        periods.sort(key=lambda period: period.start or LONG_AGO)
        for earlier, later in pairwise(periods):
            if earlier.end is None or later.start is None or later.start < earlier.end:
                self.fail(row, key, "periods_overlap", self.cell(row, key))
        return periods


def _period(text: str, currency: str) -> Period:
    amounts, at, times = text.partition("@")
    price, _, before = (part.strip() for part in amounts.partition("/"))
    start, dots, end = (part.strip() for part in times.partition(".."))
    if not at or not dots or not price:
        raise BadValue("bad_schedule")
    period = Period(
        values.amount(price, currency),
        values.amount(before, currency) if before else None,
        values.moment(start) if start else None,
        values.moment(end, is_end=True) if end else None,
    )
    if period.before is not None and period.before <= period.amount:
        raise BadValue("price_before_not_higher")
    if period.start and period.end and period.end <= period.start:
        raise BadValue("period_ends_first")
    return period


def _identity(text: str) -> str:
    """An identifier as we write it, whichever way the file does; anything else as it is."""
    if len(text) == 36 and text.count("-") == 4:
        return text.lower()
    try:
        return str(values.identifier(text)) if text else ""
    except BadValue:
        return text
