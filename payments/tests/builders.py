"""Attempts and captures for tests, as they stand after a gateway has answered."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from orders.models import Order
from orders.tests.builders import make_order
from payments.gateways.base import RemoteCapture
from payments.models import AttemptState, PaymentAttempt
from payments.receipts import book_receipt
from shop.core.money import Money

_numbers = count(1)


def make_attempt(
    order: Order | None = None, *, method: str = "dana", seq: int = 1, **fields: Any
) -> PaymentAttempt:
    """An attempt for the order's total that waits for its customer."""
    order = order or make_order()
    values: dict[str, Any] = {
        "gateway": "xendit",
        "amount_minor": order.total_minor,
        "currency": order.currency,
        "reference": f"{order.number}-A{seq}",
        "gateway_ref": f"pr-{next(_numbers)}",
        "state": AttemptState.PENDING,
        "expires_at": order.reserve_until,
        "submitted_at": timezone.now(),
        "next_poll_at": timezone.now() + timedelta(minutes=1),
    }
    return PaymentAttempt.objects.create(order=order, method=method, seq=seq, **values | fields)


def make_capture(
    amount_minor: int, *, currency: str = "IDR", payment_id: str = "", capture_id: str = ""
) -> RemoteCapture:
    number = next(_numbers)
    return RemoteCapture(
        payment_id=payment_id or f"py-{number}",
        capture_id=capture_id or f"cptr-{number}",
        amount=Money(amount_minor, currency),
        captured_at=timezone.now(),
    )


def pay(attempt: PaymentAttempt, capture: RemoteCapture | None = None) -> Any:
    """Book the attempt's whole amount, or the capture given."""
    return book_receipt(
        gateway=attempt.gateway,
        reference=attempt.reference,
        capture=capture or make_capture(attempt.amount_minor),
    )
