"""Postings of money that goes back: owed first, then paid out."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from orders.models import CreditLine, RefundDue
from payments.ledger.accounts import (
    BANK,
    CHARGEBACK_LOSS,
    COD_RECEIVABLE,
    CUSTOMER_FUNDS,
    REFUNDS_PAYABLE,
    ROUNDING,
    SALES,
    SHIPPING_INCOME,
    SUSPENSE,
    TAX_OUT,
    clearing,
)
from payments.ledger.posting import post
from payments.models import LedgerTransaction, PostingKind, Refund
from payments.refunds.absent import taken_back_of
from shop.core.money import Money


def post_owed(due: RefundDue) -> LedgerTransaction:
    """Income and tax that were of goods now paid back are owed to the customer instead.

    What nobody has paid is asked of nobody any more: that part is taken off what was to be
    collected. Of what the payer's bank has taken the loss is undone; what no list has lies in
    `suspense` until it is known where it is. The shares are those of its credit notes; all of an
    order's refunds undo no more than its sale.
    """
    goods, shipping, rest, tax = _parts(due)
    taken = taken_back_of(due)
    currency = due.currency
    return post(
        kind=PostingKind.REFUND,
        key=f"refund-due:{due.pk}",
        occurred_at=due.created_at,
        order=due.order,
        entries=[
            (SALES, Money(goods, currency)),
            (SHIPPING_INCOME, Money(shipping, currency)),
            (TAX_OUT, Money(tax, currency)),
            (ROUNDING, Money(rest, currency)),
            (REFUNDS_PAYABLE, due.amount * -1),
            (COD_RECEIVABLE, Money(-due.uncollected_minor, currency)),
            (CHARGEBACK_LOSS, Money(-taken, currency)),
            (SUSPENSE, Money(taken - due.absent_minor, currency)),
        ],
    )


def post_owed_again(due: RefundDue, amount: Money, *, account: str) -> None:
    """A part that was not there is there after all, and owed; `account`: where it lay.

    The caller holds the order's lock, and takes it off what is not there of the debt.
    """
    key = f"refund-there:{due.pk}"
    of_debt = Q(external_key=key) | Q(external_key__startswith=f"{key}:")
    if earlier := LedgerTransaction.objects.filter(of_debt).count():
        key = f"{key}:{earlier + 1}"
    post(
        kind=PostingKind.REFUND,
        key=key,
        occurred_at=timezone.now(),
        order=due.order,
        entries=[(account, amount), (REFUNDS_PAYABLE, amount * -1)],
    )


def post_requested(
    refund: Refund, *, amount: Money | None = None, again: bool = False
) -> LedgerTransaction:
    """Funds that did not fit are owed to whoever paid them: all of the refund, or an `amount`.

    `again`: the refund was taken back meanwhile, and turns out to have gone through.
    """
    amount = amount or refund.amount
    return post(
        kind=PostingKind.REFUND,
        key=f"refund-requested{'-again' if again else ''}:{refund.pk}",
        occurred_at=refund.approved_at or timezone.now(),
        order=refund.order,
        entries=[(CUSTOMER_FUNDS, amount), (REFUNDS_PAYABLE, amount * -1)],
    )


def is_requested(refund: Refund) -> bool:
    """Whether any of it was of funds that did not fit."""
    return LedgerTransaction.objects.filter(external_key=f"refund-requested:{refund.pk}").exists()


def post_taken_back(refund: Refund, *, occurred_at: datetime) -> LedgerTransaction:
    """A refund of such funds ended without money: they lie with us as before."""
    return post(
        kind=PostingKind.REFUND_TAKEN_BACK,
        key=f"refund-taken-back:{refund.pk}",
        occurred_at=occurred_at,
        order=refund.order,
        entries=[(REFUNDS_PAYABLE, refund.amount), (CUSTOMER_FUNDS, refund.amount * -1)],
    )


def post_paid_out(refund: Refund, *, occurred_at: datetime) -> LedgerTransaction:
    """What was owed has left: the gateway, or our own bank account."""
    source = clearing(refund.gateway) if refund.gateway else BANK
    return post(
        kind=PostingKind.REFUND_PAID,
        key=f"refund-paid-out:{refund.pk}",
        occurred_at=occurred_at,
        order=refund.order,
        entries=[(REFUNDS_PAYABLE, refund.amount), (source, refund.amount * -1)],
    )


def post_came_back(refund: Refund, *, occurred_at: datetime) -> LedgerTransaction:
    """What had left lies at the gateway again, and is owed as before."""
    return post(
        kind=PostingKind.REFUND_PAID,
        key=_came_back(refund),
        occurred_at=occurred_at,
        order=refund.order,
        entries=[(clearing(refund.gateway), refund.amount), (REFUNDS_PAYABLE, refund.amount * -1)],
    )


def has_come_back(refund: Refund) -> bool:
    return LedgerTransaction.objects.filter(external_key=_came_back(refund)).exists()


def _came_back(refund: Refund) -> str:
    return f"refund-came-back:{refund.pk}"


def _parts(due: RefundDue) -> tuple[int, int, int, int]:
    """Of goods, of shipping, of rounding, and tax; together they are the amount."""
    goods = shipping = rest = tax = 0
    for line in CreditLine.objects.filter(invoice__refund_due=due):
        net = line.amount_minor - line.tax_minor
        tax += line.tax_minor
        if line.order_line_id:
            goods += net
        elif line.group_id:
            shipping += net
        else:
            rest += net
    # Whatever no paper explains is of the goods.
    goods += due.worth_minor - goods - shipping - rest - tax
    return goods, shipping, rest, tax
