"""Webhooks: stored first, believed never. The gateway is asked before money moves."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from payments.gateways.base import Claim, Missing, RemotePayment
from payments.gateways.registry import gateway
from payments.inbox.headers import kept_headers
from payments.inbox.refusing import keep_refused
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentException,
    RefusedWebhook,
    WebhookEvent,
)
from payments.polling import BACKGROUND_TIMEOUT, observe
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


def process_webhook(*, event_id: int) -> WebhookEvent:
    """Ask the gateway about what an event points at, and record the answer. Safe to repeat."""
    [event] = _EVENT.fetch(pk=event_id)
    claim = gateway(event.gateway).claim_of(event.event)
    match claim:
        case Claim.NOTHING:
            return _end(event, State.IGNORED)
        case Claim.REFUND:
            return _about_refund(event)
        case _:
            return _about_payment(event, claim)


def _about_payment(event: WebhookEvent, claim: Claim) -> WebhookEvent:
    attempt: PaymentAttempt | None = _ATTEMPT.first(
        gateway=event.gateway, reference=event.reference
    )
    # What it points at, which may be a second payment under the same reference.
    gateway_ref = event.gateway_ref or (attempt.gateway_ref if attempt else "")
    if not gateway_ref:
        return _unmatched(event)
    remote = gateway(event.gateway).fetch(gateway_ref, timeout=BACKGROUND_TIMEOUT)
    if isinstance(remote, Missing):
        is_new = event.received_at + FORGED_AFTER > timezone.now()
        return _retry(event, NOT_THERE_YET) if is_new else _forged(event)
    if not isinstance(remote, RemotePayment):
        return _retry(event, type(remote).__name__)
    if remote.reference != event.reference:
        return _forged(event)
    if attempt is None:
        if claim is Claim.MONEY and not remote.captures:
            return _retry(event, NO_MONEY_YET)
        return _without_attempt(event, remote)
    attempt = observe(attempt_id=attempt.pk, remote=remote)
    if claim is Claim.MONEY and attempt.state != AttemptState.SUCCEEDED:
        return _retry(event, NO_MONEY_YET)
    return _end(event, State.PROCESSED)


def _about_refund(event: WebhookEvent) -> WebhookEvent:
    """What was paid is known by the gateway's id; the reference may be the refund's own."""
    if not event.gateway_ref:
        return _unmatched(event)
    named = PaymentAttempt.objects.filter(gateway=event.gateway, reference=event.reference).first()
    attempt = named or paid_through(event.gateway, event.gateway_ref)
    if attempt is None:
        return _unmatched(event)
    if not isinstance(attempt, PaymentAttempt):
        return _retry(event, type(attempt).__name__)
    listed = gateway(event.gateway).find_refunds(event.gateway_ref, timeout=BACKGROUND_TIMEOUT)
    if not isinstance(listed, list):
        return _retry(event, type(listed).__name__)
    observe_refunds(attempt=attempt, listed=listed)
    return _end(event, State.PROCESSED)


def _without_attempt(event: WebhookEvent, remote: RemotePayment) -> WebhookEvent:
    """Real money under a reference we never gave out is booked, and somebody must own it."""
    for capture in remote.captures:
        book_receipt(gateway=event.gateway, reference=remote.reference, capture=capture)
    return _end(event, State.UNMATCHED)


def _forged(event: WebhookEvent) -> WebhookEvent:
    with transaction.atomic():
        _tell(event, PaymentException.Kind.FORGED)
        return _end(event, State.DEAD)


def _end(event: WebhookEvent, state: WebhookEvent.State) -> WebhookEvent:
    was_told = event.state in (State.UNMATCHED, State.RETRY)
    event.state = state
    event.next_try_at = None
    event.tries += 1
    update_row(event, "state", "next_try_at", "tries")
    if was_told and state == State.PROCESSED:
        told = PaymentException.objects.filter(key=_key(event), resolved_at=None)
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
    event.save(update_fields=["state", "tries", "next_try_at"])
    _tell(event, PaymentException.Kind.WEBHOOK)
    return event


@transaction.atomic
def _retry(event: WebhookEvent, error: str) -> WebhookEvent:
    event.tries += 1
    event.last_error = error
    given_up = event.tries >= MAX_TRIES
    event.state = State.DEAD if given_up else State.RETRY
    wait = timedelta(seconds=min(2**event.tries, 600))
    event.next_try_at = None if given_up else timezone.now() + wait
    event.save(update_fields=["state", "tries", "last_error", "next_try_at"])
    if given_up:
        _tell(event, PaymentException.Kind.WEBHOOK)
    return event


def _tell(event: WebhookEvent, kind: PaymentException.Kind) -> None:
    """One exception for each event, however often it is looked at."""
    PaymentException.objects.get_or_create(
        key=_key(event),
        defaults={"kind": kind, "note": f"webhook event {event.pk}: {event.event}"[:300]},
    )


def _key(event: WebhookEvent) -> str:
    return f"webhook:{event.pk}"
