"""The books: double entry, append-only, each fact once. A debit is positive, a credit negative."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from orders.models import CreditLine, Order, RefundDue
from payments.models import LedgerEntry, LedgerTransaction, PaymentReceipt
from shop.core.money import Money
from shop.core.rows import Part, inserted

# The chart of accounts is seeded by migration 0002.
CUSTOMER_FUNDS = "customer_funds"
SALES = "sales"
SHIPPING_INCOME = "shipping_income"
TAX_OUT = "ppn_out"
ROUNDING = "rounding"
REFUNDS_PAYABLE = "refunds_payable"
BANK = "bank:main"


Entries = list[tuple[str, Money]]


class Unbalanced(ValueError):
    """A posting whose debits and credits differ: a programming error."""


def post(
    *,
    kind: str,
    key: str,
    occurred_at: datetime,
    entries: Entries,
    order: Order | None = None,
) -> LedgerTransaction:
    """Book entries (account code, signed amount) under a key; the same key again books nothing.

    Zero amounts are left out. Raises Unbalanced.
    """
    _check(key, entries)
    # No savepoint: what fails here fails all of the caller's transaction.
    with transaction.atomic(savepoint=False):
        posting, is_new = LedgerTransaction.objects.get_or_create(
            external_key=key, defaults={"kind": kind, "order": order, "occurred_at": occurred_at}
        )
        if is_new:
            LedgerEntry.objects.bulk_create(_rows(posting, entries))
    return posting


def receipt_posted(receipt: PaymentReceipt, *, pk: int) -> list[Part]:
    """Money lies at the gateway, and we owe it to whoever paid.

    To be written with the rest of what a new receipt does; `pk` is the transaction's.
    """
    return _posted(
        LedgerTransaction(
            pk=pk,
            kind="receipt",
            external_key=f"receipt:{receipt.gateway}:{receipt.payment_id}:{receipt.capture_id}",
            occurred_at=receipt.captured_at,
            order=receipt.order,
        ),
        [
            (f"gateway_clearing:{receipt.gateway}", receipt.amount),
            (CUSTOMER_FUNDS, receipt.amount * -1),
        ],
    )


def sale_posted(order: Order, *, occurred_at: datetime, pk: int) -> list[Part]:
    """What was paid in becomes income and tax: the order is confirmed.

    To be written with the confirmation; `pk` is the transaction's.
    """
    currency = order.currency
    shipping = order.shipping_minor - order.shipping_discount_minor - _tax_in_shipping(order)
    goods = order.total_minor - order.rounding_minor - order.tax_minor - shipping
    return _posted(
        LedgerTransaction(
            pk=pk,
            kind="sale",
            external_key=f"sale:{order.pk}",
            occurred_at=occurred_at,
            order=order,
        ),
        [
            (CUSTOMER_FUNDS, order.total),
            (SALES, Money(-goods, currency)),
            (SHIPPING_INCOME, Money(-shipping, currency)),
            (TAX_OUT, Money(-order.tax_minor, currency)),
            (ROUNDING, Money(-order.rounding_minor, currency)),
        ],
    )


def _posted(posting: LedgerTransaction, entries: Entries) -> list[Part]:
    """A fact that was never posted before: its key being there already fails the transaction."""
    _check(posting.external_key, entries)
    rows = _rows(posting, entries)
    return [inserted([posting]), *([inserted(rows)] if rows else [])]


def _check(key: str, entries: Entries) -> None:
    sums: dict[str, int] = {}
    for _account, amount in entries:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    if any(sums.values()):
        raise Unbalanced(f"{key}: {sums}")


def _rows(posting: LedgerTransaction, entries: Entries) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            transaction=posting,
            account_id=account,
            amount_minor=amount.minor,
            currency=amount.currency,
        )
        for account, amount in entries
        if amount.minor
    ]


def _tax_in_shipping(order: Order) -> int:
    """The part of the couriers' prices that is tax; what is beside them is no part of them."""
    if not order.tax_minor:
        return 0
    taxes = order.groups.aggregate(of=Sum("tax_minor"), added=Sum("tax_added_minor"))
    return (taxes["of"] or 0) - (taxes["added"] or 0)


def post_owed(due: RefundDue) -> LedgerTransaction:
    """Income and tax that were of goods now paid back are owed to the customer instead.

    The shares are those of its credit notes; all of an order's refunds undo no more than its sale.
    """
    goods, shipping, rest, tax = _parts(due)
    currency = due.currency
    return post(
        kind="refund",
        key=f"refund-due:{due.pk}",
        occurred_at=due.created_at,
        order=due.order,
        entries=[
            (SALES, Money(goods, currency)),
            (SHIPPING_INCOME, Money(shipping, currency)),
            (TAX_OUT, Money(tax, currency)),
            (ROUNDING, Money(rest, currency)),
            (REFUNDS_PAYABLE, due.amount * -1),
        ],
    )


def post_paid_out(due: RefundDue, *, occurred_at: datetime) -> LedgerTransaction:
    """What was owed has left the bank."""
    return post(
        kind="refund_paid",
        key=f"refund-paid:{due.pk}",
        occurred_at=occurred_at,
        order=due.order,
        entries=[(REFUNDS_PAYABLE, due.amount), (BANK, due.amount * -1)],
    )


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
    goods += due.amount_minor - goods - shipping - rest - tax
    return goods, shipping, rest, tax
