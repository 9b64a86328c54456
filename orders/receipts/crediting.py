"""Credit notes: what of an invoice is taken back, with its share of the tax.

They are written with the refund, in its transaction, and get their number afterwards
(`orders.receipts.sealing`). Shares are cumulative, as those of refunds are: what is credited in
many small steps adds up to the invoice, no unit lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import (
    CreditLine,
    CreditReason,
    FulfilmentGroup,
    Invoice,
    InvoiceKind,
    Order,
    OrderLine,
    RefundDue,
)
from orders.receipts.amounts import SellerShare, bought, sent_for, shares_of
from orders.receipts.sealing import local_year
from shop.core.errors import DomainError


class CreditedAlready(DomainError):
    code = "credited_already"
    message = _("A credit note for these goods has been written already.")


@dataclass(frozen=True, slots=True)
class Credit:
    """Units of a line, or what sending a group's parcels cost, and the money for it; without
    either, what the total was rounded by."""

    amount_minor: int
    line: OrderLine | None = None
    units: int = 0
    group: FulfilmentGroup | None = None


@transaction.atomic
def credit_refund(
    *, due: RefundDue, reason: CreditReason, rounding_minor: int = 0
) -> list[Invoice]:
    """A credit note from each seller for money that is owed. Safe to repeat.

    `rounding_minor`: how much of it is what the order's total was rounded by. In the transaction
    that writes the refund, which holds the order's lock. Raises CreditedAlready.
    """
    written = list(Invoice.objects.filter(refund_due=due))
    if written:
        return written
    rows = list(due.lines.select_related("order_line").order_by("order_line_id"))
    taken = [Credit(row.amount_minor, line=row.order_line, units=row.quantity) for row in rows]
    for_sending = due.worth_minor - rounding_minor - sum(row.amount_minor for row in rows)
    if for_sending and due.shipment:
        taken.append(Credit(for_sending, group=due.shipment.group))
    if rounding_minor:
        taken.append(Credit(rounding_minor))
    return write_credit_notes(order=due.order, taken=taken, reason=reason, due=due)


@transaction.atomic
def credit_rest(
    *,
    order_id: int,
    reason: CreditReason = CreditReason.CANCELLED,
    due: RefundDue | None = None,
) -> list[Invoice]:
    """Credit all that is left of a paid order that is cancelled: goods, sending and rounding.

    Safe to repeat: nothing is left then. An order that was never confirmed has nothing to credit.
    """
    order = Order.objects.locked().get(pk=order_id)
    if order.confirmed_at is None:
        return []
    before = _credited(order)
    taken = [
        Credit(line.total_minor - before.amount(line=line), line=line, units=left)
        for line in bought(order.lines.all())
        if (left := line.quantity - before.units.get(line.pk, 0))
    ]
    taken += [
        Credit(left, group=group)
        for group in order.groups.order_by("pk")
        if (left := sent_for(group) - before.amount(group=group))
    ]
    if rounding := order.rounding_minor - before.amount():
        taken.append(Credit(rounding))
    if not taken:
        return []
    return write_credit_notes(order=order, taken=taken, reason=reason, due=due)


@transaction.atomic
def write_credit_notes(
    *,
    order: Order,
    taken: Sequence[Credit],
    reason: CreditReason,
    due: RefundDue | None = None,
) -> list[Invoice]:
    """One for each seller concerned, without a number yet. The caller holds the order's lock.

    Raises CreditedAlready where more would be credited than was sold; then nothing has changed.
    """
    groups = list(order.groups.select_related("seller").order_by("pk"))
    shares = {share.seller_id: share for share in shares_of(order, groups, order.lines.all())}
    before = _credited(order)
    by_seller: dict[int, list[CreditLine]] = defaultdict(list)
    sellers = {group.pk: group.seller_id for group in groups}
    bearer = next(share.seller_id for share in shares.values() if share.bears_rounding)
    for credit in taken:
        by_seller[_seller(credit, sellers, bearer)].append(_line(credit, before))
    first = {group.seller_id: group for group in reversed(groups)}
    papers = []
    for seller, lines in by_seller.items():
        paper = _paper(order, first[seller], shares[seller], lines, before.totals.get(seller, 0))
        paper.reason, paper.refund_due = reason, due
        paper.save()
        for line in lines:
            line.invoice = paper
        papers.append(paper)
    CreditLine.objects.bulk_create(line for lines in by_seller.values() for line in lines)
    return papers


def _seller(credit: Credit, sellers: Mapping[int, int], bearer: int) -> int:
    """Rounding is of the one who bears it on the invoice."""
    if credit.line is not None:
        return sellers[credit.line.group_id]
    if credit.group is not None:
        return sellers[credit.group.pk]
    return bearer


def _line(credit: Credit, before: "Credited") -> CreditLine:
    line, group = credit.line, credit.group
    if line is None:
        tax = group.tax_minor - before.taxes.get((None, group.pk), 0) if group else 0
        return CreditLine(group=group, amount_minor=credit.amount_minor, tax_minor=tax)
    units = before.units.get(line.pk, 0)
    if units + credit.units > line.quantity:
        raise CreditedAlready
    tax = _cumulative(line.tax_minor, units, credit.units, line.quantity)
    worth = _cumulative(line.total_minor, units, credit.units, line.quantity)
    if credit.amount_minor < worth:
        # Less was given back than the units are worth, and so is less of their tax.
        tax = tax * credit.amount_minor // worth
    return CreditLine(
        order_line=line, quantity=credit.units, amount_minor=credit.amount_minor, tax_minor=tax
    )


def _paper(
    order: Order,
    group: FulfilmentGroup,
    share: SellerShare,
    lines: Iterable[CreditLine],
    before: int,
) -> Invoice:
    lines = list(lines)
    total = sum(line.amount_minor for line in lines)
    if before + total > share.total_minor:
        raise CreditedAlready
    return Invoice(
        order=order,
        seller=group.seller,
        kind=InvoiceKind.CREDIT_NOTE,
        year=local_year(timezone.now()),
        seller_name=group.seller_name,
        tax_number=group.seller.tax_number if share.tax_minor else "",
        currency=order.currency,
        total_minor=total,
        base_minor=_cumulative(share.base_minor, before, total, share.total_minor),
        tax_minor=sum(line.tax_minor for line in lines),
    )


def _cumulative(whole: int, before: int, more: int, of: int) -> int:
    """The part of `whole` that `more` of `of` are worth after `before`; all parts are the whole."""
    return whole * (before + more) // of - whole * before // of if of else 0


@dataclass(frozen=True, slots=True)
class Credited:
    """What earlier credit notes of an order have taken back."""

    units: Mapping[int, int]
    amounts: Mapping[tuple[int | None, int | None], int]
    taxes: Mapping[tuple[int | None, int | None], int]
    totals: Mapping[int, int]

    def amount(self, *, line: OrderLine | None = None, group: FulfilmentGroup | None = None) -> int:
        """Of the line, of sending the group, or of rounding."""
        return self.amounts.get((line.pk if line else None, group.pk if group else None), 0)


def _credited(order: Order) -> Credited:
    rows = list(
        CreditLine.objects.filter(invoice__order=order)
        .values("order_line_id", "group_id")
        .annotate(units=Sum("quantity"), amount=Sum("amount_minor"), tax=Sum("tax_minor"))
        .order_by()
    )
    totals = (
        Invoice.objects.filter(order=order, kind=InvoiceKind.CREDIT_NOTE)
        .values_list("seller_id")
        .annotate(credited=Sum("total_minor"))
        .order_by()
    )
    return Credited(
        units={row["order_line_id"]: row["units"] for row in rows if row["order_line_id"]},
        amounts={(row["order_line_id"], row["group_id"]): row["amount"] for row in rows},
        taxes={(row["order_line_id"], row["group_id"]): row["tax"] for row in rows},
        totals=dict(totals),
    )
