"""A credit note as its customer reads it: what its page and its PDF both say.

Everything is read from what was frozen when it was written. Texts are in the active language,
which the caller sets to the order's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.address_lines import address_lines
from orders.models import CreditLine, FulfilmentGroup, Invoice, InvoiceKind, Order
from orders.receipts.nota import details_of, place_of, tax_labels
from shop.core.errors import NotFound
from shop.core.money import Money


class CreditNoteNotFound(NotFound):
    code = "credit_note_not_found"
    message = gettext_lazy("This order has no such credit note.")


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """Goods, or with a quantity of 0 what sending them cost or what the total was rounded by."""

    name: str
    details: str
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True)
class CreditNotePaper:
    """`number` and `invoice` are empty until they are given."""

    order: Order
    # Its place among the credit notes of the order, from 1: what its address goes by.
    seq: int
    title: str
    number: str
    invoice: str
    reason: str
    at: datetime
    shop_name: str
    shop_address: list[str]
    seller_name: str
    tax_number: str
    buyer: list[str]
    lines: list[CreditedLine]
    total: Money
    tax_label: str
    base: Money
    tax: Money
    order_url: str


def credit_notes_of(order: Order) -> list[Invoice]:
    """In the order of writing. They are never deleted, so the n-th one stays the n-th."""
    return list(order.invoices.filter(kind=InvoiceKind.CREDIT_NOTE).order_by("pk"))


def credit_note_of(order: Order, *, seq: int) -> CreditNotePaper:
    """`seq` counts from 1. A number of queries that does not depend on the lines.

    Raises CreditNoteNotFound.
    """
    papers = list(order.invoices.order_by("pk"))
    found = [paper for paper in papers if paper.kind == InvoiceKind.CREDIT_NOTE][seq - 1 : seq]
    if not found:
        raise CreditNoteNotFound
    (paper,) = found
    lines = paper.lines.select_related("order_line", "group").order_by("pk")
    contact = getattr(order, "contact", None)
    return CreditNotePaper(
        order=order,
        seq=seq,
        title=_("Credit note"),
        number=paper.reference,
        invoice=_invoice(paper, papers),
        reason=paper.get_reason_display(),
        at=paper.created_at,
        shop_name=settings.SHOP_NAME,
        shop_address=settings.SHOP_ADDRESS or place_of(_first_group(paper)),
        seller_name=paper.seller_name,
        tax_number=paper.tax_number,
        buyer=[*address_lines(contact), contact.phone] if contact else [],
        lines=[_line(line, paper.currency) for line in lines],
        total=paper.total,
        tax_label=tax_labels(order)[0],
        base=Money(paper.base_minor, paper.currency),
        tax=Money(paper.tax_minor, paper.currency),
        order_url=settings.PUBLIC_URL + reverse("orders:view_order", args=[order.token]),
    )


def _invoice(paper: Invoice, papers: Sequence[Invoice]) -> str:
    """The number of the same seller's invoice: it is there before the credit note has its own."""
    for other in papers:
        if other.kind == InvoiceKind.INVOICE and other.seller_id == paper.seller_id:
            return other.reference
    return ""


def _first_group(paper: Invoice) -> FulfilmentGroup:
    groups = paper.order.groups.filter(seller=paper.seller_id).select_related("location")
    return groups.order_by("pk")[0]


def _line(line: CreditLine, currency: str) -> CreditedLine:
    amount = Money(line.amount_minor, currency)
    if line.order_line is not None:
        sold = line.order_line
        return CreditedLine(sold.product_name, details_of(sold), line.quantity, amount)
    if line.group is not None:
        return CreditedLine(_("Shipping"), line.group.service_name, 0, amount)
    return CreditedLine(_("Rounding"), "", 0, amount)
