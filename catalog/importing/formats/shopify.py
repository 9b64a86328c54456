"""Shopify's product CSV: rows of one handle are one product; further rows carry variants and
pictures. The names of the columns are those of the export and, behind them, of the template that
Shopify hands out since 2024.
"""

from collections.abc import Sequence

from django.conf import settings

from catalog.importing import values
from catalog.importing.aliases import handle_of
from catalog.importing.drafts import Count, Draft, Named, Period, Picture, VariantDraft
from catalog.importing.formats.base import Format, Reading
from catalog.importing.grouping import Group, Identity
from catalog.importing.plain_text import plain_text
from catalog.importing.sheets import Row
from catalog.importing.values import BadValue

COLUMNS = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "description"),
    "category": ("product category",),
    "type": ("type", "custom product type"),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "sku": ("variant sku", "sku"),
    "grams": ("variant grams", "weight value (grams)"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "price": ("variant price", "price"),
    "before": ("variant compare at price", "compare-at price"),
    "barcode": ("variant barcode", "barcode", "variant barcodes"),
    "cost": ("cost per item",),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "variant_image": ("variant image", "variant image url"),
    "seo_title": ("seo title",),
    "seo_description": ("seo description",),
    **{f"option{n}": (f"option{n} name",) for n in (1, 2, 3)},
    **{f"value{n}": (f"option{n} value",) for n in (1, 2, 3)},
}
OPTION_NUMBERS = (1, 2, 3)
# What Shopify writes for a product that varies in nothing.
NO_OPTION = ("title", "default title")


class ShopifyFormat(Format):
    name = "shopify"

    def __init__(self, header: Sequence[str], reading: Reading) -> None:
        super().__init__(header, reading)
        names = {column.lower(): number for number, column in reversed(list(enumerate(header)))}
        for key, known in COLUMNS.items():
            for column in known:
                if column in names:
                    self.at[key] = names[column]
                    break
        self.require("title")
        self._above = ""

    @classmethod
    def recognises(cls, header: Sequence[str]) -> bool:
        names = {column.lower() for column in header}
        return "title" in names and bool(names & {"handle", "url handle", "option1 name"})

    def identify(self, row: Row) -> Identity | None:
        handle = self.cell(row, "handle")
        title = self.cell(row, "title")
        wanted = handle or title
        if not wanted or wanted == self._above:
            return None
        self._above = wanted
        if not handle:
            return Identity((), handle_of(title))
        made = handle_of(handle)
        # Two handles that become one address here are still two products.
        return Identity((handle,), made, is_given=made == handle)

    def build(self, group: Group) -> Draft:
        first = group.rows[0]
        language = self.reading.language
        draft = Draft(first.line, len(group.rows), group.handle, language)
        self.handle_problems(group, draft, "handle")
        draft.fields["is_published"] = self._is_published(first)
        draft.texts[language] = self._texts(first)
        draft.categories = [
            self.named(first, key) for key in ("type", "category") if self.cell(first, key)
        ]
        names = [(n, self.named(first, f"option{n}")) for n in OPTION_NUMBERS]
        options = [(n, name) for n, name in names if name.text]
        if len({name.text.lower() for _n, name in options}) < len(options):
            self.fail(first, "option2", "repeated_option", options[-1][1].text)
        if not self._is_without_options(first, options):
            draft.options = [name for _n, name in options]
        else:
            options = []
        for row in group.rows:
            variant = self._variant(row, options, is_first=row is first)
            if variant is not None:
                draft.variants.append(variant)
        draft.pictures = self._pictures(group.rows, draft.variants)
        return draft

    def _is_without_options(self, row: Row, options: list[tuple[int, Named]]) -> bool:
        return len(options) == 1 and (
            (options[0][1].text.lower(), self.cell(row, "value1").lower()) == NO_OPTION
        )

    def _is_published(self, row: Row) -> bool:
        status = self.cell(row, "status").lower()
        return self.value(row, "published", values.truth) is not False and status in ("", "active")

    def _texts(self, row: Row) -> dict[str, str]:
        texts = {"name": self.product_name(row, "title", self.cell(row, "title"))}
        if "body" in self.at:
            texts["description"] = plain_text(self.raw(row, "body"))
        for key in ("seo_title", "seo_description"):
            if key in self.at:
                texts[key] = self.fitting(row, key, key, " ".join(self.cell(row, key).split()))
        return texts

    def _variant(
        self, row: Row, options: list[tuple[int, Named]], *, is_first: bool
    ) -> VariantDraft | None:
        """None for a row that only carries another picture."""
        stated = ("value1", "value2", "value3", "sku", "price", "barcode")
        if not is_first and not any(self.cell(row, key) for key in stated):
            return None
        variant = VariantDraft(row.line, price_column=self.column("price"))
        self.code_field(row, variant, "sku", self.cell(row, "sku"))
        self.code_field(row, variant, "barcode", self.value(row, "barcode", values.barcode) or "")
        for number, option in options:
            value = self.named(row, f"value{number}")
            if not value.text:
                self.fail(row, f"value{number}", "missing_option_value", option.text)
            variant.options.append((option._replace(line=row.line), value))
        grams = self.value(row, "grams", values.grams)
        if grams is not None:
            variant.fields["weight_grams"] = grams
        # Costs are kept in the shop's own currency only.
        cost = self.value(row, "cost", self._amount)
        if cost is not None and self.reading.currency == settings.DEFAULT_CURRENCY:
            variant.fields["cost_minor"] = cost
        self._read_price(row, variant)
        self._read_stock(row, variant)
        return variant

    def _amount(self, text: str) -> int:
        return values.amount(text, self.reading.currency)

    def _read_price(self, row: Row, variant: VariantDraft) -> None:
        amount = self.value(row, "price", self._amount)
        before = self.value(row, "before", self._amount)
        if amount is not None:
            # Shopify lets a price before stand that is no higher, and shows no reduction.
            shown = before if before is not None and before > amount else None
            variant.prices[self.reading.currency] = [Period(amount, shown)]

    def _read_stock(self, row: Row, variant: VariantDraft) -> None:
        where = Named("", row.line, self.column("quantity"))
        units = self.value(row, "quantity", values.whole)
        is_counted = "tracker" not in self.at or bool(self.cell(row, "tracker"))
        if units is None or (not is_counted and units == 0):
            # Since 2024 exports of shops with several locations have no quantities at all.
            if "quantity" in self.at:
                self.fail(row, "quantity", "stock_not_counted")
            variant.stock.append(Count(where, None))
            return
        if units < 0:
            self.fail(row, "quantity", "stock_below_zero", str(units))
        variant.stock.append(Count(where, max(units, 0)))

    def _pictures(self, rows: Sequence[Row], variants: Sequence[VariantDraft]) -> list[Picture]:
        """In the order of their positions."""
        placed: dict[str, tuple[int, int]] = {}
        for number, row in enumerate(rows):
            url = self.value(row, "image", values.picture_url)
            if url:
                placed.setdefault(url, (self._position(row), number))
        used: dict[str, list[VariantDraft]] = {}
        by_line = {variant.line: variant for variant in variants}
        for number, row in enumerate(rows):
            url = self.value(row, "variant_image", values.picture_url)
            if url and row.line in by_line:
                placed.setdefault(url, (len(rows) + 1, number))
                used.setdefault(url, []).append(by_line[row.line])
        return self.gallery(sorted(placed, key=placed.__getitem__), used)

    def _position(self, row: Row) -> int:
        try:
            return values.whole(self.cell(row, "image_position") or "0")
        except BadValue:
            return 0
