"""Postings of money that comes in: a receipt, and the sale it pays."""

from datetime import datetime

from django.db.models import Sum

from orders.models import Order
from payments.ledger.accounts import (
    CUSTOMER_FUNDS,
    ROUNDING,
    SALES,
    SHIPPING_INCOME,
    TAX_OUT,
    clearing,
)
from payments.ledger.posting import Entries, posted
from payments.models import LedgerTransaction, PaymentReceipt, PostingKind
from shop.core.money import Money
from shop.core.rows import Part


def receipt_posted(receipt: PaymentReceipt, *, pk: int) -> list[Part]:
    """Money lies at the gateway, and we owe it to whoever paid.

    To be written with the rest of what a new receipt does; `pk` is the transaction's.
    """
    return posted(
        LedgerTransaction(
            pk=pk,
            kind=PostingKind.RECEIPT,
            external_key=f"receipt:{receipt.gateway}:{receipt.payment_id}:{receipt.capture_id}",
            occurred_at=receipt.captured_at,
            order=receipt.order,
        ),
        [
            (clearing(receipt.gateway), receipt.amount),
            (CUSTOMER_FUNDS, receipt.amount * -1),
        ],
    )


def sale_posted(order: Order, *, occurred_at: datetime, pk: int) -> list[Part]:
    """What was paid in becomes income and tax: the order is confirmed.

    To be written with the confirmation; `pk` is the transaction's.
    """
    return posted(
        LedgerTransaction(
            pk=pk,
            kind=PostingKind.SALE,
            external_key=f"sale:{order.pk}",
            occurred_at=occurred_at,
            order=order,
        ),
        sale_entries(order, paid_from=CUSTOMER_FUNDS),
    )


def sale_entries(order: Order, *, paid_from: str) -> Entries:
    """Income and tax of all of the order, against the account that its total is taken from."""
    currency = order.currency
    shipping = order.shipping_minor - order.shipping_discount_minor - _tax_in_shipping(order)
    goods = order.total_minor - order.rounding_minor - order.tax_minor - shipping
    return [
        (paid_from, order.total),
        (SALES, Money(-goods, currency)),
        (SHIPPING_INCOME, Money(-shipping, currency)),
        (TAX_OUT, Money(-order.tax_minor, currency)),
        (ROUNDING, Money(-order.rounding_minor, currency)),
    ]


def _tax_in_shipping(order: Order) -> int:
    """The part of the couriers' prices that is tax; what is beside them is no part of them."""
    if not order.tax_minor:
        return 0
    taxes = order.groups.aggregate(of=Sum("tax_minor"), added=Sum("tax_added_minor"))
    return (taxes["of"] or 0) - (taxes["added"] or 0)
