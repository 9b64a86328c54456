"""Which receipts money goes back from, and by which way; written down before anybody is asked."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order, RefundDue
from payments.gateways.base import RefundReason
from payments.gateways.methods import spec_of
from payments.ledger.refunds import post_requested, post_taken_back
from payments.models import (
    CREDIT,
    PaymentException,
    PaymentReceipt,
    Refund,
    RefundChannel,
    RefundState,
)
from payments.refunds.absent import phantoms_of
from payments.refunds.locking import lock_receipts
from shop.core.errors import DomainError
from shop.core.money import Money

# A refund asked for in the last hour of its window could come too late.
BEFORE_WINDOW_ENDS = timedelta(hours=1)


class MoreThanReceived(DomainError):
    code = "more_than_received"
    status = 422
    message = _("No more can be given back than has been received and not yet given back.")


def draft_refunds(
    order: Order,
    amount: Money,
    *,
    due: RefundDue | None = None,
    exception: PaymentException | None = None,
    reason: RefundReason,
    user_id: int | None,
    is_doubtful: bool = False,
) -> list[Refund]:
    """Take the amount from the order's receipts: from those first that a gateway gives back.

    In the caller's transaction, which holds the order's lock. What is doubtful goes nowhere before
    a second person has looked. Raises MoreThanReceived, except for goods: what is owed for them is
    owed whatever was received, and goes by bank transfer.
    """
    now, left = timezone.now(), amount.minor
    refunds = []
    phantoms = phantoms_of(order)
    receipts = [one for one in lock_receipts(order) if one.pk not in phantoms]
    for receipt in _by_preference(receipts, now, of_goods=due is not None):
        part = min(left, receipt.refundable_minor)
        if part > 0:
            refunds.append(draft_refund(receipt, Money(part, amount.currency), order=order))
            left -= part
    if left:
        if due is None:
            raise MoreThanReceived
        refunds.append(draft_refund(None, Money(left, amount.currency), order=order))
    is_large = is_for_two(amount)
    for refund in refunds:
        refund.due, refund.exception = due, exception
        refund.reason, refund.requested_by_id = reason, user_id
        # What nobody of the staff asked for goes back where it came from by rule; a bank account
        # is always somebody's word.
        is_by_rule = user_id is None and refund.channel != RefundChannel.BANK_TRANSFER
        begin(refund, needs_two=is_doubtful or (is_large and not is_by_rule))
    return refunds


def _by_preference(
    receipts: Iterable[PaymentReceipt], now: datetime, *, of_goods: bool
) -> list[PaymentReceipt]:
    """By a gateway before by hand; then the largest, so that there are few of them.

    Of goods credit comes before money. Money that did not fit was never credit, which comes last.
    """
    order = [RefundChannel.GATEWAY, RefundChannel.BANK_TRANSFER]
    order.insert(0 if of_goods else len(order), RefundChannel.STORE_CREDIT)
    return sorted(
        receipts,
        key=lambda one: (order.index(channel_of(one, now)), -one.refundable_minor),
    )


def channel_of(
    receipt: PaymentReceipt, now: datetime, *, part: Money | None = None
) -> RefundChannel:
    """Back the way it came, where its gateway still does that; some give back all or nothing."""
    if receipt.gateway == CREDIT:
        return RefundChannel.STORE_CREDIT
    attempt = receipt.attempt
    spec = spec_of(attempt.gateway, attempt.method) if attempt else None
    if attempt is None or spec is None or not attempt.gateway_ref or not spec.refund_days:
        return RefundChannel.BANK_TRANSFER
    if part not in (None, receipt.amount) and not spec.refunds_parts:
        return RefundChannel.BANK_TRANSFER
    window = timedelta(days=spec.refund_days) - BEFORE_WINDOW_ENDS
    is_open = now < receipt.captured_at + window
    return RefundChannel.GATEWAY if is_open else RefundChannel.BANK_TRANSFER


def draft_refund(
    receipt: PaymentReceipt | None,
    amount: Money,
    *,
    order: Order | None,
    channel: RefundChannel | None = None,
) -> Refund:
    """A refund that is not saved yet; the caller holds the lock of order or receipt."""
    if receipt is None:
        channel = RefundChannel.BANK_TRANSFER
    else:
        channel = channel or channel_of(receipt, timezone.now(), part=amount)
    return Refund(
        order=order,
        receipt=receipt,
        channel=channel,
        gateway=_gateway_of(receipt, channel),
        amount_minor=amount.minor,
        currency=amount.currency,
    )


def _gateway_of(receipt: PaymentReceipt | None, channel: RefundChannel) -> str:
    """Where the money leaves; empty for our own bank account."""
    if channel == RefundChannel.STORE_CREDIT:
        return CREDIT
    return receipt.gateway if receipt and channel == RefundChannel.GATEWAY else ""


def begin(refund: Refund, *, needs_two: bool) -> None:
    """Hold its money back, save it, and let it go unless a second person must look at it first."""
    now = timezone.now()
    if refund.receipt is not None:
        hold_back(refund.receipt, refund.amount_minor)
    refund.reference = _reference(refund)
    if not needs_two:
        refund.approved_at = now
        _let_go(refund, now)
    refund.save(force_insert=True)
    if refund.exception_id is not None:
        post_requested(refund)


def _let_go(refund: Refund, now: datetime) -> None:
    """From here on the money loop sends it, or staff do."""
    if refund.channel == RefundChannel.BANK_TRANSFER:
        refund.state, refund.next_try_at = RefundState.AWAITING_TRANSFER, None
    else:
        refund.state, refund.next_try_at = RefundState.APPROVED, now


def hold_back(receipt: PaymentReceipt, amount_minor: int) -> None:
    """One conditional statement: of two that want the same money one gets it.

    Raises MoreThanReceived.
    """
    held = F("refunded_minor") + F("refund_pending_minor")
    own = F("suffix_minor") + F("kept_minor")
    open_minor = F("amount_minor") - own - held - F("taken_back_minor")
    is_held = (
        PaymentReceipt.objects.annotate(open_minor=open_minor)
        .filter(pk=receipt.pk, open_minor__gte=amount_minor)
        .update(refund_pending_minor=F("refund_pending_minor") + amount_minor)
    )
    if not is_held:
        raise MoreThanReceived


def release(refund: Refund) -> None:
    """It has ended without money: what was held back for it is free, what was owed is taken back.

    The caller's transaction holds the order's lock.
    """
    if refund.receipt_id is not None:
        PaymentReceipt.objects.filter(pk=refund.receipt_id).update(
            refund_pending_minor=F("refund_pending_minor") - refund.amount_minor
        )
    if refund.exception_id is not None:
        post_taken_back(refund, occurred_at=timezone.now())


def cancel(refund: Refund) -> None:
    """It ends before anybody was asked for it; the caller holds the order's lock."""
    refund.move_to(RefundState.CANCELLED)
    refund.next_try_at = None
    refund.ended_at = timezone.now()
    refund.save(update_fields=["state", "next_try_at", "ended_at"])
    release(refund)


