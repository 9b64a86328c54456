"""Differences become exceptions: each once, whatever finds it, and however often."""

from orders.models import Order
from payments.models import GatewayTransaction, PaymentException, PaymentReceipt
from payments.trouble import open_by_key

Kind = PaymentException.Kind


def open_once(
    kind: PaymentException.Kind,
    row: GatewayTransaction,
    note: str,
    *,
    order: Order | None = None,
    detail: str = "",
) -> None:
    """`detail` tells apart what may go wrong with the same movement more than once."""
    key = f"{kind}:{row.gateway}:{row.transaction_id}{detail and f':{detail}'}"
    _open(kind, key, note, order=order, transaction=row)


def open_phantom(receipt: PaymentReceipt) -> bool:
    """Whether it is new."""
    note = (
        f"{receipt.amount.format()}, {receipt.payment_id}: booked here, and not in the list of"
        f" {receipt.gateway}. Do not send the goods before it is found there."
    )
    return _open(Kind.PHANTOM, phantom_key(receipt), note, order=receipt.order, receipt=receipt)


def phantom_key(receipt: PaymentReceipt) -> str:
    return f"{Kind.PHANTOM}:{receipt.pk}"


def unmatched_key(row: GatewayTransaction) -> str:
    return f"{Kind.UNMATCHED}:{row.gateway}:{row.transaction_id}"


def returned_key(row: GatewayTransaction) -> str:
    return f"{Kind.AMOUNT_DIFFERS}:{row.gateway}:{row.transaction_id}:returned"


def _open(
    kind: PaymentException.Kind,
    key: str,
    note: str,
    *,
    order: Order | None,
    transaction: GatewayTransaction | None = None,
    receipt: PaymentReceipt | None = None,
) -> bool:
    if receipt is not None and PaymentException.objects.filter(receipt=receipt).exists():
        # A receipt tells of one exception; this one says in its note which receipt it means.
        receipt = None
    return open_by_key(kind, key, note, order=order, receipt=receipt, transaction=transaction)
