"""Webhooks: stored first, believed never. The gateway is asked before money moves."""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from payments.gateways.base import (
    Ambiguous,
    Claim,
    Missing,
    Refused,
    RemotePayment,
    RemoteRefund,
    Unavailable,
)
from payments.gateways.registry import gateway
from payments.inbox.changes import Change, changes_of, look_at_refunds, new_receipt
from payments.inbox.headers import kept_headers
from payments.inbox.refusing import keep_refused
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentException,
    RefusedWebhook,
    WebhookEvent,
)
from payments.polling import BACKGROUND_TIMEOUT, record_observed
from payments.receipts import book_receipt
from payments.refunds.sending import observe_refunds, paid_through
from shop.core.due import Due
from shop.core.kept import Kept
from shop.core.prepared import read_prepared
from shop.core.rows import inserted, update_row

log = logging.getLogger(__name__)
CHANNEL = "money"
# A repeat wakes nobody: only what is new does (its row was never changed, says `xmax`).
STORED_ONCE = f"""
ON CONFLICT (gateway, webhook_id) WHERE NOT (webhook_id = '') DO UPDATE
    SET repeats = payments_webhookevent.repeats + 1, last_repeat_at = STATEMENT_TIMESTAMP()
RETURNING id, CASE WHEN xmax = 0 THEN pg_notify('{CHANNEL}', '')::text END
"""  # noqa: S608 - a name of our own
LEASE = timedelta(seconds=60)
MAX_TRIES = 12
# While the gateway is away: the wait doubles, as it is as long as the event is old.
SOONEST, LATEST = timedelta(seconds=2), timedelta(minutes=1)
# A gateway may tell of a payment before its own look-up finds it.
FORGED_AFTER = timedelta(minutes=5)
NOT_THERE_YET = "the gateway knows nothing of it"
NO_MONEY_YET = "the gateway does not show the money yet"
# From its arrival; an event may come before the row that it is about, and a bank's days later.
LOOK_AGAIN_AFTER = [
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(hours=48),
]
Answer = RemotePayment | list[RemoteRefund] | Missing | Refused | Ambiguous | Unavailable | None
State = WebhookEvent.State
DUE = Due(WebhookEvent.objects.all, "next_try_at")


class NotAuthentic(Exception):
    """The webhook carries none of our secrets."""


class OfAnotherBusiness(Exception):
    """The webhook bears our secret and is about another merchant's account."""


def store_webhook(*, gateway_code: str, headers: Mapping[str, str], body: bytes) -> int:
    """Keep what arrived and wake the money loop; returns its key. One statement.

    The same event again is the same row. Raises NotAuthentic and OfAnotherBusiness; it is kept all
    the same, and processed never.
    """
    api = gateway(gateway_code)
    secret = api.secret_of(headers, body)
    kept = kept_headers(headers, secret)
    if not secret.is_ours:
        reason = RefusedWebhook.Reason(secret)
        keep_refused(
            gateway_code=gateway_code, reason=reason, headers=kept, body=body, size=len(body)
        )
        raise NotAuthentic
    hint = api.read_webhook(headers, body)
    is_for_us = hint is None or hint.is_for_us
    event = WebhookEvent(
        gateway=gateway_code,
        webhook_id=hint.webhook_id if hint else "",
        event=hint.event if hint else "",
        reference=hint.reference if hint else "",
        gateway_ref=hint.gateway_ref if hint else "",
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        headers=kept,
        secret=secret,
        state=State.RECEIVED if is_for_us else State.REJECTED,
        next_try_at=timezone.now() if is_for_us else None,
    )
    if not is_for_us:
        _reject(event)
        raise OfAnotherBusiness
    return _insert(event)


def _insert(event: WebhookEvent) -> int:
    insert = inserted([event], end=STORED_ONCE)
    [(event.pk, _woken)] = read_prepared(insert.text, insert.values)
    return event.pk


