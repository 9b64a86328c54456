"""Numbers for invoices and credit notes: given after the sale, one after the other, never a gap.

Nothing of this happens inside a sale, where everybody would wait for the one next number. The
money loop calls `seal_due`; a loop that is killed has given no number, since a number exists from
the commit that says whose it is.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from orders.models import Invoice, InvoiceKind, Order
from orders.receipts.amounts import shares_of

log = logging.getLogger(__name__)
BATCH = 200
SEAL_FOR = timedelta(seconds=2)
# An order that cannot be invoiced must not hold up all others.
TRY_AGAIN_AFTER = timedelta(hours=1)
# Any number, the same in all processes, that nothing else locks.
ONE_SEALER = 0x4E6F7461
UNFIT = (IntegrityError, ArithmeticError, LookupError, ValueError)

# seller, kind, year
Series = tuple[int, str, int]


def seal_due(*, limit: int = BATCH) -> int:
    """Give the next numbers to orders in the order of their confirmation, then to credit notes.

    An order that somebody holds just now gets its number in the next turn. Returns how many papers
    were sealed; 0 while another process is at it. Safe to call any number of times.
    """
    try:
        return _seal(limit)
    except UNFIT:
        log.exception("sealing_failed")
    keys = list(due_orders().order_by("confirmed_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_seal_alone(pk) for pk in keys) + _seal(limit, only=[])


def seal_batches(*, size: int = BATCH) -> int:
    """`seal_due` until nothing is left, and no longer than SEAL_FOR: others wait for this loop."""
    stop_at = time.monotonic() + SEAL_FOR.total_seconds()
    sealed = last = seal_due(limit=size)
    while last >= size and time.monotonic() < stop_at:
        last = seal_due(limit=size)
        sealed += last
    return sealed


def _seal_alone(order_id: int) -> int:
    try:
        return _seal(1, only=[order_id])
    except UNFIT:
        log.exception("order_not_invoiced", extra={"order_id": order_id})
        later = timezone.now() + TRY_AGAIN_AFTER
        Order.objects.filter(pk=order_id).update(invoice_retry_at=later)
        return 0


@transaction.atomic
def _seal(limit: int, *, only: Sequence[int] | None = None) -> int:
    if not _is_the_one_sealer():
        return 0
    orders = due_orders() if only is None else due_orders().filter(pk__in=only)
    papers = _invoice(orders, limit)
    credit_notes = list(
        due_credits()
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .order_by("created_at", "pk")[:limit]
    )
    invoices = {
        (paper.order_id, paper.seller_id): paper
        for paper in Invoice.objects.sealed().filter(
            kind=InvoiceKind.INVOICE, order__in={paper.order_id for paper in credit_notes}
        )
    }
    for paper in credit_notes:
        paper.refers_to = invoices[paper.order_id, paper.seller_id]
    _number(credit_notes)
    # One statement each: number n is there before n + 1 asks for it.
    for paper in credit_notes:
        paper.save(update_fields=["number", "reference", "sealed_at", "refers_to"])
    return papers + len(credit_notes)


def _invoice(due: QuerySet[Order], limit: int) -> int:
    orders = list(
        due.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .order_by("confirmed_at", "pk")
        .prefetch_related("groups__seller", "lines")[:limit]
    )
    papers = [paper for order in orders for paper in _papers(order)]
    _number(papers)
    Invoice.objects.bulk_create(papers)
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(invoiced_at=Now())
    return len(papers)


def _papers(order: Order) -> Iterable[Invoice]:
    groups = list(order.groups.all())
    sellers = {group.seller_id: group for group in reversed(groups)}
    for share in shares_of(order, groups, order.lines.all()):
        group = sellers[share.seller_id]
        yield Invoice(
            order=order,
            seller=group.seller,
            kind=InvoiceKind.INVOICE,
            year=local_year(order.confirmed_at or order.placed_at),
            seller_name=group.seller_name,
            tax_number=group.seller.tax_number if share.tax_minor else "",
            currency=order.currency,
            total_minor=share.total_minor,
            base_minor=share.base_minor,
            tax_minor=share.tax_minor,
        )


def _number(papers: Sequence[Invoice]) -> None:
    """The next numbers of their series, in memory. Only the one sealer may ask for them."""
    last = Counter[Series]()
    for series in {_series(paper) for paper in papers}:
        seller, kind, year = series
        given = Invoice.objects.filter(seller=seller, kind=kind, year=year)
        last[series] = given.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    for paper in papers:
        last[_series(paper)] += 1
        paper.number = last[_series(paper)]
        paper.reference = settings.INVOICE_NUMBERS[paper.kind].format(
            year=paper.year, number=paper.number, seller=paper.seller_id
        )
        paper.sealed_at = now


def _series(paper: Invoice) -> Series:
    return paper.seller_id, str(paper.kind), paper.year


def local_year(at: datetime) -> int:
    """A sale at New Year's Eve belongs to the year in which the merchant's clocks were."""
    return timezone.localtime(at).year


def due_orders() -> QuerySet[Order]:
    return Order.objects.filter(
        Q(invoice_retry_at=None) | Q(invoice_retry_at__lte=Now()),
        confirmed_at__isnull=False,
        invoiced_at=None,
    )


def due_credits() -> QuerySet[Invoice]:
    return Invoice.objects.filter(number=None, order__invoiced_at__isnull=False)


def _is_the_one_sealer() -> bool:
    """Until the transaction ends. Nobody waits: the work of the other is as good."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_SEALER])
        return bool(cursor.fetchone()[0])
