"""What all formats share: cells by the name of their column, and a note of what is wrong."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from django.conf import settings

from catalog.importing.aliases import option_code
from catalog.importing.drafts import Draft, Named, Picture, VariantDraft
from catalog.importing.grouping import Group, Identity
from catalog.importing.problems import BadFile, Problem
from catalog.importing.sheets import Row
from catalog.importing.values import BadValue
from shop.core.spreadsheets import unguarded

log = logging.getLogger(__name__)
Value = TypeVar("Value")
MAX_NAME = 200
# Descriptions carry whole pictures at times; beyond it no text is meant.
MAX_CELL = 1_000_000
MAX_LENGTHS = {
    "material": 200,
    "fit": 200,
    "model_size": 200,
    "seo_title": 120,
    "seo_description": 320,
}
MAX_CODE = {"sku": 80, "barcode": 40}
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,220}\Z")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file cannot say itself and whoever imports it chose."""

    language: str = settings.LANGUAGE_CODE
    currency: str = settings.DEFAULT_CURRENCY


class Format:
    """One file's format. `columns` names what can be read; keys are ours, values the file's own.

    A draft is built row by row by the subclass; what is wrong goes to `self.problems`.
    """

    name: ClassVar[str]
    rows_lie_apart = False

    def __init__(self, header: Sequence[str], reading: Reading) -> None:
        self.header = list(header)
        self.reading = reading
        self.problems: list[Problem] = []
        # Key → number of the column.
        self.at: dict[str, int] = {}
        self.header_problems: list[Problem] = []

    # --- what each format answers -----------------------------------------------------------

    @classmethod
    def recognises(cls, header: Sequence[str]) -> bool:
        raise NotImplementedError

    def identify(self, row: Row) -> Identity | None:
        raise NotImplementedError

    def claims(self, row: Row, *, is_first: bool) -> Iterable[tuple[str, str]]:
        """See `grouping.Keyed`: files of other shops name nothing of the kind."""
        return ()

    def build(self, group: Group) -> Draft:
        raise NotImplementedError

    # --- shared -----------------------------------------------------------------------------

    def draft(self, group: Group) -> Draft:
        """The product of these rows, with all that is wrong in them."""
        self.problems = []
        self._check_rows(group)
        rows = [row for row in group.rows if not row.broken]
        draft = self._built(group._replace(rows=rows)) if rows else None
        if draft is None:
            line, language = group.rows[0].line, self.reading.language
            draft = Draft(line, len(group.rows), "", language, is_product=False)
        draft.rows = len(group.rows)
        draft.number = group.number
        draft.problems = self.problems
        return draft

    def _built(self, group: Group) -> Draft | None:
        try:
            return self.build(group)
        except Exception:
            # Files hold what nobody thought of: that is one product's trouble, not the file's.
            line = group.rows[0].line
            log.exception("import_product_unreadable", extra={"line": line})
            self.problems.append(Problem(line, "", "unreadable"))
            return None

    def _check_rows(self, group: Group) -> None:
        if group.after is not None:
            self.problems.append(Problem(group.after.line, "", group.after.broken))
        for line, column, value in group.lost:
            code = "variant_elsewhere" if column == "variant" else "repeated_slug"
            self.problems.append(Problem(line, column, code, value))
        width = len(self.header)
        for row in group.rows:
            if row.broken:
                self.problems.append(Problem(row.line, "", row.broken))
            elif len(row.cells) > width and any(row.cells[width:]):
                self.problems.append(Problem(row.line, "", "too_many_cells", row.cells[width]))

    def column(self, key: str) -> str:
        """The name that the file has for it."""
        return self.header[self.at[key]] if key in self.at else ""

    def require(self, *keys: str) -> None:
        for key in keys:
            if key not in self.at:
                raise BadFile(Problem(1, key, "missing_column", key))

    def raw(self, row: Row, key: str) -> str:
        """The cell as it stands there, without the apostrophe of an export; blank if there is none.

        A cell that PostgreSQL could not store or search is a problem, and blank.
        """
        number = self.at.get(key)
        if number is None or number >= len(row.cells):
            return ""
        text = row.cells[number]
        if len(text) > MAX_CELL:
            self.fail(row, key, "too_long", text)
            return ""
        if "\0" in text:
            self.fail(row, key, "bad_character", text.replace("\0", "␀"))
            return ""
        return unguarded(text) if text[:1] == "'" else text

    def cell(self, row: Row, key: str) -> str:
        """The same without white space around it."""
        return self.raw(row, key).strip()

    def value(self, row: Row, key: str, read: Callable[[str], Value]) -> Value | None:
        """The cell through `read`; None where it is blank, or wrong, which is noted."""
        text = self.cell(row, key)
        if not text:
            return None
        try:
            return read(text)
        except BadValue as wrong:
            self.fail(row, key, wrong.code, text)
            return None

    def named(self, row: Row, key: str) -> Named:
        return Named(self.cell(row, key), row.line, self.column(key))

    def fail(self, row: Row, key: str, code: str, value: str = "") -> None:
        self.problems.append(Problem(row.line, self.column(key) or key, code, value))

    def fitting(self, row: Row, key: str, field: str, text: str) -> str:
        """Texts about a product are shortened, with a notice, to what a column holds."""
        limit = MAX_LENGTHS.get(field)
        if limit is None or len(text) <= limit:
            return text
        self.fail(row, key, "shortened", text)
        return text[: limit - 1].rstrip() + "…"

    def product_name(self, row: Row, key: str, text: str) -> str:
        if len(text) > MAX_NAME:
            self.fail(row, key, "too_long", text)
        elif not text:
            self.fail(row, key, "missing_name")
        return text

    def code_field(self, row: Row, variant: VariantDraft, key: str, text: str) -> None:
        """SKU or barcode, where the file has such a column."""
        if key not in self.at:
            return
        if len(text) > MAX_CODE[key]:
            self.fail(row, key, "too_long", text)
        variant.fields[key] = text

    def gallery(
        self, urls: Iterable[str], used: Mapping[str, Sequence[VariantDraft]]
    ) -> list[Picture]:
        """Pictures in this order; one that variants of a single colour use is of that colour."""
        pictures = []
        for url in dict.fromkeys(urls):
            shown = {
                (option_code(option.text), value.text.lower()): (option, value)
                for variant in used.get(url, ())
                for option, value in variant.options
            }
            colours = [pair for (code, _value), pair in shown.items() if code == "colour"]
            pictures.append(Picture(url, colours[0] if len(colours) == 1 else None))
        return pictures

    def handle_problems(self, group: Group, draft: Draft, key: str) -> None:
        if group.is_repeated:
            self.fail(group.rows[0], key, "repeated_slug", group.handle)
        draft.handle_is_given = group.is_given
        draft.handle_column = self.column(key)
