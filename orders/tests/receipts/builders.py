"""Sales with tax and their papers, for tests."""

from django.utils import timezone

from catalog.models import Seller, Variant
from catalog.tests.builders import make_product, make_seller, make_variant
from orders.models import Invoice, InvoiceKind, Order
from orders.receipts.sealing import seal_due


def make_pkp(name: str = "RONA") -> Seller:
    """A seller who is registered for tax."""
    return make_seller(name, is_taxable=True, tax_number="01.234.567.8-901.000")


def taxed(price: int = 149_000, *, seller: Seller | None = None, on_hand: int = 10) -> Variant:
    product = make_product(seller=seller or make_pkp())
    return make_variant(product=product, price=price, on_hand=on_hand)


def seal_all() -> list[str]:
    """Seal whatever is due; returns the printed numbers of all there are, oldest first."""
    while seal_due():
        pass
    return list(Invoice.objects.sealed().order_by("pk").values_list("reference", flat=True))


def invoice_of(order: Order) -> Invoice:
    return Invoice.objects.get(order=order, kind=InvoiceKind.INVOICE)


def figures(paper: Invoice) -> tuple[int, int, int]:
    """Total, base, tax."""
    return paper.total_minor, paper.base_minor, paper.tax_minor


def this_year() -> int:
    """Of the merchant's calendar."""
    return timezone.localdate().year
