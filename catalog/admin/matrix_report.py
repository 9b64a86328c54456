"""What staff are told after they saved the table of variants."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.contrib import messages
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.form_tokens import Notes
from catalog.editing.booking import SoldMeanwhile
from catalog.editing.publishing import is_priced
from catalog.editing.sheet import Sheet, row_name
from catalog.editing.variants import Saved
from catalog.models import Product, Variant

# More than this would hide the page.
MOST_NOTES = 5


def summary(saved: Saved) -> str:
    """`2 new, 12 changed, 3 prices`, also for the history of the product."""
    parts = [
        (saved.created, _("%(count)s new")),
        (saved.changed, _("%(count)s changed")),
        (saved.deleted, _("%(count)s deleted")),
        (saved.switched_off, _("%(count)s switched off")),
        (saved.repriced, ngettext("%(count)s price", "%(count)s prices", saved.repriced)),
        (saved.restocked, ngettext("%(count)s stock", "%(count)s stocks", saved.restocked)),
    ]
    shown = ", ".join(text % {"count": count} for count, text in parts if count)
    return shown or _("no difference")


def report(sheet: Sheet, saved: Saved) -> Notes:
    """What was saved. No query: it is told while buyers wait for the stock that was changed."""
    text = _("Variants saved: %(what)s.") % {"what": summary(saved)}
    notes: Notes = [(messages.SUCCESS, text)]
    if saved.switched_off:
        notes.append((messages.INFO, switched_off_note(saved.switched_off)))
    notes += [(messages.WARNING, text) for text in sold_notes(sheet, saved.sold_meanwhile)]
    return notes


def advice(product: Product, given: Mapping[str, str]) -> Notes:
    """What is allowed but rarely meant, as it is after the form's texts were saved."""
    notes: Notes = []
    repeated = repeated_skus(text.strip() for name, text in given.items() if name.endswith("-sku"))
    if repeated:
        text = _("These SKUs are on more than one variant of the shop: %(skus)s.")
        notes.append((messages.WARNING, text % {"skus": ", ".join(repeated)}))
    if product.is_published and not is_priced(product, at=timezone.now()):
        text = _("No active variant has a price, so customers do not see this product any more.")
        notes.append((messages.WARNING, text))
    return notes


def switched_off_note(count: int) -> str:
    text = ngettext(
        "%(count)s variant was in stock or in an order before: it is not deleted, only switched"
        " off.",
        "%(count)s variants were in stock or in orders before: they are not deleted, only switched"
        " off.",
        count,
    )
    return text % {"count": count}


def sold_notes(sheet: Sheet, sold: Sequence[SoldMeanwhile]) -> Iterator[str]:
    """Where the stock moved while the page was open: what was typed, and what is there now."""
    values = sheet.matrix.values()
    rows = {row.key: row for row in sheet.rows}
    text = _(
        "%(variant)s: the stock was no longer the %(shown)s that the page showed. Your change of"
        " %(difference)s was applied to what was left, which makes %(now)s."
    )
    for each in sold[:MOST_NOTES]:
        yield text % {
            "variant": row_name(rows[each.key], values, without_first=False) or _("The product"),
            "shown": each.cell.shown,
            "difference": f"{each.cell.difference:+d}".replace("-", "−"),
            "now": each.now,
        }
    if len(sold) > MOST_NOTES:
        yield _("The same for %(count)s more.") % {"count": len(sold) - MOST_NOTES}


def repeated_skus(skus: Iterable[str]) -> list[str]:
    """Those that several variants of the shop have: allowed, but rarely meant. One query."""
    rows = Variant.objects.filter(sku__in={sku for sku in skus if sku}).values("sku")
    repeated = rows.annotate(count=Count("pk")).filter(count__gt=1).order_by("sku")
    return list(repeated.values_list("sku", flat=True)[:MOST_NOTES])
