"""Money comes in here, and nowhere else: booked first, the order decided second."""

import logging

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone

from catalog.inventory import OutOfStock
from orders.models import ENDED, Order, OrderEvent, lock_order
from orders.settlement import confirm
from payments.emails import ask_no_more
from payments.gateways.base import RemoteCapture
from payments.ledger import post_receipt, post_sale
from payments.models import (
    OPEN_STATES,
    AttemptState,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    lock_attempt,
)

log = logging.getLogger(__name__)
Disposition = PaymentReceipt.Disposition
Trouble = PaymentException.Kind


@transaction.atomic
def book_receipt(*, gateway: str, reference: str, capture: RemoteCapture) -> PaymentReceipt:
    """Book money that the gateway itself confirmed, and decide what becomes of its order.

    The only way in; safe to call from webhook, poller, page and reconciliation, any number of times
    and at once: idempotent by (gateway, payment id, capture id). Whatever became of the order, the
    receipt stands; what does not fit opens a PaymentException.
    """
    attempt = PaymentAttempt.objects.filter(gateway=gateway, reference=reference).first()
    order = lock_order(attempt.order_id) if attempt else None
    if attempt:
        attempt = lock_attempt(attempt.pk)
    return book_locked(gateway=gateway, order=order, attempt=attempt, capture=capture)


def book_locked(
    *, gateway: str, order: Order | None, attempt: PaymentAttempt | None, capture: RemoteCapture
) -> PaymentReceipt:
    """`book_receipt`, for a caller whose transaction holds the locks of order and attempt."""
    receipt, is_new = PaymentReceipt.objects.get_or_create(
        gateway=gateway,
        payment_id=capture.payment_id,
        capture_id=capture.capture_id,
        defaults={
            "order": order,
            "attempt": attempt,
            "amount_minor": capture.amount.minor,
            "currency": capture.amount.currency,
            "captured_at": capture.captured_at,
        },
    )
    if not is_new:
        return receipt
    post_receipt(receipt)
    if attempt and attempt.can_move_to(AttemptState.SUCCEEDED):
        attempt.move_to(AttemptState.SUCCEEDED)
        attempt.next_poll_at = None
        attempt.save(update_fields=["state", "next_poll_at"])
    receipt.disposition = settle(order, receipt) if order else _unmatched(receipt)
    receipt.save(update_fields=["disposition"])
    log.info(
        "receipt_booked",
        extra={
            "order": order.number if order else None,
            "payment": receipt.payment_id,
            "amount": receipt.amount_minor,
            "currency": receipt.currency,
            "disposition": str(receipt.disposition),
        },
    )
    return receipt


def settle(order: Order, receipt: PaymentReceipt) -> PaymentReceipt.Disposition:
    """What a new receipt does to its order; the caller holds the order's lock. Never raises."""
    if receipt.currency != order.currency:
        _open(
            Trouble.WRONG_CURRENCY, order, receipt, f"{receipt.amount.format()} for {order.number}"
        )
        return Disposition.UNMATCHED
    # Also where it was called off since: its money is owed, and none can bring it back.
    if order.confirmed_at is not None:
        _open(Trouble.DUPLICATE, order, receipt, "the order was paid already")
        return Disposition.DUPLICATE
    received = received_minor(order)
    if received < order.total_minor:
        missing = order.total_minor - received
        _open(Trouble.PARTIAL, order, receipt, f"{missing} {order.currency} are missing")
        OrderEvent.objects.create(
            order=order,
            kind="partly_paid",
            actor=OrderEvent.Actor.GATEWAY,
            data={"amount": receipt.amount_minor, "missing": missing},
        )
        return Disposition.PARTIAL
    ask_no_more(order)
    try:
        confirm(order_id=order.pk)
    except OutOfStock:
        _open(Trouble.UNFULFILLABLE, order, receipt, "sold out before the money came")
        OrderEvent.objects.create(order=order, kind="paid_too_late", actor=OrderEvent.Actor.GATEWAY)
        return Disposition.UNFULFILLABLE
    if order.status in ENDED:
        _stop_payments_of_same_cart(order)
    post_sale(order, occurred_at=receipt.captured_at)
    PaymentException.objects.filter(order=order, kind=Trouble.PARTIAL, resolved_at=None).update(
        resolved_at=timezone.now(), resolution="the rest has come"
    )
    if received > order.total_minor:
        surplus = received - order.total_minor
        _open(Trouble.SURPLUS, order, receipt, f"{surplus} {order.currency} too much")
        return Disposition.SURPLUS
    return Disposition.APPLIED


def _stop_payments_of_same_cart(order: Order) -> None:
    """Late money may have ended its buyer's newer order, which is not to be paid any more."""
    if order.cart_token is not None:
        others = Order.objects.filter(cart_token=order.cart_token, status__in=ENDED)
        PaymentAttempt.objects.filter(
            order__in=others, state__in=OPEN_STATES, cancel_requested_at=None
        ).update(cancel_requested_at=Now(), next_poll_at=Now())


def received_minor(order: Order) -> int:
    """The money an order can be settled with: all of its receipts in its own currency."""
    total = PaymentReceipt.objects.filter(order=order, currency=order.currency).aggregate(
        total=Sum("amount_minor")
    )["total"]
    return int(total or 0)


def _unmatched(receipt: PaymentReceipt) -> PaymentReceipt.Disposition:
    _open(Trouble.UNMATCHED, None, receipt, "no attempt with its reference")
    return Disposition.UNMATCHED


def _open(
    kind: PaymentException.Kind, order: Order | None, receipt: PaymentReceipt, note: str
) -> None:
    PaymentException.objects.create(kind=kind, order=order, receipt=receipt, note=note)
    log.error(
        "payment_exception", extra={"kind": str(kind), "order": order.number if order else None}
    )
