"""What becomes of a refund is recorded here: money that has left, or an end without money."""

import logging
from datetime import datetime

from django.db.models import F, Sum
from django.utils import timezone

from orders.models import OrderEvent, RefundDue
from payments.gateways.base import RemoteRefund, RemoteRefundState
from payments.ledger.refunds import (
    has_come_back,
    post_came_back,
    post_owed,
    post_paid_out,
    post_requested,
)
from payments.models import (
    PaymentException,
    PaymentReceipt,
    Refund,
    RefundChannel,
    RefundState,
)
from payments.refunds.planning import (
    MoreThanReceived,
    cancel,
    hold_back,
    once_more,
    release,
)
from payments.refunds.trouble import settle_late, tell_difference
from payments.trouble import open_by_key
from shop.core import outbox

log = logging.getLogger(__name__)
Kind = PaymentException.Kind
NOT_RECEIVED = "not_received"
# After so many that never got there, the money goes by hand.
LOST_AT_MOST = 3


def record_remote(refund: Refund, remote: RemoteRefund) -> None:
    """What the gateway says of a refund; the caller's transaction holds the lock of its order.

    A state never goes backwards, and what differs from what was asked decides nothing.
    """
    if remote.amount != refund.amount or refund.refund_ref not in ("", remote.refund_ref):
        tell_difference(refund, remote)
        return
    if not refund.refund_ref:
        refund.refund_ref = remote.refund_ref
        refund.save(update_fields=["refund_ref"])
    match remote.state:
        case RemoteRefundState.SUCCEEDED if refund.can_move_to(RefundState.SUCCEEDED):
            if refund.is_open or _revive(refund):
                succeed(refund, at=timezone.now())
        case RemoteRefundState.FAILED if refund.state == RefundState.SUCCEEDED:
            came_back(refund, remote.failure_code or "came_back")
        case RemoteRefundState.FAILED if refund.can_move_to(RefundState.FAILED):
            fail(refund, remote.failure_code or "failed")
        case RemoteRefundState.PENDING if refund.can_move_to(RefundState.PENDING):
            refund.move_to(RefundState.PENDING)
            refund.save(update_fields=["state"])


def succeed(refund: Refund, *, at: datetime) -> None:
    """The money has left; the caller's transaction holds the lock of its order."""
    refund.move_to(RefundState.SUCCEEDED)
    settle_late(refund)
    refund.ended_at, refund.next_try_at = timezone.now(), None
    refund.paid_on = refund.paid_on or timezone.localdate(at)
    refund.paid_reference = refund.paid_reference or refund.reference
    refund.save(
        update_fields=[
            "state",
            "ended_at",
            "next_try_at",
            "paid_on",
            "paid_reference",
            "paid_by",
            "paid_to",
        ]
    )
    if refund.receipt is not None:
        _count(refund.receipt, refund)
    if refund.due is not None:
        # What was owed before the books knew of it is booked now.
        post_owed(refund.due)
    post_paid_out(refund, occurred_at=at)
    _note(refund, "refund_paid", user_id=refund.paid_by_id)
    if refund.due is not None:
        repaid(refund.due, refund)
    # What nobody here asked for is of that exception alone, which somebody has to explain.
    elif refund.exception is not None and refund.exception.kind != Kind.FOREIGN_REFUND:
        _settled(refund.exception, refund)
        if refund.order_id is not None:
            outbox.add("money-refunded", key=f"money-refunded:{refund.pk}", refund_id=refund.pk)


def _count(receipt: PaymentReceipt, refund: Refund) -> None:
    """What was held back for it has gone."""
    PaymentReceipt.objects.filter(pk=receipt.pk).update(
        refund_pending_minor=F("refund_pending_minor") - refund.amount_minor,
        refunded_minor=F("refunded_minor") + refund.amount_minor,
    )


def _revive(refund: Refund) -> bool:
    """It had been given up, and went through: what took its place is called back.

    Where that has left too, or may have, no column can say so: somebody has to get money back.
    """
    if has_come_back(refund):
        _tell_of_two(refund)
        return False
    same = Refund.objects.filter(
        receipt=refund.receipt,
        due=refund.due,
        exception=refund.exception,
        amount_minor=refund.amount_minor,
    ).exclude(state__in=[RefundState.FAILED, RefundState.CANCELLED])
    other = same.first()
    if other is not None and not other.can_move_to(RefundState.CANCELLED):
        _tell_of_two(refund)
        return False
    if other is not None:
        cancel(other)
    try:
        if refund.receipt is not None:
            hold_back(refund.receipt, refund.amount_minor)
    except MoreThanReceived:
        _tell_of_two(refund)
        return False
    if refund.exception_id is not None:
        post_requested(refund, again=True)
    return True


