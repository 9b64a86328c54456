"""The receipt of an order ("nota"): what its page and its PDF both say.

Everything is read from what the order has frozen. Texts are in the active language, which the
caller sets to the order's.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.address_lines import address_lines
from orders.models import FulfilmentGroup, Invoice, InvoiceKind, Order, OrderLine
from orders.pricing.basket import Basket
from orders.receipts.amounts import SellerShare, bought, shares_of
from orders.receipts.payments import Payment, payments_of
from orders.templatetags.totals import discounts
from shop.core.errors import DomainError
from shop.core.money import Money


class NoReceiptYet(DomainError):
    code = "no_receipt_yet"
    message = gettext_lazy("There is a receipt as soon as the order is paid.")


@dataclass(frozen=True, slots=True)
class NotaLine:
    name: str
    # Size and colour, then the SKU.
    details: str
    quantity: int
    unit: Money
    total: Money


@dataclass(frozen=True, slots=True)
class Step:
    """One line on the way to the total."""

    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class SellerPart:
    """Who sold, under which numbers, and the tax that it owes; amounts are the seller's own."""

    name: str
    address: list[str]
    tax_number: str
    invoice: str
    base: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class CreditNote:
    reference: str
    refers_to: str
    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class Nota:
    order: Order
    title: str
    shop_name: str
    shop_address: list[str]
    sellers: list[SellerPart]
    buyer: list[str]
    lines: list[NotaLine]
    steps: list[Step]
    total: Money
    tax_label: str
    has_tax_in_prices: bool
    payments: list[Payment]
    credit_notes: list[CreditNote]
    policy: str
    order_url: str

    @property
    def invoices(self) -> list[str]:
        return [seller.invoice for seller in self.sellers if seller.invoice]

    @property
    def has_tax(self) -> bool:
        return any(seller.tax.minor for seller in self.sellers)

    @property
    def is_of_many_sellers(self) -> bool:
        return len(self.sellers) > 1


def nota_of(order: Order) -> Nota:
    """A number of queries that does not depend on the length of the order. Raises NoReceiptYet."""
    if order.confirmed_at is None:
        raise NoReceiptYet
    groups = list(
        order.groups.order_by("pk")
        .select_related("seller", "location")
        .prefetch_related(Prefetch("lines", OrderLine.objects.order_by("pk")))
    )
    lines = bought(line for group in groups for line in group.lines.all())
    papers = list(order.invoices.sealed().select_related("refers_to").order_by("pk"))
    sellers = _sellers(groups, shares_of(order, groups, lines), papers)
    contact = getattr(order, "contact", None)
    with_tax = [step for step in tax_labels(order) if order.tax_minor]
    return Nota(
        order=order,
        title=_("Receipt"),
        shop_name=settings.SHOP_NAME,
        shop_address=settings.SHOP_ADDRESS or (sellers[0].address if len(sellers) == 1 else []),
        sellers=sellers,
        buyer=[*address_lines(contact), contact.phone] if contact else [],
        lines=[_line(line, order.currency) for line in lines],
        steps=list(_steps(order)),
        total=order.total,
        tax_label=with_tax[0] if with_tax else "",
        has_tax_in_prices=bool(order.tax_minor and not order.tax_added_minor),
        payments=payments_of(order),
        credit_notes=[
            CreditNote(
                paper.reference,
                paper.refers_to.reference if paper.refers_to else "",
                paper.created_at,
                paper.total,
            )
            for paper in papers
            if paper.kind == InvoiceKind.CREDIT_NOTE
        ],
        policy=_policy(),
        order_url=settings.PUBLIC_URL + reverse("orders:view_order", args=[order.token]),
    )


def _sellers(
    groups: list[FulfilmentGroup], shares: list[SellerShare], papers: list[Invoice]
) -> list[SellerPart]:
    """One for each seller; its numbers are empty until they are given."""
    invoices = {paper.seller_id: paper for paper in papers if paper.kind == InvoiceKind.INVOICE}
    first = {group.seller_id: group for group in reversed(groups)}
    found = []
    for share in shares:
        group, paper = first[share.seller_id], invoices.get(share.seller_id)
        number = group.seller.tax_number if share.tax_minor else ""
        currency = group.order.currency
        found.append(
            SellerPart(
                name=group.seller_name,
                address=place_of(group),
                tax_number=paper.tax_number if paper else number,
                invoice=paper.reference if paper else "",
                base=Money(share.base_minor, currency),
                tax=Money(share.tax_minor, currency),
            )
        )
    return found


def place_of(group: FulfilmentGroup) -> list[str]:
    """Where its goods are sent from: an address of the seller's."""
    place = group.location
    lines = [place.street, f"{group.ships_from} {place.postal_code}".strip()]
    return [line for line in lines if line]


def _line(line: OrderLine, currency: str) -> NotaLine:
    return NotaLine(
        name=line.product_name,
        details=details_of(line),
        quantity=line.quantity,
        unit=Money(line.unit_price_minor, currency),
        total=Money(line.list_minor, currency),
    )


def details_of(line: OrderLine) -> str:
    sku = _("SKU %(sku)s") % {"sku": line.sku} if line.sku else ""
    return " · ".join(part for part in (line.variant_name, sku) if part)


def _steps(order: Order) -> list[Step]:
    currency = order.currency
    steps = [Step(_("Goods"), Money(order.subtotal_minor, currency))]
    for discount in discounts(order):
        label = f"{discount.label} ({discount.code})" if discount.code else discount.label
        steps.append(Step(label, Money(-discount.amount_minor, currency)))
    steps.append(Step(_("Shipping"), Money(order.shipping_minor, currency)))
    if order.tax_added_minor:
        label = tax_labels(order)[0]
        steps.append(Step(label, Money(order.tax_added_minor, currency)))
    if order.rounding_minor:
        steps.append(Step(_("Rounding"), Money(order.rounding_minor, currency)))
    return steps


def tax_labels(order: Order) -> list[str]:
    """What the order's taxes are called, at least one."""
    rules = Basket.from_json(order.basket).taxes if order.basket else ()
    return list(dict.fromkeys(rule.label for rule in rules)) or [_("Tax")]


def _policy() -> str:
    days = settings.RETURN_WINDOW.days
    return ngettext(
        "You may ask to return or exchange something within %(days)s day after it has arrived, on"
        " the page of your order.",
        "You may ask to return or exchange something within %(days)s days after it has arrived, on"
        " the page of your order.",
        days,
    ) % {"days": days}
