"""Refunds that were made on the gateway's own pages: their money has left all the same."""

import logging

from django.utils import timezone

from orders.models import Order, OrderEvent
from payments.gateways.base import RefundReason, RemoteRefund
from payments.ledger.refunds import post_paid_out
from payments.models import (
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
    RefundChannel,
    RefundState,
)

log = logging.getLogger(__name__)


def book_foreign(attempt: PaymentAttempt, remote: RemoteRefund) -> None:
    """Book it once, and have somebody say what it was for.

    In the caller's transaction; takes the order's lock.
    """
    order = Order.objects.locked().get(pk=attempt.order_id)
    if Refund.objects.filter(gateway=attempt.gateway, refund_ref=remote.refund_ref).exists():
        return
    receipts = PaymentReceipt.objects.filter(attempt=attempt, currency=remote.amount.currency)
    locked = receipts.select_for_update(of=("self",), no_key=True).order_by("pk")
    receipt = next((one for one in locked if one.refundable_minor >= remote.amount.minor), None)
    exception, is_new = PaymentException.objects.get_or_create(
        key=f"{PaymentException.Kind.FOREIGN_REFUND}:{attempt.gateway}:{remote.refund_ref}",
        defaults={
            "kind": PaymentException.Kind.FOREIGN_REFUND,
            "order": order,
            "note": f"{remote.amount.format()} of {attempt.reference}: {remote.refund_ref}",
        },
    )
    if is_new:
        log.error("refund_not_ours", extra={"order": order.number, "refund_ref": remote.refund_ref})
    if receipt is None:
        # More is held back or gone than came: staff see both, and no column says what is not so.
        return
    now = timezone.now()
    receipt.refunded_minor += remote.amount.minor
    receipt.save(update_fields=["refunded_minor"])
    refund = Refund.objects.create(
        order=order,
        exception=exception,
        receipt=receipt,
        channel=RefundChannel.GATEWAY,
        gateway=attempt.gateway,
        amount_minor=remote.amount.minor,
        currency=remote.amount.currency,
        reason=RefundReason.OTHER,
        reference=f"{attempt.gateway}:{remote.refund_ref}"[:60],
        refund_ref=remote.refund_ref,
        state=RefundState.SUCCEEDED,
        approved_at=now,
        ended_at=now,
        paid_on=timezone.localdate(now),
        paid_reference=remote.refund_ref[:60],
    )
    post_paid_out(refund, occurred_at=now)
    OrderEvent.objects.create(
        order=order,
        kind="refund_paid",
        actor=OrderEvent.Actor.GATEWAY,
        data={"amount": refund.amount_minor, "refund": None, "reference": refund.reference},
    )