def once_more(
    refund: Refund,
    *,
    channel: RefundChannel | None,
    amount: Money | None = None,
    needs_two: bool = False,
) -> Refund:
    """The same money, or the part of it that is left, by another refund; the first one has ended,
    and is released. Without a channel it goes as new money would.

    Who approved the first one has approved this one. What needed nobody as long as it went back to
    where it came from needs somebody once it goes to a bank account.
    """
    amount = amount or refund.amount
    other = draft_refund(refund.receipt, amount, order=refund.order, channel=channel)
    other.due, other.exception = refund.due, refund.exception
    other.reason, other.requested_by_id = refund.reason, refund.requested_by_id
    whole = refund.due.amount if refund.due else refund.amount
    is_unseen = other.channel == RefundChannel.BANK_TRANSFER and refund.approved_by_id is None
    is_draft = needs_two or (is_unseen and is_for_two(whole))
    if not is_draft:
        other.approved_by_id = refund.approved_by_id
    begin(other, needs_two=is_draft)
    return other


def is_for_two(amount: Money) -> bool:
    """Whether one person alone may not decide about so much."""
    limit = settings.REFUND_APPROVAL_ABOVE.get(amount.currency)
    return limit is not None and amount.minor > limit


def _reference(refund: Refund) -> str:
    if refund.order is None:
        beside = Refund.objects.filter(receipt=refund.receipt).count()
        return f"U{refund.receipt_id}-R{beside + 1}"
    return f"{refund.order.number}-R{Refund.objects.filter(order=refund.order).count() + 1}"
