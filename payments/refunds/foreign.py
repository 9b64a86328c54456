"""Refunds that were made on the gateway's own pages: their money has left all the same.

What the shop was about to give back itself must not be given back a second time: such a refund
counts as the payment of whatever it fits.
"""

import logging

from django.db.models import QuerySet
from django.utils import timezone

from orders.models import Order, OrderEvent, RefundDue
from payments.gateways.base import RefundReason, RemoteRefund
from payments.ledger.refunds import is_requested, post_requested
from payments.models import (
    CREDIT,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
    RefundChannel,
    RefundState,
)
from payments.refunds.exceptions import given_back_by, loose_money
from payments.refunds.outcomes import repaid, succeed
from payments.refunds.planning import cancel, hold_back, once_more
from shop.core.money import Money

log = logging.getLogger(__name__)
Kind = PaymentException.Kind
# Nobody has been asked for these yet.
_AT_REST = (RefundState.DRAFT, RefundState.APPROVED, RefundState.AWAITING_TRANSFER)


def book_foreign(attempt: PaymentAttempt, remote: RemoteRefund) -> None:
    """Book it once: as the payment of a refund of ours that has not left, or of money that did not
    fit, or else as what somebody has to explain.

    In the caller's transaction; takes the order's lock.
    """
    order = Order.objects.locked().get(pk=attempt.order_id)
    if Refund.objects.filter(gateway=attempt.gateway, refund_ref=remote.refund_ref).exists():
        return
    told = _tell(order, attempt, remote)
    receipts = PaymentReceipt.objects.filter(attempt=attempt, currency=remote.amount.currency)
    locked = list(receipts.select_for_update(of=("self",), no_key=True).order_by("pk"))
    ours = _ours(order, remote.amount, {one.pk for one in locked})
    freed = {ours.receipt_id: ours.amount_minor} if ours is not None else {}
    for receipt in locked:
        if receipt.refundable_minor + freed.get(receipt.pk, 0) >= remote.amount.minor:
            break
    else:
        # More is held back or gone than came: staff see both, and no column says what is not so.
        _explain(told, "more than is left of what came: not booked")
        return
    refund = _refund(order, attempt, remote, receipt)
    if ours is not None:
        _pay(ours, refund, order)
        _explain(told, f"counts as {ours.reference}", is_clear=True)
    else:
        _take_loose(refund, told)


def count_foreign(due: RefundDue) -> int:
    """What of a new debt has left before, by refunds that nobody has explained; in minor units.

    In the caller's transaction, which holds the order's lock.
    """
    left = due.amount_minor
    for refund in unexplained(due.order).filter(currency=due.currency).order_by("pk"):
        told = refund.exception
        if told is None or refund.amount_minor > left or is_requested(refund):
            continue
        refund.due, refund.exception = due, None
        refund.save(update_fields=["due", "exception"])
        _explain(told, f"counts as paid for refund due {due.pk}", is_clear=True)
        left -= refund.amount_minor
        repaid(due, refund)
    return due.amount_minor - left


def unexplained(order: Order) -> QuerySet[Refund]:
    """Those of an order of which nobody has said what they were for."""
    return Refund.objects.filter(
        order=order, exception__kind=Kind.FOREIGN_REFUND, exception__resolved_at=None
    ).select_related("exception")


def _tell(order: Order, attempt: PaymentAttempt, remote: RemoteRefund) -> PaymentException:
    exception, is_new = PaymentException.objects.get_or_create(
        key=f"{Kind.FOREIGN_REFUND}:{attempt.gateway}:{remote.refund_ref}",
        defaults={
            "kind": Kind.FOREIGN_REFUND,
            "order": order,
            "note": f"{remote.amount.format()} of {attempt.reference}: {remote.refund_ref}",
        },
    )
    if is_new:
        log.error("refund_not_ours", extra={"order": order.number, "refund_ref": remote.refund_ref})
    return exception


def _explain(told: PaymentException, words: str, *, is_clear: bool = False) -> None:
    """Once; what is clear is nobody's work."""
    if words not in told.note:
        told.note = f"{told.note}; {words}"[:300]
    if is_clear and told.resolved_at is None:
        told.resolved_at, told.resolution = timezone.now(), words
    told.save(update_fields=["note", "resolved_at", "resolution"])


def _ours(order: Order, amount: Money, of_attempt: set[int]) -> Refund | None:
    """The refund that it pays: of the same amount, else the smallest larger one; locked, since the
    money loop may be about to send it."""
    fitting = (
        Refund.objects.locked()
        .filter(
            order=order,
            state__in=_AT_REST,
            currency=amount.currency,
            amount_minor__gte=amount.minor,
        )
        # No gateway gives back what was paid with credit.
        .exclude(receipt__gateway=CREDIT)
        .order_by("pk")
    )
    return min(
        fitting, key=lambda one: (one.amount_minor, one.receipt_id not in of_attempt), default=None
    )


def _refund(
    order: Order, attempt: PaymentAttempt, remote: RemoteRefund, receipt: PaymentReceipt
) -> Refund:
    """Not saved yet."""
    return Refund(
        order=order,
        receipt=receipt,
        channel=RefundChannel.GATEWAY,
        gateway=attempt.gateway,
        amount_minor=remote.amount.minor,
        currency=remote.amount.currency,
        reason=RefundReason.OTHER,
        reference=f"{attempt.gateway}:{remote.refund_ref}"[:60],
        refund_ref=remote.refund_ref,
        paid_reference=remote.refund_ref[:60],
        state=RefundState.PENDING,
        approved_at=timezone.now(),
    )


def _pay(ours: Refund, refund: Refund, order: Order) -> None:
    """It takes the place of ours, of which the rest is planned anew."""
    was_draft = ours.state == RefundState.DRAFT
    cancel(ours)
    OrderEvent.objects.create(
        order=order,
        kind="refund_given_elsewhere",
        actor=OrderEvent.Actor.GATEWAY,
        data={"amount": ours.amount_minor, "reference": ours.reference},
    )
    refund.due, refund.exception, refund.reason = ours.due, ours.exception, ours.reason
    _hold(refund)
    if refund.exception is not None:
        post_requested(refund)
    if rest := ours.amount_minor - refund.amount_minor:
        by_hand = None if ours.channel == RefundChannel.GATEWAY else RefundChannel(ours.channel)
        amount = Money(rest, ours.currency)
        once_more(ours, channel=by_hand, amount=amount, needs_two=was_draft)
    succeed(refund, at=timezone.now())


def _take_loose(refund: Refund, told: PaymentException) -> None:
    """Nothing of ours waits: then it is of money that did not fit, as far as there is any."""
    order = told.order
    loose = loose_money(order, refund.currency) if order is not None else Money(0, refund.currency)
    taken = Money(min(loose.minor, refund.amount_minor), refund.currency)
    whole = given_back_by(refund, loose) if taken == refund.amount else None
    refund.exception = whole or told
    _hold(refund)
    if taken.minor:
        post_requested(refund, amount=taken)
    succeed(refund, at=timezone.now())
    if whole is not None:
        _explain(told, f"gives back what did not fit (exception {whole.pk})", is_clear=True)
    elif taken.minor:
        _explain(told, f"{taken.format()} of it were in customer_funds, owed to nobody else")
    if rest := refund.amount_minor - taken.minor:
        words = Money(rest, refund.currency).format()
        _explain(told, f"{words} were owed to nobody: a debit of refunds_payable until explained")


def _hold(refund: Refund) -> None:
    if refund.receipt is not None:
        hold_back(refund.receipt, refund.amount_minor)
    refund.save(force_insert=True)
