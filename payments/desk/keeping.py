"""What nobody claims, or a courier keeps: booked with a reason, and above a limit by two people."""

from django.db import transaction

from orders.models import Order, OrderStatus
from payments.desk.steps import Kind, NotForThis, lock_exception, record_step
from payments.ledger.adjusting import ask_for_adjustment, ask_to_write_off
from payments.models import LedgerAdjustment, PaymentException
from payments.refunds.exceptions import StillAwaited
from payments.refunds.owned import StillGoingBack


@transaction.atomic
def keep_unclaimed(*, exception_id: int, words: str, user_id: int) -> LedgerAdjustment:
    """All that lies with an exception, out of `customer_funds`, which resolves it.

    Above REFUND_APPROVAL_ABOVE it waits for a second person. The same again is the same. Raises
    StillAwaited, StillGoingBack, AdjustmentReasonMissing, NothingToAdjust, MovedOn; then nothing
    has changed.
    """
    exception, order = lock_exception(exception_id)
    if _is_awaited(exception, order):
        raise StillAwaited
    if exception.refunds.open().exists():
        raise StillGoingBack
    adjustment, is_new = ask_for_adjustment(exception, order, reason=words, user_id=user_id)
    if is_new:
        record_step(
            exception, Kind.KEPT, user_id=user_id, words=words, amount=adjustment.amount_minor
        )
    return adjustment


@transaction.atomic
def write_off(*, exception_id: int, words: str, user_id: int) -> LedgerAdjustment:
    """What a courier has not handed over is borne by the shop, which resolves the exception.

    Above REFUND_APPROVAL_ABOVE it waits for a second person. The same again is the same. Raises
    NotForThis, AdjustmentReasonMissing, AlreadyAdjusted, NothingToAdjust, MovedOn; then nothing
    has changed.
    """
    exception, order = lock_exception(exception_id)
    if order is None or exception.kind != PaymentException.Kind.PARTIAL:
        raise NotForThis
    adjustment, is_new = ask_to_write_off(exception, order, reason=words, user_id=user_id)
    if is_new:
        record_step(
            exception, Kind.WAIVED, user_id=user_id, words=words, amount=adjustment.amount_minor
        )
    return adjustment


def _is_awaited(exception: PaymentException, order: Order | None) -> bool:
    is_partial = exception.kind == PaymentException.Kind.PARTIAL
    return is_partial and order is not None and order.status == OrderStatus.PENDING
