"""Differences become exceptions: each once, whatever finds it, and however often."""

import logging

from django.utils import timezone

from orders.models import Order
from payments.models import GatewayTransaction, PaymentException, PaymentReceipt

log = logging.getLogger(__name__)
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


def settle_keys(keys: list[str], resolution: str) -> None:
    """What has come right by itself is nobody's work any more."""
    PaymentException.objects.filter(key__in=keys, resolved_at=None).update(
        resolved_at=timezone.now(), resolution=resolution
    )


def unmatched_key(row: GatewayTransaction) -> str:
    return f"{Kind.UNMATCHED}:{row.gateway}:{row.transaction_id}"


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
    _exception, is_new = PaymentException.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "order": order,
            "receipt": receipt,
            "transaction": transaction,
            "note": note[:300],
        },
    )
    if is_new:
        number = order.number if order else None
        log.error("payment_exception", extra={"kind": str(kind), "order": number, "key": key})
    return is_new
