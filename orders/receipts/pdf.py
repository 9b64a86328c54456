"""The nota as a PDF: what it says comes from `nota_of`."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table

from orders.receipts.nota import Nota
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


def write_pdf(nota: Nota) -> bytes:
    """The whole file. The same nota gives the same bytes."""
    steps = [amount_row(step.label, step.amount.format()) for step in nota.steps]
    story = [
        *letterhead(
            shop_name=nota.shop_name,
            shop_address=nota.shop_address,
            title=nota.title,
            numbers=[*nota.invoices, _("order %(number)s") % {"number": nota.order.number}],
        ),
        *parties(nota.buyer, _facts(nota)),
        _goods(nota),
        total(_("Total"), nota.total.format(), steps),
        *_taxes(nota),
        *_payments(nota),
        Spacer(0, 4 * mm),
        text(nota.policy, FINE),
        *way_to_the_order(nota.order_url, [*nota.buyer, *(line.name for line in nota.lines)]),
    ]
    return build(
        story,
        title=nota.title,
        reference=", ".join(nota.invoices) or nota.order.number,
        shop_name=nota.shop_name,
        lang=nota.order.language,
    )


def _facts(nota: Nota) -> list[Any]:
    facts = [text(_("Ordered"), HEAD), text(moment(nota.order.placed_at))]
    for seller in nota.sellers:
        facts += [Spacer(0, 1.5 * mm), text(_("Seller"), HEAD), text(seller.name)]
        if seller.invoice and nota.is_of_many_sellers:
            facts.append(text(seller.invoice))
        if seller.tax_number:
            facts.append(text(_("NPWP %(number)s") % {"number": seller.tax_number}))
    return facts


def _goods(nota: Nota) -> Table:
    rows = [
        [
            [text(line.name, bold=True), text(line.details, FINE)],
            text(f"{line.quantity} × {line.unit.format()}", RIGHT),
            text(line.total.format(), RIGHT),
        ]
        for line in nota.lines
    ]
    heads = [text(_("Goods"), HEAD), text(_("Quantity × price"), to_the_right(HEAD))]
    heads.append(text(_("Amount"), to_the_right(HEAD)))
    return table([heads, *rows], [0.5, 0.28, 0.22], RULES, repeat=1)


def _taxes(nota: Nota) -> Iterable[Any]:
    if not nota.has_tax:
        return
    if nota.has_tax_in_prices:
        yield text(_("Prices include %(tax)s.") % {"tax": nota.tax_label}, FINE)
    rows = []
    for seller in nota.sellers:
        if seller.tax.minor:
            of = f" · {seller.name}" if nota.is_of_many_sellers else ""
            rows.append(amount_row(_("Tax base (DPP)") + of, seller.base.format(), FINE))
            rows.append(amount_row(nota.tax_label + of, seller.tax.format(), FINE))
    yield table(rows, AMOUNTS)


def _payments(nota: Nota) -> Iterable[Any]:
    yield Spacer(0, 3 * mm)
    for payment in nota.payments:
        facts = {"method": payment.method, "at": moment(payment.at)}
        paid = _("Paid with %(method)s, %(at)s") % facts
        yield table([amount_row(paid, payment.amount.format())], AMOUNTS)
    for note in nota.credit_notes:
        facts = {"number": note.reference, "invoice": note.refers_to, "at": moment(note.at)}
        label = _("Credit note %(number)s to %(invoice)s, %(at)s") % facts
        yield table([amount_row(label, f"−{note.amount.format()}")], AMOUNTS)
