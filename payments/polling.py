"""What the gateway says is recorded here; and when it is asked again.

A webhook may be lost, so every attempt is asked about on a schedule, and some time after its end:
late money is normal (reference: Xendit, "payments after expiry").
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.models import Order, OrderStatus
from payments.gateways.base import (
    Ambiguous,
    Missing,
    Refused,
    RemotePayment,
    RemoteState,
    Unavailable,
)
from payments.gateways.registry import gateway
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentReceipt,
    lock_order_and_attempt,
)
from payments.receipts import book_locked
from shop.core.due import Due
from shop.core.rows import saved, write_together

BACKGROUND_TIMEOUT = 20.0
# Longer than one call and its bookkeeping can take, so that no other loop asks meanwhile.
LEASE = timedelta(seconds=60)
DUE = Due(PaymentAttempt.objects.all, "next_poll_at")
NUDGE_WITHIN = timedelta(seconds=3)
LOOKUPS_APART = timedelta(seconds=30)
_minutes = [timedelta(minutes=m) for m in (1, 3, 10, 30)]
POLL_AFTER: dict[str, list[timedelta]] = {
    "ovo": [timedelta(seconds=s) for s in (10, 30, 70, 300, 1200)],
    "dana": _minutes,
    "bca_va": [timedelta(minutes=m) for m in (5, 30, 60)],
    "qris": _minutes,
    # Told by the import of a bank statement; there is nobody to ask.
    "bca_transfer": [],
}
POLL_AFTER_END = [
    timedelta(minutes=2),
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(hours=48),
]

_STATES: dict[RemoteState, AttemptState] = {
    RemoteState.PENDING: AttemptState.PENDING,
    RemoteState.FAILED: AttemptState.FAILED,
    RemoteState.EXPIRED: AttemptState.EXPIRED,
    RemoteState.CANCELLED: AttemptState.CANCELLED,
}


def next_poll(attempt: PaymentAttempt, *, now: datetime) -> datetime | None:
    """When to ask about an attempt next; None once nothing more is to be expected."""
    if attempt.state == AttemptState.SUCCEEDED:
        return None
    began = attempt.submitted_at or attempt.created_at
    times = (
        [began + wait for wait in POLL_AFTER.get(attempt.method, _minutes)]
        if attempt.is_open
        else []
    )
    times += [attempt.expires_at + wait for wait in POLL_AFTER_END]
    return min((time for time in times if time > now), default=None)


@dataclass(frozen=True, slots=True)
class Observed:
    """An attempt and its order as they were left, how they stood before, and what came in."""

    attempt: PaymentAttempt
    order: Order
    attempt_was: str
    order_was: str
    receipts: list[PaymentReceipt]


def observe(*, attempt_id: int, remote: RemotePayment) -> PaymentAttempt:
    """Record what the gateway says of an attempt now. Money first; a state never goes backwards."""
    return record_observed(attempt_id=attempt_id, remote=remote).attempt


@transaction.atomic
def record_observed(*, attempt_id: int, remote: RemotePayment) -> Observed:
    """`observe`, for a caller who wants to know what it changed. No further statement."""
    order, attempt = lock_order_and_attempt(attempt_id)
    attempt_was, order_was = str(attempt.state), str(order.status)
    receipts: list[PaymentReceipt] = []
    attempt.gateway_ref = attempt.gateway_ref or remote.gateway_ref
    attempt.actions = remote.actions or attempt.actions
    attempt.failure_code = remote.failure_code or attempt.failure_code
    for target in (_STATES.get(remote.state), AttemptState.SUCCEEDED if remote.captures else None):
        if target is not None and attempt.can_move_to(target):
            attempt.move_to(target)
    attempt.next_poll_at = next_poll(attempt, now=timezone.now())
    if remote.state == RemoteState.PENDING and _is_unwanted(attempt, order):
        attempt.next_poll_at = timezone.now() + _back_off(attempt)
    learnt = [
        saved(attempt, "gateway_ref", "actions", "failure_code", "state", "next_poll_at"),
    ]
    if not remote.captures:
        write_together(*learnt)
    for place, capture in enumerate(remote.captures):
        if place:
            # As the one before has left it.
            order.refresh_from_db()
        receipt = book_locked(
            gateway=attempt.gateway,
            order=order,
            attempt=attempt,
            capture=capture,
            beside=[] if place else learnt,
        )
        if receipt.is_new:
            receipts.append(receipt)
    return Observed(attempt, order, attempt_was, order_was, receipts)


def _is_unwanted(attempt: PaymentAttempt, order: Order) -> bool:
    """Whether the gateway should take no money for it any more, should it still be able to."""
    if attempt.state == AttemptState.SUCCEEDED:
        return False
    return (
        attempt.cancel_requested_at is not None
        or order.status != OrderStatus.PENDING
        or not attempt.is_open
    )


def poll(*, attempt_id: int, timeout: float = BACKGROUND_TIMEOUT) -> PaymentAttempt:
    """Ask the gateway about one attempt and record the answer; cancel it there if unwanted."""
    attempt = PaymentAttempt.objects.select_related("order").get(pk=attempt_id)
    if not attempt.gateway_ref:
        return look_up(attempt_id=attempt_id, timeout=timeout)
    api = gateway(attempt.gateway)
    if _is_unwanted(attempt, attempt.order):
        outcome = api.cancel(attempt.gateway_ref, timeout=timeout)
        if isinstance(outcome, RemotePayment):
            return observe(attempt_id=attempt_id, remote=outcome)
    outcome = api.fetch(attempt.gateway_ref, timeout=timeout)
    if isinstance(outcome, RemotePayment):
        return observe(attempt_id=attempt_id, remote=outcome)
    return _ask_again(attempt_id)


def look_up(*, attempt_id: int, timeout: float = BACKGROUND_TIMEOUT) -> PaymentAttempt:
    """Find out by our reference whether a request without an answer got there.

    Twice nothing, far enough apart, means that it never did: the attempt is abandoned (and still
    matched, should money ever come).
    """
    attempt = PaymentAttempt.objects.get(pk=attempt_id)
    outcome = gateway(attempt.gateway).find(attempt.reference, timeout=timeout)
    match outcome:
        case RemotePayment():
            return observe(attempt_id=attempt_id, remote=outcome)
        case Missing():
            return _found_nothing(attempt_id)
        case Refused() | Ambiguous() | Unavailable():
            return _ask_again(attempt_id)
        case _:
            assert_never(outcome)


@transaction.atomic
def _found_nothing(attempt_id: int) -> PaymentAttempt:
    _order, attempt = lock_order_and_attempt(attempt_id)
    now = timezone.now()
    if attempt.gateway_ref or not attempt.is_open:
        # Learnt meanwhile, or over: the schedule goes on.
        attempt.next_poll_at = next_poll(attempt, now=now)
    elif attempt.last_lookup_at is None or attempt.last_lookup_at + LOOKUPS_APART > now:
        attempt.last_lookup_at = attempt.last_lookup_at or now
        attempt.next_poll_at = attempt.last_lookup_at + LOOKUPS_APART + timedelta(seconds=1)
        if attempt.can_move_to(AttemptState.UNKNOWN):
            attempt.move_to(AttemptState.UNKNOWN)
    else:
        attempt.move_to(AttemptState.ABANDONED)
        attempt.next_poll_at = next_poll(attempt, now=now)
    attempt.lookups_empty = F("lookups_empty") + 1
    attempt.save(update_fields=["state", "last_lookup_at", "lookups_empty", "next_poll_at"])
    attempt.refresh_from_db()
    return attempt


def _back_off(attempt: PaymentAttempt) -> timedelta:
    return min(timedelta(seconds=5 * 2 ** min(attempt.polls, 8)), timedelta(minutes=10))


def _ask_again(attempt_id: int) -> PaymentAttempt:
    """The gateway gave no usable answer: nothing is concluded, and it is asked again soon."""
    attempt = PaymentAttempt.objects.get(pk=attempt_id)
    PaymentAttempt.objects.filter(pk=attempt_id).exclude(state=AttemptState.SUCCEEDED).update(
        next_poll_at=timezone.now() + _back_off(attempt)
    )
    attempt.refresh_from_db()
    return attempt


def nudge(order: Order) -> None:
    """The customer says to have paid: ask within seconds, however often the button is pressed."""
    soon = timezone.now() + NUDGE_WITHIN
    PaymentAttempt.objects.filter(
        order=order,
        state__in=[AttemptState.PENDING, AttemptState.UNKNOWN],
        next_poll_at__gt=soon,
    ).update(next_poll_at=soon)


def claim_due_polls(*, limit: int = 20) -> list[int]:
    """Attempts to ask about, each taken by one caller for the length of the lease."""
    due = DUE.claim(lease=LEASE, limit=limit)
    PaymentAttempt.objects.filter(pk__in=due).update(polls=F("polls") + 1)
    return due
