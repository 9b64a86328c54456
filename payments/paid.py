"""What the papers of an order say about its payment."""

from orders.models import Order
from orders.receipts.payments import Payment
from payments.gateways.methods import spec_of
from payments.models import CREDIT, CreditMovement, PaymentReceipt
from shop.core.money import Money


def payments_of(order: Order) -> list[Payment]:
    """Money that counted for the order, in the order in which it came; one query, and one more
    where credit was used."""
    receipts = list(
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
    accounts = _accounts([each.payment_id for each in receipts if each.gateway == CREDIT])
    return [
        Payment(
            method=accounts.get(receipt.payment_id) or _method(receipt),
            at=receipt.captured_at,
            amount=Money(receipt.amount_minor - receipt.suffix_minor, receipt.currency),
        )
        for receipt in receipts
    ]


def _accounts(payment_ids: list[str]) -> dict[str, str]:
    """Which card or credit stands behind each of these payments."""
    if not payment_ids:
        return {}
    moved = CreditMovement.objects.filter(public_id__in=payment_ids).select_related("account")
    return {str(movement.public_id): str(movement.account) for movement in moved}


def _method(receipt: PaymentReceipt) -> str:
    attempt = receipt.attempt
    spec = spec_of(attempt.gateway, attempt.method) if attempt else None
    return str(spec.name) if spec else receipt.gateway
