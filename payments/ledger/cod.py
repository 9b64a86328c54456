"""Postings of cash on delivery: a sale for which the courier owes us the money."""

from datetime import datetime

from orders.models import Order
from payments.ledger.accounts import (
    BANK,
    COD_RECEIVABLE,
    COURIER_FEE,
    CUSTOMER_FUNDS,
    clearing,
)
from payments.ledger.posting import post
from payments.ledger.sales import sale_entries
from payments.models import LedgerTransaction, PaymentReceipt, PostingKind
from shop.core.money import Money

GATEWAY = "cod"


def post_sent(order: Order, *, occurred_at: datetime) -> LedgerTransaction:
    """The goods have left: they are sold, and their money is to be collected. Safe to repeat."""
    return post(
        kind=PostingKind.SALE,
        key=f"sale:{order.pk}",
        occurred_at=occurred_at,
        order=order,
        entries=sale_entries(order, paid_from=COD_RECEIVABLE),
    )


def is_sold(order: Order) -> bool:
    return LedgerTransaction.objects.filter(external_key=f"sale:{order.pk}").exists()


def post_collected(receipt: PaymentReceipt, amount: Money) -> LedgerTransaction:
    """What came of it is owed no more: neither by the courier, nor to whoever paid."""
    return post(
        kind=PostingKind.COLLECTED,
        key=f"collected:{receipt.pk}",
        occurred_at=receipt.captured_at,
        order=receipt.order,
        entries=[(CUSTOMER_FUNDS, amount), (COD_RECEIVABLE, amount * -1)],
    )


def post_handed_over(
    *, key: str, collected: Money, fee: Money, occurred_at: datetime, order: Order | None
) -> LedgerTransaction:
    """The courier has paid out what it collected, less its fee."""
    return post(
        kind=PostingKind.SETTLEMENT,
        key=f"settlement:{GATEWAY}:{key}",
        occurred_at=occurred_at,
        order=order,
        entries=[
            (BANK, collected - fee),
            (COURIER_FEE, fee),
            (clearing(GATEWAY), collected * -1),
        ],
    )
