"""Postings of what a gateway does with our money: fees, withdrawals, what it takes back."""

from django.db.models import Sum

from orders.models import Order
from payments.gateways.statements import TransactionKind
from payments.ledger.accounts import (
    BANK,
    CHARGEBACK_LOSS,
    GATEWAY_FEE,
    SUSPENSE,
    TAX_IN,
    clearing,
)
from payments.ledger.posting import post
from payments.models import GatewayTransaction, LedgerEntry, PostingKind
from shop.core.money import Money

Sums = dict[str, int]
_KINDS = {
    TransactionKind.WITHDRAWAL: PostingKind.WITHDRAWAL,
    TransactionKind.CHARGEBACK: PostingKind.CHARGEBACK,
    TransactionKind.ADJUSTMENT: PostingKind.GATEWAY_ADJUSTMENT,
    TransactionKind.OTHER: PostingKind.GATEWAY_ADJUSTMENT,
}


def settled_sums(
    row: GatewayTransaction, *, received_minor: int, charged_back_minor: int = 0
) -> Sums:
    """By account, what a movement comes to beside its receipt or refund.

    `received_minor`: what our receipts of the payment say; nothing is booked of a payment that has
    none. The money of payments and refunds themselves is booked with receipt and refund.
    `charged_back_minor`: what movements of their own say was taken of the payment: a payment that
    is listed as taken back as well is lost no second time.
    """
    kept = clearing(row.gateway)
    sums: Sums = {}
    if row.kind == TransactionKind.PAYMENT and not received_minor:
        return sums
    if row.is_fee_kept:
        _add(sums, GATEWAY_FEE, row.fee_minor)
        _add(sums, TAX_IN, row.fee_tax_minor)
        _add(sums, kept, -row.kept_minor)
    if row.kind == TransactionKind.PAYMENT:
        if row.is_taken_back:
            lost = max(received_minor - charged_back_minor, 0)
            _add(sums, CHARGEBACK_LOSS, lost)
            _add(sums, kept, -lost)
    elif row.kind != TransactionKind.REFUND and row.is_done:
        amount = row.amount_minor if row.is_incoming else -row.amount_minor
        _add(sums, kept, amount)
        _add(sums, _other_side(row), -amount)
    return sums


def post_settled(row: GatewayTransaction, wanted: Sums, *, order: Order | None) -> bool:
    """Book whatever the ledger lacks of `wanted`; whether it lacked anything.

    The caller's transaction holds the lock of the row, and saves `postings`.
    """
    posted = posted_sums(row)
    missing = {
        account: wanted.get(account, 0) - posted.get(account, 0)
        for account in wanted.keys() | posted.keys()
    }
    if not any(missing.values()):
        return False
    row.postings += 1
    is_taken_back = row.kind == TransactionKind.PAYMENT and row.is_taken_back
    post(
        kind=PostingKind.CHARGEBACK
        if is_taken_back
        else _KINDS.get(TransactionKind(row.kind), PostingKind.GATEWAY_FEE),
        key=posting_key(row, row.postings),
        occurred_at=row.settled_at or row.updated_at,
        order=order,
        entries=[
            (account, Money(minor, row.currency)) for account, minor in missing.items() if minor
        ],
    )
    return True


def posted_sums(row: GatewayTransaction) -> Sums:
    """By account, what the ledger holds of a movement beside its receipt or refund."""
    keys = [posting_key(row, number + 1) for number in range(row.postings)]
    entries = LedgerEntry.objects.filter(transaction__external_key__in=keys, currency=row.currency)
    found = entries.values_list("account_id").annotate(total=Sum("amount_minor"))
    return dict(found.order_by("account_id"))


def posting_key(row: GatewayTransaction, number: int) -> str:
    return f"gateway:{row.gateway}:{row.transaction_id}:{number}"


def _other_side(row: GatewayTransaction) -> str:
    match row.kind:
        case TransactionKind.CHARGEBACK:
            return CHARGEBACK_LOSS
        case TransactionKind.WITHDRAWAL:
            return BANK
        case _:
            # Nobody knows yet what it was: it lies there until somebody has explained it.
            return SUSPENSE


def _add(sums: Sums, account: str, minor: int) -> None:
    if minor:
        sums[account] = sums.get(account, 0) + minor