def _tell_of_two(refund: Refund) -> None:
    note = f"{refund.reference} was given up and went through: the money left twice"
    open_by_key(Kind.FOREIGN_REFUND, f"refunded-twice:{refund.pk}", note, order=refund.order)


def came_back(refund: Refund, code: str) -> None:
    """It had left, and lies at the gateway again: it is owed as before, by hand, once a second
    person has looked. The caller's transaction holds the lock of its order."""
    now = timezone.now()
    post_came_back(refund, occurred_at=now)
    if refund.receipt is not None:
        PaymentReceipt.objects.filter(pk=refund.receipt.pk).update(
            refund_pending_minor=F("refund_pending_minor") + refund.amount_minor,
            refunded_minor=F("refunded_minor") - refund.amount_minor,
        )
    if refund.due is not None:
        due = refund.due
        due.paid_at = due.paid_on = due.paid_by = None
        due.paid_reference = ""
        due.save(update_fields=["paid_at", "paid_on", "paid_reference", "paid_by"])
    if refund.exception is not None:
        own = PaymentException.objects.filter(pk=refund.exception.pk)
        own.update(resolved_at=None, resolution="")
    end_without_money(refund, code)
    other = once_more(refund, channel=RefundChannel.BANK_TRANSFER, needs_two=True)
    note = f"{refund.reference} had left and came back: {code}. {other.reference} is to be approved"
    open_by_key(Kind.REFUND_DIFFERS, f"refund-came-back:{refund.pk}", note, order=refund.order)


def repaid(due: RefundDue, last: Refund) -> None:
    """All that was owed for goods has left: its customer reads it."""
    sent = Refund.objects.filter(due=due, state=RefundState.SUCCEEDED)
    if (sent.aggregate(total=Sum("amount_minor"))["total"] or 0) < due.amount_minor:
        return
    due.paid_at, due.paid_on = timezone.now(), last.paid_on
    due.paid_reference, due.paid_by_id = last.paid_reference, last.paid_by_id
    due.save(update_fields=["paid_at", "paid_on", "paid_reference", "paid_by"])
    outbox.add("order-refunded", key=f"order-refunded:{due.pk}", refund_id=due.pk)


def _settled(exception: PaymentException, last: Refund) -> None:
    if Refund.objects.open().filter(exception=exception).exists():
        return
    PaymentException.objects.filter(pk=exception.pk, resolved_at=None).update(
        resolved_at=timezone.now(), resolution=f"given back: {last.reference}"
    )


def fail(refund: Refund, code: str) -> None:
    """It will not go this way; the money goes by hand then, which is staff's to see.

    The caller's transaction holds the lock of its order.
    """
    end_without_money(refund, code)
    once_more(refund, channel=RefundChannel.BANK_TRANSFER)


def never_arrived(refund: Refund) -> None:
    """The gateway knows nothing of it: asked again, under a reference that is new."""
    end_without_money(refund, NOT_RECEIVED)
    lost = Refund.objects.filter(receipt=refund.receipt, failure_code=NOT_RECEIVED).count()
    is_hopeless = lost >= LOST_AT_MOST
    once_more(refund, channel=RefundChannel.BANK_TRANSFER if is_hopeless else RefundChannel.GATEWAY)


def end_without_money(refund: Refund, code: str) -> None:
    settle_late(refund)
    refund.move_to(RefundState.FAILED)
    refund.failure_code = code[:60]
    refund.ended_at, refund.next_try_at = timezone.now(), None
    refund.save(update_fields=["state", "failure_code", "ended_at", "next_try_at"])
    release(refund)
    _note(refund, "refund_failed")
    log.warning("refund_failed", extra={"refund": refund.reference, "code": refund.failure_code})


def _note(refund: Refund, kind: str, *, user_id: int | None = None) -> None:
    if refund.order is None:
        return
    actor = OrderEvent.Actor.STAFF if user_id is not None else OrderEvent.Actor.GATEWAY
    OrderEvent.objects.create(
        order=refund.order,
        kind=kind,
        actor=actor,
        user_id=user_id,
        data={
            "amount": refund.amount_minor,
            "refund": refund.due_id,
            "reference": refund.reference,
        },
    )
