"""A credit note as a PDF: what it says comes from `credit_note_of`."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table

from orders.receipts.credit_note import CreditNotePaper
from orders.receipts.sheet import (
    AMOUNTS,
    FINE,
    HEAD,
    RIGHT,
    RULES,
    amount_row,
    build,
    letterhead,
    parties,
    table,
    text,
    to_the_right,
    total,
    way_to_the_order,
)
from shop.core.templatetags.shop import moment


def write_credit_note(note: CreditNotePaper) -> bytes:
    """The whole file. The same credit note gives the same bytes."""
    story = [
        *letterhead(
            shop_name=note.shop_name,
            shop_address=note.shop_address,
            title=note.title,
            numbers=_numbers(note),
        ),
        *parties(note.buyer, _facts(note)),
        _lines(note),
        total(_("Total"), note.total.format()),
        *_taxes(note),
        Spacer(0, 4 * mm),
        *way_to_the_order(note.order_url, [*note.buyer, *(line.name for line in note.lines)]),
    ]
    return build(
        story,
        title=note.title,
        reference=note.number or note.order.number,
        shop_name=note.shop_name,
        lang=note.order.language,
    )


def _numbers(note: CreditNotePaper) -> list[str]:
    invoice = [_("to invoice %(number)s") % {"number": note.invoice}] if note.invoice else []
    order = _("order %(number)s") % {"number": note.order.number}
    return [note.number or _("number follows"), *invoice, order]


def _facts(note: CreditNotePaper) -> list[Any]:
    facts = [text(_("Date"), HEAD), text(moment(note.at)), Spacer(0, 1.5 * mm)]
    facts += [text(_("Reason"), HEAD), text(note.reason), Spacer(0, 1.5 * mm)]
    facts += [text(_("Seller"), HEAD), text(note.seller_name)]
    if note.tax_number:
        facts.append(text(_("NPWP %(number)s") % {"number": note.tax_number}))
    return facts


def _lines(note: CreditNotePaper) -> Table:
    rows = [
        [
            [text(line.name, bold=True), text(line.details, FINE)],
            text(str(line.quantity or ""), RIGHT),
            text(line.amount.format(), RIGHT),
        ]
        for line in note.lines
    ]
    heads = [text(_("Credited"), HEAD), text(_("Quantity"), to_the_right(HEAD))]
    heads.append(text(_("Amount"), to_the_right(HEAD)))
    return table([heads, *rows], [0.6, 0.18, 0.22], RULES, repeat=1)


def _taxes(note: CreditNotePaper) -> Iterable[Any]:
    if note.tax.minor:
        base = amount_row(_("Tax base (DPP)"), note.base.format(), FINE)
        yield table([base, amount_row(note.tax_label, note.tax.format(), FINE)], AMOUNTS)
