"""Cash on delivery behind the interface of a gateway: the courier's files are what it knows."""

from payments.gateways.base import Refused, RemoteCapture
from payments.gateways.own_books import OwnBooks
from payments.models import PaymentAttempt, SettlementLine


class CashOnDelivery(OwnBooks):
    code = "cod"

    def cancel(self, gateway_ref: str, *, timeout: float) -> Refused:
        """What was sent is collected; an order is called off instead."""
        return Refused("not_supported")

    def _captures(self, attempt: PaymentAttempt) -> list[RemoteCapture]:
        lines = SettlementLine.objects.filter(attempt=attempt).exclude(receipt=None)
        return [capture_of(line) for line in lines.select_related("settlement").order_by("pk")]


def capture_of(line: SettlementLine) -> RemoteCapture:
    """Money that the courier has handed over; its file says no day, so it is that of the file."""
    return RemoteCapture(
        payment_id=line.key,
        capture_id=line.key,
        amount=line.collected,
        captured_at=line.settlement.uploaded_at,
    )
