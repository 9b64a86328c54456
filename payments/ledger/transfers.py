"""Postings of transfers to the merchant's own account."""

from datetime import datetime

from orders.models import Order
from payments.ledger.accounts import BANK, CUSTOMER_FUNDS, TRANSFER_SUFFIX, clearing
from payments.ledger.posting import post
from payments.models import LedgerTransaction, PaymentReceipt, PostingKind
from shop.core.money import Money

GATEWAY = "bank_transfer"


def post_suffix(receipt: PaymentReceipt) -> LedgerTransaction:
    """The last digits of an amount that came exactly are the shop's; they are owed to nobody."""
    suffix = Money(receipt.suffix_minor, receipt.currency)
    return post(
        kind=PostingKind.SUFFIX,
        key=f"suffix:{receipt.pk}",
        occurred_at=receipt.captured_at,
        order=receipt.order,
        entries=[(CUSTOMER_FUNDS, suffix), (TRANSFER_SUFFIX, suffix * -1)],
    )


def post_on_account(
    *, line_key: str, amount: Money, occurred_at: datetime, order: Order | None
) -> LedgerTransaction:
    """The money of a statement's line lies on the bank account already: nothing is in between."""
    return post(
        kind=PostingKind.SETTLEMENT,
        key=f"settlement:{GATEWAY}:{line_key}",
        occurred_at=occurred_at,
        order=order,
        entries=[(BANK, amount), (clearing(GATEWAY), amount * -1)],
    )
