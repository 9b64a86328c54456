"""Refunds at a gateway: sent once, asked about until they have ended."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from payments.credit.giving_back import refund_to_credit
from payments.gateways.base import (
    Ambiguous,
    RefundReason,
    RefundRequest,
    Refused,
    RemotePayment,
    RemoteRefund,
    RemoteRefundState,
    Unavailable,
)
from payments.gateways.registry import gateway
from payments.models import PaymentAttempt, Refund, RefundChannel, RefundState
from payments.polling import LOOKUPS_APART
from payments.refunds.foreign import book_foreign
from payments.refunds.locking import lock_refund
from payments.refunds.outcomes import fail, never_arrived, record_remote
from payments.refunds.trouble import tell_late
from shop.core.due import Due

log = logging.getLogger(__name__)
DUE = Due(Refund.objects.all, "next_try_at")
# Shorter than for payments. The lease is longer than a call and its bookkeeping can take; with two
# look-ups 30 s apart, a refund whose loop dies before it got there is sent anew within the minute.
TIMEOUT = 10.0
LEASE = timedelta(seconds=15)
# A gateway that will not take it for so long is not waited for any more: it goes by hand.
GIVE_UP_AFTER = timedelta(days=3)
LONGEST_WAIT = timedelta(hours=6)
_UNANSWERED = (RefundState.SUBMITTING, RefundState.UNKNOWN)


def claim_due_refunds(*, limit: int = 20) -> list[int]:
    """Refunds to be sent or asked about, each taken by one caller for the length of the lease."""
    due = DUE.claim(lease=LEASE, limit=limit)
    Refund.objects.filter(pk__in=due).update(tries=F("tries") + 1)
    return due


def follow_refund(*, refund_id: int) -> Refund:
    """Bring one refund forward. Safe to repeat; any number of loops may come at once."""
    refund = Refund.objects.select_related("receipt__attempt").get(pk=refund_id)
    if refund.channel == RefundChannel.STORE_CREDIT and refund.state == RefundState.APPROVED:
        return refund_to_credit(refund_id=refund_id)
    if refund.state == RefundState.APPROVED:
        return _send(refund)
    if refund.state in (*_UNANSWERED, RefundState.PENDING):
        return _ask(refund)
    Refund.objects.filter(pk=refund_id, state=refund.state).update(next_try_at=None)
    return refund


def _send(refund: Refund) -> Refund:
    """approved → submitting is one conditional statement: of two that come together one sends."""
    taken = Refund.objects.filter(pk=refund.pk, state=RefundState.APPROVED).update(
        state=RefundState.SUBMITTING, next_try_at=timezone.now() + LEASE, first_lookup_at=None
    )
    if not taken:
        return Refund.objects.get(pk=refund.pk)
    receipt, attempt = refund.receipt, _attempt_of(refund)
    request = RefundRequest(
        reference=refund.reference,
        gateway_ref=attempt.gateway_ref,
        payment_id=receipt.payment_id if receipt else "",
        amount=refund.amount,
        reason=RefundReason(refund.reason),
    )
    outcome = gateway(refund.gateway).refund(request, timeout=TIMEOUT)
    return _sent(refund.pk, outcome)


@transaction.atomic
def _sent(refund_id: int, outcome: RemoteRefund | Refused | Ambiguous | Unavailable) -> Refund:
    refund = lock_refund(refund_id)
    match outcome:
        case RemoteRefund():
            record_remote(refund, outcome)
            return _ask_later(refund)
        case _ if refund.state != RefundState.SUBMITTING:
            # More was learnt meanwhile, by a webhook.
            return refund
        case Refused(code=code):
            fail(refund, code)
        case Unavailable(cause=cause):
            _not_now(refund, cause)
        case Ambiguous():
            # It may have gone out: looked up by its reference, never sent twice.
            refund.move_to(RefundState.UNKNOWN)
            refund.next_try_at = timezone.now() + timedelta(seconds=2)
            refund.save(update_fields=["state", "next_try_at"])
        case _:
            assert_never(outcome)
    return refund


def _not_now(refund: Refund, cause: str) -> None:
    """The gateway certainly did nothing: once more later, by hand after some days."""
    approved_at = refund.approved_at or refund.requested_at
    if approved_at + GIVE_UP_AFTER < timezone.now():
        fail(refund, cause)
        return
    refund.move_to(RefundState.APPROVED)
    refund.failure_code = cause[:60]
    refund.next_try_at = timezone.now() + _back_off(refund)
    refund.save(update_fields=["state", "failure_code", "next_try_at"])


def _ask(refund: Refund) -> Refund:
    attempt = _attempt_of(refund)
    api = gateway(refund.gateway)
    payment_id = refund.receipt.payment_id if refund.receipt else ""
    listed = api.find_refunds(attempt.gateway_ref, payment_id=payment_id, timeout=TIMEOUT)
    if isinstance(listed, list):
        observe_refunds(attempt=attempt, listed=listed)
        return _asked(refund.pk, was_listed=_is_among(refund, listed))
    return _asked(refund.pk, was_listed=True)


def paid_through(
    gateway_code: str, gateway_ref: str
) -> PaymentAttempt | Ambiguous | Unavailable | None:
    """Whose payment request that is. Not inside a transaction: a card has another id than the page
    on which it was paid with, so that the gateway is asked for its reference."""
    attempts = PaymentAttempt.objects.filter(gateway=gateway_code)
    known = attempts.filter(gateway_ref=gateway_ref).first()
    if known is not None:
        return known
    paid = gateway(gateway_code).fetch(gateway_ref, timeout=TIMEOUT)
    if isinstance(paid, Ambiguous | Unavailable):
        return paid
    if isinstance(paid, RemotePayment):
        return attempts.filter(reference=paid.reference).first()
    return None


def observe_refunds(*, attempt: PaymentAttempt, listed: Sequence[RemoteRefund]) -> None:
    """Record what the gateway lists of a payment's refunds; ours first, so that one of somebody
    else finds what has become of them."""
    for remote in [one for one in listed if not _observe(attempt, one)]:
        if remote.state is RemoteRefundState.SUCCEEDED:
            with transaction.atomic():
                book_foreign(attempt, remote)


@transaction.atomic
def _observe(attempt: PaymentAttempt, remote: RemoteRefund) -> bool:
    """Whether it is one of ours. Each by itself: what is wrong with it takes back no other."""
    known = Refund.objects.filter(gateway=attempt.gateway, refund_ref=remote.refund_ref)
    named = Refund.objects.filter(gateway=attempt.gateway, reference=remote.reference)
    pk = known.values_list("pk", flat=True).first()
    if pk is None and remote.reference:
        pk = named.values_list("pk", flat=True).first()
    if pk is None:
        return False
    record_remote(lock_refund(pk), remote)
    return True


@transaction.atomic
def _asked(refund_id: int, *, was_listed: bool) -> Refund:
    refund = lock_refund(refund_id)
    if was_listed or refund.state not in _UNANSWERED:
        return _ask_later(refund)
    now = timezone.now()
    if refund.first_lookup_at is None:
        refund.first_lookup_at = now
    elif refund.first_lookup_at + LOOKUPS_APART <= now:
        never_arrived(refund)
        return refund
    if refund.can_move_to(RefundState.UNKNOWN):
        refund.move_to(RefundState.UNKNOWN)
    refund.next_try_at = refund.first_lookup_at + LOOKUPS_APART + timedelta(seconds=1)
    refund.save(update_fields=["state", "first_lookup_at", "next_try_at"])
    return refund


def _ask_later(refund: Refund) -> Refund:
    if refund.state in (*_UNANSWERED, RefundState.PENDING):
        refund.next_try_at = timezone.now() + _back_off(refund)
        refund.save(update_fields=["next_try_at"])
        tell_late(refund)
    return refund


def _back_off(refund: Refund) -> timedelta:
    """Seconds at first; a bank may take days."""
    return min(timedelta(seconds=5 * 2 ** min(refund.tries, 12)), LONGEST_WAIT)


def _is_among(refund: Refund, listed: Sequence[RemoteRefund]) -> bool:
    return any(
        refund.reference == remote.reference or refund.refund_ref == remote.refund_ref
        for remote in listed
    )


def _attempt_of(refund: Refund) -> PaymentAttempt:
    """Only what came through an attempt goes back through its gateway."""
    receipt = refund.receipt
    if receipt is None or receipt.attempt is None:
        raise LookupError(f"refund {refund.reference} is of no attempt")
    return receipt.attempt
