"""Lines of a bulk change as people read them: names instead of numbers, one query per kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext

from catalog.admin.bulk_changes.forms import published_text
from catalog.admin.labels import (
    attribute_choices,
    category_choices,
    product_names,
    value_names,
)
from catalog.bulk_changes import Line, Target, field_named, price_now
from catalog.models import Location, SizeGuide, Variant
from shop.core.money import Money

Value = Any
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """Variants of one product to which the same happens, or one product.

    `difference` is `−10,1 %` or `+5`; empty where a value is not more or less.
    """

    product_pk: int | None
    name: str
    before: str
    after: str
    difference: str
    remark: str
    variants: tuple[str, ...] = ()

    def happens_to(self, other: "Row") -> bool:
        return replace(self, variants=()) == replace(other, variants=())


@dataclass(frozen=True, slots=True)
class Names:
    """What the lines speak of, by pk."""

    products: Mapping[int, str]
    variants: Mapping[int, str]
    product_of: Mapping[int, int]
    categories: Mapping[int, str] = field(default_factory=dict)
    guides: Mapping[int, str] = field(default_factory=dict)


def show_lines(lines: Sequence[Line]) -> list[Row]:
    """In at most five queries, however many lines."""
    names = _names(lines)
    rows: list[Row] = []
    for row in (_row(line, names) for line in lines):
        if row.variants and rows and row.happens_to(rows[-1]):
            rows[-1] = replace(row, variants=rows[-1].variants + row.variants)
        else:
            rows.append(row)
    return rows


def _row(line: Line, names: Names) -> Row:
    is_variant = field_named(line.field).target == Target.VARIANT
    product_pk = names.product_of.get(line.pk, 0) if is_variant else line.pk
    kind, _colon, key = line.field.partition(":")
    return Row(
        product_pk=product_pk if product_pk in names.products else None,
        name=names.products.get(product_pk) or gettext("(deleted)"),
        before=_value_text(kind, key, line.before, names),
        after=_value_text(kind, key, line.after, names),
        difference=_difference(kind, line),
        remark=_remark(line),
        variants=(names.variants.get(line.pk) or NOTHING,) if is_variant else (),
    )


def _remark(line: Line) -> str:
    if line.problem:
        return str(line.problem.label)
    return str(line.note.label) if line.note else ""


def _value_text(kind: str, key: str, value: Value, names: Names) -> str:
    if value is None:
        return NOTHING
    match kind:
        case "price":
            return _price_text(value, currency=key)
        case "stock":
            return number_format(value, force_grouping=True)
        case "attribute":
            return gettext("Yes") if value else gettext("No")
        case "category":
            return names.categories.get(value, NOTHING)
        case "size_guide":
            return names.guides.get(value, NOTHING)
        case _:
            return _publication_text(value)


def _price_text(value: Value, *, currency: str) -> str:
    price = price_now(value)
    if price is None:
        return gettext("no price")
    amount = Money(price.amount, currency).format()
    if price.compare_at is None:
        return amount
    crossed_out = Money(price.compare_at, currency).format()
    return format_html("{} <del>{}</del>", amount, crossed_out)


def _publication_text(value: Value) -> str:
    if not value["published"]:
        return gettext("Hidden")
    start, end = (value[side] and datetime.fromisoformat(value[side]) for side in ("from", "until"))
    return published_text(start, end)


def _difference(kind: str, line: Line) -> str:
    if line.problem is not None or line.before is None:
        return ""
    if kind == "stock":
        return _signed(line.after - line.before)
    if kind != "price":
        return ""
    before, after = price_now(line.before), price_now(line.after)
    if before is None or after is None or not before.amount:
        return ""
    return percent_text(before.amount, after.amount)


def percent_text(before: int, after: int) -> str:
    """`−10,1 %`."""
    tenths = round((after - before) * 1000 / before)
    return f"{_sign(tenths)}{number_format(abs(tenths) / 10, 1)} %"


def _signed(number: int) -> str:
    return f"{_sign(number)}{number_format(abs(number), force_grouping=True)}"


def _sign(number: int) -> str:
    return "−" if number < 0 else "+"


def _names(lines: Sequence[Line]) -> Names:
    by_target: dict[Target, set[int]] = {target: set() for target in Target}
    fields = {line.field for line in lines}
    for line in lines:
        by_target[field_named(line.field).target].add(line.pk)
    variants = {row.pk: row for row in Variant.objects.filter(pk__in=by_target[Target.VARIANT])}
    product_of = {pk: row.product_id for pk, row in variants.items()}
    return Names(
        products=product_names({*product_of.values(), *by_target[Target.PRODUCT]}),
        variants=_variant_names(variants),
        product_of=product_of,
        categories=dict(category_choices()) if "category" in fields else {},
        guides=_guides() if "size_guide" in fields else {},
    )


def _variant_names(variants: Mapping[int, Variant]) -> dict[int, str]:
    """`Terakota, M · SKU-1`."""
    values = value_names(variants)
    return {
        pk: " · ".join(filter(None, [values.get(pk), variant.sku]))
        for pk, variant in variants.items()
    }


def _guides() -> dict[int, str]:
    return dict(SizeGuide.objects.values_list("pk", "name"))


def field_text(name: str) -> str:
    """What changes, once for all lines of a change."""
    kind, _colon, key = name.partition(":")
    match kind:
        case "price":
            return gettext("Price")
        case "stock":
            place = Location.objects.filter(pk=key).first()
            return gettext("Stock, %(location)s") % {"location": place or NOTHING}
        case "attribute":
            return _attribute_names().get(int(key), NOTHING)
        case "category":
            return gettext("Category")
        case "size_guide":
            return gettext("Size guide")
        case _:
            return gettext("Publication")


def _attribute_names() -> dict[int, str]:
    return {pk: f"{owner}: {name}" for owner, values in attribute_choices() for pk, name in values}
