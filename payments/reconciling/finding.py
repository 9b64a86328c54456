"""What we have of a movement that a gateway lists."""

from payments.gateways.statements import TransactionKind
from payments.models import GatewayTransaction, PaymentReceipt, Refund

# Both are of a payment: what came, and what its bank took back.
_OF_PAYMENTS = (TransactionKind.PAYMENT, TransactionKind.CHARGEBACK)


def receipts_of(row: GatewayTransaction) -> list[PaymentReceipt]:
    """All captures of the payment, oldest first."""
    if row.kind not in _OF_PAYMENTS or not row.product_id:
        return []
    receipts = PaymentReceipt.objects.filter(gateway=row.gateway, payment_id=row.product_id)
    return list(receipts.select_related("order").order_by("pk"))


def refund_of(row: GatewayTransaction) -> Refund | None:
    """By the gateway's id; by our reference where the id was not learnt yet."""
    if row.kind != TransactionKind.REFUND:
        return None
    ours = Refund.objects.filter(gateway=row.gateway).select_related("order", "receipt__attempt")
    found = ours.filter(refund_ref=row.product_id).first() if row.product_id else None
    return found or (ours.filter(reference=row.reference).first() if row.reference else None)
