"""What the papers of an order say about its payment."""

from orders.models import Order
from orders.receipts.payments import Payment
from payments.gateways.methods import METHODS
from payments.models import PaymentReceipt
from shop.core.money import Money


def payments_of(order: Order) -> list[Payment]:
    """Money that counted for the order, in the order in which it came; one query."""
    receipts = (
        PaymentReceipt.objects.filter(
            order=order,
            disposition__in=[
                PaymentReceipt.Disposition.APPLIED,
                PaymentReceipt.Disposition.PARTIAL,
                PaymentReceipt.Disposition.SURPLUS,
            ],
        )
        .select_related("attempt")
        .order_by("captured_at", "pk")
    )
    return [
        Payment(
            method=_method(receipt),
            at=receipt.captured_at,
            amount=Money(receipt.amount_minor - receipt.suffix_minor, receipt.currency),
        )
        for receipt in receipts
    ]


def _method(receipt: PaymentReceipt) -> str:
    spec = METHODS.get(receipt.attempt.method) if receipt.attempt else None
    return str(spec.name) if spec else receipt.gateway
