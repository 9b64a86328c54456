r"""WooCommerce's product CSV: a row for each simple product, each variable one, each variation.

Variations name their parent by `id:44` or by SKU and may stand anywhere in the file. A new line
inside of a description is written as `\n`. The names of the columns are the English ones.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import product as combinations

from catalog.importing import values
from catalog.importing.aliases import handle_of
from catalog.importing.drafts import Count, Draft, Named, Period, Picture, VariantDraft
from catalog.importing.formats.base import Format, Reading
from catalog.importing.grouping import Group, Identity
from catalog.importing.plain_text import plain_text
from catalog.importing.sheets import Row

COLUMNS = {
    "id": "id",
    "type": "type",
    "sku": "sku",
    "barcode": "gtin, upc, ean, or isbn",
    "name": "name",
    "published": "published",
    "visibility": "visibility in catalog",
    "short": "short description",
    "description": "description",
    "sale_from": "date sale price starts",
    "sale_until": "date sale price ends",
    "stock": "stock",
    "sale": "sale price",
    "regular": "regular price",
    "categories": "categories",
    "images": "images",
    "parent": "parent",
    "position": "position",
    "cost": "cost of goods",
}
_WEIGHT = re.compile(r"weight \((\w+)\)\Z")
_ATTRIBUTE = re.compile(r"attribute (\d+) (name|value\(s\))\Z")
_COMMA = re.compile(r"(?<!\\),")
MAX_EXPANDED = 100
Pairs = list[tuple[Named, list[Named]]]


class WooCommerceFormat(Format):
    name = "woocommerce"
    rows_lie_apart = True

    def __init__(self, header: Sequence[str], reading: Reading) -> None:
        super().__init__(header, reading)
        names = {column.lower(): number for number, column in reversed(list(enumerate(header)))}
        self.at = {key: names[column] for key, column in COLUMNS.items() if column in names}
        self._weight_unit = "kg"
        self._attributes: list[str] = []
        for column, number in sorted(names.items(), key=lambda entry: entry[1]):
            if weight := _WEIGHT.match(column):
                self.at["weight"] = number
                self._weight_unit = weight.group(1)
            elif attribute := _ATTRIBUTE.match(column):
                self.at[f"{attribute.group(2)[:5]}{attribute.group(1)}"] = number
                if attribute.group(2) == "name":
                    self._attributes.append(attribute.group(1))
        self.require("type", "name")

    @classmethod
    def recognises(cls, header: Sequence[str]) -> bool:
        names = {column.lower() for column in header}
        return {"type", "name", "regular price"} <= names

    # --- which rows belong together ---------------------------------------------------------

    def _types(self, row: Row) -> set[str]:
        """`simple, downloadable, virtual` is three in one."""
        return {part.strip().lower() for part in self.cell(row, "type").split(",")}

    def identify(self, row: Row) -> Identity | None:
        if "variation" in self._types(row):
            parent = self.cell(row, "parent")
            number = parent.lower().removeprefix("id:").strip()
            is_number = parent.lower().startswith("id:")
            key = f"id:{number}" if is_number else f"sku:{parent}"
            return Identity((key,) if parent else (f"line:{row.line}",), "", is_part=True)
        key, sku = self.cell(row, "id"), self.cell(row, "sku")
        name = self.cell(row, "name")
        # The number stays the same in the next export, whatever is sold beside it then.
        return Identity(
            (f"id:{key}" if key else f"line:{row.line}",),
            handle_of(name) if name else "",
            ending=key,
            alias=f"sku:{sku}" if sku else "",
        )

    def build(self, group: Group) -> Draft:
        variations = [row for row in group.rows if "variation" in self._types(row)]
        parents = [row for row in group.rows if row not in variations]
        if len(parents) != 1:
            return self._without_parent(group, parents)
        parent = parents[0]
        draft = Draft(parent.line, len(group.rows), group.handle, self.reading.language)
        self._read_product(parent, draft)
        types = self._types(parent)
        if "variable" in types or "variable-subscription" in types:
            self._read_variations(parent, variations, draft)
        elif "simple" in types:
            draft.variants = [self._variant(parent, [])]
        else:
            self.fail(parent, "type", "unknown_type", self.cell(parent, "type"))
        draft.pictures = self._pictures(parent, variations, draft.variants)
        return draft

    def _without_parent(self, group: Group, parents: list[Row]) -> Draft:
        row = (parents or group.rows)[-1]
        if parents:
            self.fail(row, "sku", "repeated_variant", self.cell(row, "sku"))
        else:
            self.fail(row, "parent", "missing_parent", self.cell(row, "parent"))
        language = self.reading.language
        return Draft(row.line, len(group.rows), group.handle, language, is_product=False)

    # --- the product ------------------------------------------------------------------------

    def _read_product(self, row: Row, draft: Draft) -> None:
        published = self.cell(row, "published")
        is_hidden = self.cell(row, "visibility").lower() == "hidden"
        draft.fields["is_published"] = published in ("1", "") and not is_hidden
        texts = {"name": self.product_name(row, "name", plain_text(self.cell(row, "name")))}
        short, long = self._prose(row, "short"), self._prose(row, "description")
        if "description" in self.at or "short" in self.at:
            parts = [short] if short and short not in long else []
            texts["description"] = "\n\n".join([*parts, *([long] if long else [])])
        draft.texts[self.reading.language] = texts
        paths = [
            Named(text, row.line, self.column("categories"))
            for text in self._list(row, "categories")
        ]
        # A product is in one category here: the most particular one.
        draft.categories = sorted(paths, key=lambda path: -path.text.count(">"))

    def _prose(self, row: Row, key: str) -> str:
        r"""`\n` is a line break and `\\n` those two characters."""
        parts = self.raw(row, key).split("\\\\n")
        return plain_text("\\n".join(part.replace("\\n", "\n") for part in parts))

    def _list(self, row: Row, key: str) -> list[str]:
        r"""Separated by commas; a comma inside of a name is written `\,`."""
        parts = _COMMA.split(self.cell(row, key))
        return [part.replace("\\,", ",").strip() for part in parts if part.strip()]

    def _pictures(
        self, parent: Row, variations: Sequence[Row], variants: Sequence[VariantDraft]
    ) -> list[Picture]:
        urls: list[str] = []
        used: dict[str, list[VariantDraft]] = {}
        for row in (parent, *variations):
            for text in self._list(row, "images"):
                try:
                    url = values.picture_url(text)
                except values.BadValue as wrong:
                    self.fail(row, "images", wrong.code, text)
                    continue
                urls.append(url)
                if row is not parent:
                    used.setdefault(url, []).extend(v for v in variants if v.line == row.line)
        return self.gallery(urls, used)

    # --- variants ---------------------------------------------------------------------------

    def _attribute_pairs(self, row: Row) -> Pairs:
        pairs: Pairs = []
        for number in self._attributes:
            name = self.named(row, f"name{number}")
            if name.text:
                column = self.column(f"value{number}")
                texts = self._list(row, f"value{number}")
                pairs.append((name, [Named(text, row.line, column) for text in texts]))
        return pairs

    def _read_variations(self, parent: Row, variations: list[Row], draft: Draft) -> None:
        if not variations:
            self.fail(parent, "type", "no_variants", self.cell(parent, "name"))
        offered = {name.text.lower(): found for name, found in self._attribute_pairs(parent)}
        used: dict[str, Named] = {}
        for row in sorted(variations, key=self._position):
            pairs = self._attribute_pairs(row)
            used |= {name.text.lower(): name for name, _found in pairs}
            draft.variants += self._expanded(row, pairs, offered)
        order = [*offered, *used]
        draft.options = [used[key] for key in dict.fromkeys(order) if key in used]

    def _position(self, row: Row) -> tuple[int, int]:
        try:
            return (values.whole(self.cell(row, "position") or "0"), row.line)
        except values.BadValue:
            return (0, row.line)

    def _expanded(
        self, row: Row, pairs: Pairs, offered: dict[str, list[Named]]
    ) -> list[VariantDraft]:
        """A variation without a value stands for all that its parent offers: "any size"."""
        choices = [
            [
                (name, value._replace(line=row.line))
                for value in found or offered.get(name.text.lower(), [])
            ]
            for name, found in pairs
        ]
        for (name, _found), choice in zip(pairs, choices, strict=True):
            if not choice:
                self.problems.append(name.problem("missing_option_value"))
        made = [list(combined) for combined in combinations(*(c for c in choices if c))]
        if len(made) > MAX_EXPANDED:
            self.fail(row, "type", "too_many_variants", str(len(made)))
            made = made[:1]
        variants = [self._variant(row, combined) for combined in made[:1]]
        for combined in made[1:]:
            first = variants[0]
            nothing = [count._replace(units=None) for count in first.stock]
            variants.append(
                VariantDraft(
                    row.line,
                    fields=first.fields,
                    options=combined,
                    prices=first.prices,
                    price_column=first.price_column,
                    stock=nothing,
                )
            )
        if len(variants) > 1 and any(count.units for count in variants[0].stock):
            self.fail(row, "stock", "stock_shared", self.cell(row, "stock"))
        return variants

    def _variant(self, row: Row, options: list[tuple[Named, Named]]) -> VariantDraft:
        variant = VariantDraft(row.line, options=options, price_column=self.column("regular"))
        self.code_field(row, variant, "sku", self.cell(row, "sku"))
        self.code_field(row, variant, "barcode", self.value(row, "barcode", values.barcode) or "")
        if "variation" in self._types(row):
            variant.fields["is_active"] = self.cell(row, "published") in ("1", "")
        grams = self.value(row, "weight", partial(values.grams, unit=self._weight_unit))
        if grams is not None:
            variant.fields["weight_grams"] = grams
        periods = self._prices(row)
        if periods:
            variant.prices[self.reading.currency] = periods
        variant.stock.append(self._count(row))
        return variant

    def _count(self, row: Row) -> Count:
        where = Named("", row.line, self.column("stock"))
        # "parent": the parent's number holds for all of its variations together.
        if self.cell(row, "stock").lower() == "parent":
            self.fail(row, "stock", "stock_not_counted", "parent")
            return Count(where, None)
        units = self.value(row, "stock", values.whole)
        if units is None:
            self.fail(row, "stock", "stock_not_counted")
            return Count(where, None)
        if units < 0:
            self.fail(row, "stock", "stock_below_zero", str(units))
        return Count(where, max(units, 0))

    def _prices(self, row: Row) -> list[Period]:
        """The regular price, and the sale price in its time."""
        read = partial(values.amount, currency=self.reading.currency)
        regular = self.value(row, "regular", read)
        sale = self.value(row, "sale", read)
        start = self.value(row, "sale_from", values.moment)
        end = self.value(row, "sale_until", partial(values.moment, is_end=True))
        if start and end and end <= start:
            self.fail(row, "sale_until", "period_ends_first", self.cell(row, "sale_until"))
            return []
        if sale is None or (regular is not None and sale >= regular):
            return [] if regular is None else [Period(regular)]
        return _with_sale(regular, sale, start, end)


def _with_sale(
    regular: int | None, sale: int, start: datetime | None, end: datetime | None
) -> list[Period]:
    if regular is None:
        return [Period(sale, None, start, end)]
    periods = [Period(regular, end=start)] if start else []
    periods.append(Period(sale, regular, start, end))
    if end:
        periods.append(Period(regular, start=end))
    return periods
