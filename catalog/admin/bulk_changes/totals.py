"""A bulk change in a few figures, above its many lines."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from catalog.admin.bulk_changes.rows import field_text, percent_text
from catalog.bulk_changes import Line, Target, field_named, price_now


def totals(lines: Sequence[Line]) -> list[str]:
    """Sentences for staff; none where there are no lines."""
    if not lines:
        return []
    field = field_named(lines[0].field)
    kind = field.name.partition(":")[0]
    counted = (
        ngettext("%(number)s variant changes", "%(number)s variants change", len(lines))
        if field.target == Target.VARIANT
        else ngettext("%(number)s product changes", "%(number)s products change", len(lines))
    )
    return [
        f"{field_text(field.name)}: {counted % {'number': _number(len(lines))}}",
        *(_of_stock(lines) if kind == "stock" else _of_prices(lines) if kind == "price" else ()),
    ]


def _of_stock(lines: Sequence[Line]) -> list[str]:
    deltas = [line.after - line.before for line in lines]
    sums = {
        gettext("%(units)s units more"): sum(delta for delta in deltas if delta > 0),
        gettext("%(units)s units fewer"): -sum(delta for delta in deltas if delta < 0),
    }
    return [text % {"units": _number(units)} for text, units in sums.items() if units]


def _of_prices(lines: Sequence[Line]) -> list[str]:
    pairs = [(price_now(line.before), price_now(line.after)) for line in lines]
    amounts = [(old.amount, new.amount) for old, new in pairs if old and new and old.amount]
    lower = [(new / old, old, new) for old, new in amounts if new < old]
    higher = [(new / old, old, new) for old, new in amounts if new > old]
    texts = []
    if lower:
        _ratio, old, new = min(lower)
        texts.append(
            gettext("%(number)s lower, up to %(percent)s")
            % {"number": _number(len(lower)), "percent": percent_text(old, new)}
        )
    if higher:
        _ratio, old, new = max(higher)
        texts.append(
            gettext("%(number)s higher, up to %(percent)s")
            % {"number": _number(len(higher)), "percent": percent_text(old, new)}
        )
    return texts


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)
