"""Sellers' parts of what was sold, from the papers that are sealed: each paper once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from orders.models import CreditLine, Invoice, InvoiceKind
from orders.receipts.amounts import bought, sent_for
from payments.ledger.sellers import post_share
from payments.models import LedgerTransaction, SellerShare, SellerTerms
from payments.models.seller import WHOLE

BATCH = 200
# Any number, the same in all processes, that nothing else locks.
ONE_AT_A_TIME = 0x53656C6C


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a paper charges or gives back, in minor units, tax included; without rounding."""

    goods: int
    sending: int
    sending_tax: int
    tax: int


def share_due(*, limit: int = BATCH) -> int:
    """Write and post the parts of papers that have none yet, until none is left.

    Returns how many. Safe to call any number of times and at once.
    """
    written = 0
    while done := _share_some(limit):
        written += done
    return written


@transaction.atomic
def _share_some(limit: int) -> int:
    """Invoices before the credit notes that take them back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    shares = [_of_invoice(paper) for paper in _invoices_due()[:limit]]
    if not shares:
        shares = [
            _of_credit_note(paper, paper.refers_to)
            for paper in _credit_notes_due()[:limit]
            if paper.refers_to is not None
        ]
    return len(shares)


def _invoices_due() -> QuerySet[Invoice]:
    """Of sellers with terms at the time of the sale, once the sale is booked.

    What is paid at the door is sold when it leaves.
    """
    terms = SellerTerms.objects.filter(
        seller=OuterRef("seller"), valid_from__lte=OuterRef("order__confirmed_at")
    ).order_by("-valid_from")
    key = Concat(Value("sale:"), Cast(OuterRef("order_id"), CharField()), output_field=CharField())
    sale = LedgerTransaction.objects.filter(external_key=key)
    return (
        Invoice.objects.sealed()
        .filter(
            kind=InvoiceKind.INVOICE, share=None, seller__in=SellerTerms.objects.values("seller")
        )
        .annotate(
            terms_id=Subquery(terms.values("pk")[:1]),
            sold_at=Subquery(sale.values("occurred_at")[:1]),
        )
        .filter(terms_id__isnull=False, sold_at__isnull=False)
        .select_related("order")
        .order_by("pk")
    )


def _credit_notes_due() -> QuerySet[Invoice]:
    return (
        Invoice.objects.sealed()
        .filter(kind=InvoiceKind.CREDIT_NOTE, share=None, refers_to__share__isnull=False)
        .select_related("order", "refers_to")
        .order_by("pk")
    )


def _of_invoice(paper: Invoice) -> SellerShare:
    found = vars(paper)
    terms = SellerTerms.objects.get(pk=found["terms_id"])
    amounts = _charged(paper)
    sold_at: datetime = found["sold_at"]
    return _write(
        paper,
        terms,
        amounts,
        commission=commission(amounts.goods, terms),
        at=sold_at,
        waits=timedelta(days=terms.pays_after_days),
    )


def _of_credit_note(paper: Invoice, invoice: Invoice) -> SellerShare:
    """What is taken back in many steps takes back the commission to the last unit."""
    share = SellerShare.objects.select_related("terms").get(paper=invoice)
    terms, amounts = share.terms, _credited(paper)
    written = SellerShare.objects.filter(paper__refers_to=invoice)
    taken_back = written.aggregate(total=Sum("goods_minor", default=0))["total"]
    left = share.goods_minor + taken_back
    back = commission(left - amounts.goods, terms) - commission(left, terms)
    opposite = Amounts(-amounts.goods, -amounts.sending, -amounts.sending_tax, -amounts.tax)
    return _write(paper, terms, opposite, commission=back, at=paper.created_at)


def commission(goods_minor: int, terms: SellerTerms) -> int:
    """Of goods with their tax, in minor units, half up."""
    return (goods_minor * terms.commission_bp * 2 + WHOLE) // (2 * WHOLE)


def _write(
    paper: Invoice,
    terms: SellerTerms,
    amounts: Amounts,
    *,
    commission: int,
    at: datetime,
    waits: timedelta = timedelta(0),
) -> SellerShare:
    # Where the shop sends, its price is the shop's; the tax of it stands on the seller's invoice.
    sending = amounts.sending if terms.sends_itself else amounts.sending_tax
    share = SellerShare.objects.create(
        paper=paper,
        seller_id=paper.seller_id,
        terms=terms,
        currency=paper.currency,
        goods_minor=amounts.goods,
        sending_minor=sending,
        sending_tax_minor=amounts.sending_tax,
        commission_minor=commission,
        payable_minor=amounts.goods + sending - commission,
        payable_on=timezone.localdate(at + waits),
    )
    post_share(share, tax_minor=amounts.tax, occurred_at=at)
    return share


def _charged(paper: Invoice) -> Amounts:
    groups = [group for group in paper.order.groups.all() if group.seller_id == paper.seller_id]
    own = {group.pk for group in groups}
    lines = [line for line in bought(paper.order.lines.all()) if line.group_id in own]
    sending_tax = sum(group.tax_minor for group in groups)
    return Amounts(
        goods=sum(line.total_minor for line in lines),
        sending=sum(sent_for(group) for group in groups),
        sending_tax=sending_tax,
        tax=sending_tax + sum(line.tax_minor for line in lines),
    )


def _credited(paper: Invoice) -> Amounts:
    lines = list(CreditLine.objects.filter(invoice=paper))
    goods = [line for line in lines if line.order_line_id is not None]
    sending = [line for line in lines if line.group_id is not None]
    sending_tax = sum(line.tax_minor for line in sending)
    return Amounts(
        goods=sum(line.amount_minor for line in goods),
        sending=sum(line.amount_minor for line in sending),
        sending_tax=sending_tax,
        tax=sending_tax + sum(line.tax_minor for line in goods),
    )