@transaction.atomic
def _reject(event: WebhookEvent) -> None:
    """Live events that reach the test shop, or the other way round: somebody must see to that."""
    _insert(event)
    _tell(event, PaymentException.Kind.WEBHOOK)
    log.error("webhook_of_another_business", extra={"gateway": event.gateway, "event_id": event.pk})


def claim_due_webhooks(*, limit: int = 20) -> list[int]:
    return DUE.claim(lease=LEASE, limit=limit)


_EVENT = Kept(lambda *, pk: WebhookEvent.objects.filter(pk=pk), pk=-1)
_ATTEMPT = Kept(
    lambda *, gateway, reference: PaymentAttempt.objects.filter(
        gateway=gateway, reference=reference
    ),
    gateway="a gateway",
    reference="a reference",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an event is about, and what the gateway answered: None where nobody was to be asked."""

    claim: Claim
    attempt: PaymentAttempt | None = None
    answer: Answer = None


def process_webhook(*, event_id: int) -> WebhookEvent:
    """Ask the gateway about what an event points at, and record the answer. Safe to repeat."""
    [event] = _EVENT.fetch(pk=event_id)
    return record(event, ask(event))


def ask(event: WebhookEvent) -> Asked:
    """Writes nothing. Not inside a transaction: it waits for the gateway."""
    claim = gateway(event.gateway).claim_of(event.event)
    match claim:
        case Claim.NOTHING:
            return Asked(claim)
        case Claim.REFUND:
            return _ask_about_refunds(event)
        case _:
            return _ask_about_payment(event, claim)


def _ask_about_payment(event: WebhookEvent, claim: Claim) -> Asked:
    attempt: PaymentAttempt | None = _ATTEMPT.first(
        gateway=event.gateway, reference=event.reference
    )
    # What it points at, which may be a second payment under the same reference.
    gateway_ref = event.gateway_ref or (attempt.gateway_ref if attempt else "")
    if not gateway_ref:
        return Asked(claim)
    answer = gateway(event.gateway).fetch(gateway_ref, timeout=BACKGROUND_TIMEOUT)
    return Asked(claim, attempt, answer)


def _ask_about_refunds(event: WebhookEvent) -> Asked:
    """What was paid is known by the gateway's id; the reference may be the refund's own."""
    if not event.gateway_ref:
        return Asked(Claim.REFUND)
    named = PaymentAttempt.objects.filter(gateway=event.gateway, reference=event.reference).first()
    attempt = named or paid_through(event.gateway, event.gateway_ref)
    if not isinstance(attempt, PaymentAttempt):
        return Asked(Claim.REFUND, answer=attempt)
    listed = gateway(event.gateway).find_refunds(event.gateway_ref, timeout=BACKGROUND_TIMEOUT)
    return Asked(Claim.REFUND, attempt, listed)


def record(event: WebhookEvent, asked: Asked) -> WebhookEvent:
    """What the gateway answered about an event, and what becomes of the event."""
    match asked.answer:
        case None if asked.claim is Claim.NOTHING:
            return _end(event, State.IGNORED)
        case None:
            return _unmatched(event)
        case list() if asked.attempt is not None:
            return _record_refunds(event, asked.attempt, asked.answer)
        case RemotePayment():
            return _record_payment(event, asked, asked.answer)
        case Missing() if asked.claim is not Claim.REFUND:
            is_new = event.received_at + FORGED_AFTER > timezone.now()
            return _retry(event, NOT_THERE_YET) if is_new else _forged(event)
        case Unavailable():
            return _put_off(event, asked.answer.cause)
        case _:
            return _retry(event, type(asked.answer).__name__)


def _record_payment(event: WebhookEvent, asked: Asked, remote: RemotePayment) -> WebhookEvent:
    if remote.reference != event.reference:
        return _forged(event)
    if asked.attempt is None:
        if asked.claim is Claim.MONEY and not remote.captures:
            return _retry(event, NO_MONEY_YET)
        return _without_attempt(event, remote)
    observed = record_observed(attempt_id=asked.attempt.pk, remote=remote)
    _note(event, changes_of(observed))
    if asked.claim is Claim.MONEY and observed.attempt.state != AttemptState.SUCCEEDED:
        return _retry(event, NO_MONEY_YET)
    return _end(event, State.PROCESSED)


def _without_attempt(event: WebhookEvent, remote: RemotePayment) -> WebhookEvent:
    """Real money under a reference we never gave out is booked, and somebody must own it."""
    for capture in remote.captures:
        receipt = book_receipt(gateway=event.gateway, reference=remote.reference, capture=capture)
        _note(event, [new_receipt(receipt)] if receipt.is_new else [])
    return _end(event, State.UNMATCHED)


def _record_refunds(
    event: WebhookEvent, attempt: PaymentAttempt, listed: list[RemoteRefund]
) -> WebhookEvent:
    before = look_at_refunds(attempt)
    observe_refunds(attempt=attempt, listed=listed)
    _note(event, before.until(look_at_refunds(attempt)))
    return _end(event, State.PROCESSED)


def _note(event: WebhookEvent, changes: Iterable[Change]) -> None:
    """What it changed; of an event that is looked at again, what each look did."""
    event.changed = [*event.changed, *(change.to_json() for change in changes)]


def _forged(event: WebhookEvent) -> WebhookEvent:
    with transaction.atomic():
        _tell(event, PaymentException.Kind.FORGED)
        return _end(event, State.DEAD)


def _end(event: WebhookEvent, state: WebhookEvent.State) -> WebhookEvent:
    was_told = event.replays > 0 or event.state in (State.UNMATCHED, State.RETRY)
    event.state = state
    event.next_try_at = None
    event.ended_at = timezone.now()
    event.tries += 1
    update_row(event, "state", "next_try_at", "ended_at", "tries", "changed")
    if was_told and state == State.PROCESSED:
        told = PaymentException.objects.filter(key=key_of(event), resolved_at=None)
        told.update(resolved_at=timezone.now(), resolution="matched later")
    return event


@transaction.atomic
def _unmatched(event: WebhookEvent) -> WebhookEvent:
    """Somebody is told, and it is looked at again: what it is about may not be written down yet."""
    event.tries += 1
    event.state = State.UNMATCHED
    now = timezone.now()
    times = (event.received_at + wait for wait in LOOK_AGAIN_AFTER)
    event.next_try_at = next((time for time in times if time > now), None)
    event.ended_at = now if event.next_try_at is None else None
    event.save(update_fields=["state", "tries", "next_try_at", "ended_at"])
    _tell(event, PaymentException.Kind.WEBHOOK)
    return event


@transaction.atomic
def _retry(event: WebhookEvent, error: str) -> WebhookEvent:
    event.tries += 1
    event.last_error = error
    given_up = event.tries >= MAX_TRIES
    event.state = State.DEAD if given_up else State.RETRY
    wait = timedelta(seconds=min(2**event.tries, 600))
    now = timezone.now()
    event.next_try_at = None if given_up else now + wait
    event.ended_at = now if given_up else None
    event.save(update_fields=["state", "tries", "last_error", "next_try_at", "ended_at", "changed"])
    if given_up:
        _tell(event, PaymentException.Kind.WEBHOOK)
    return event


def _put_off(event: WebhookEvent, error: str) -> WebhookEvent:
    """The gateway was not asked, so this is no try: it is, soon after it is back."""
    now = timezone.now()
    event.last_error = error
    event.state = State.RETRY
    event.next_try_at = now + min(max(now - event.received_at, SOONEST), LATEST)
    event.save(update_fields=["state", "last_error", "next_try_at"])
    return event


def _tell(event: WebhookEvent, kind: PaymentException.Kind) -> None:
    """One exception for each event, however often it is looked at."""
    PaymentException.objects.get_or_create(
        key=key_of(event),
        defaults={"kind": kind, "note": f"webhook event {event.pk}: {event.event}"[:300]},
    )


def key_of(event: WebhookEvent) -> str:
    """The key of the exception that tells of it."""
    return f"webhook:{event.pk}"
