"""The same request again: the same answer, and nothing done twice."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request

from orders.models import Order
from payments.checkout import Placed
from payments.models import AttemptState, PaymentAttempt
from payments.pay_page import show_payment
from shop.api.bearer import customer_id_of
from shop.api.errors import IdempotencyKeyInvalid, IdempotencyKeyMissing
from shop.core import idempotency
from shop.core.errors import DomainError
from shop.core.idempotency import RequestKey, StillWorking, hash_request
from shop.core.models import IdempotencyRecord

PATIENCE = 2.0
PAUSE = 0.1
# After that the process that began is taken to be dead: a web request is over long before.
TAKEN_OVER_AFTER = timedelta(seconds=30)
# What is new belongs to nobody yet, so its key alone has to tell one client from all others.
SHORTEST_KEY_OF_NOBODY = 16
VISIBLE_ASCII = re.compile(r"[!-~]{1,255}")


def required_key_of(request: Request, *, scope: str) -> RequestKey:
    """Raises IdempotencyKeyMissing, IdempotencyKeyInvalid."""
    key = key_of(request, scope=scope)
    if key is None:
        raise IdempotencyKeyMissing
    return key


def key_of(request: Request, *, scope: str, shortest: int = 1) -> RequestKey | None:
    """The request's key, if it has one; nobody meets another's. Raises IdempotencyKeyInvalid."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return None
    if not VISIBLE_ASCII.fullmatch(key) or len(key) < shortest:
        raise IdempotencyKeyInvalid(shortest=shortest)
    customer_id = customer_id_of(request)
    own = scope if customer_id is None else f"{scope}:of:{customer_id}"
    return RequestKey(scope=own, key=key, request_hash=hash_request(request.data))


def token_once(key: RequestKey | None, make: Callable[[], UUID]) -> dict[str, object]:
    """The token of something new, or of what this key made before."""
    if key is None:
        return {"token": str(make())}
    with transaction.atomic():
        record, is_new = idempotency.claim(key)
        if is_new:
            answer: dict[str, object] = {"token": str(make())}
            idempotency.finish(record.pk, status=201, response=answer)
            return answer
    stored: dict[str, object] = dict(record.response or {})
    return stored


def placed_once(placed: Placed, answer: Callable[[Order, PaymentAttempt | None], object]) -> object:
    """The first complete answer about an order, kept for every repeat. Raises StillWorking."""
    if not placed.is_new:
        kept = IdempotencyRecord.objects.get(pk=placed.record_id).response
        if kept is not None:
            return kept
    attempt = settled_attempt(placed.order)
    response = answer(placed.order, attempt)
    _status, stored = idempotency.finish(placed.record_id, status=201, response=response)
    # Also the first time what was stored is sent: so every repeat is the same to the byte.
    return stored


def paid_once(key: RequestKey, pay: Callable[[], object]) -> object:
    """What `pay` answered the first time; a refusal leaves the key as if never used.

    Raises KeyReused, StillWorking and what `pay` raises.
    """
    with transaction.atomic():
        record, is_new = idempotency.claim(key)
    if not is_new:
        record = _waited_for(record)
        if record.response is not None:
            return record.response
    try:
        answer = pay()
    except DomainError:
        IdempotencyRecord.objects.filter(pk=record.pk, response_status=None).delete()
        raise
    return idempotency.finish(record.pk, status=201, response=answer)[1]


def settled_attempt(order: Order) -> PaymentAttempt | None:
    """The order's payment once its request to the gateway is over. Raises StillWorking."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        attempt = show_payment(order).attempt
        if attempt is None or attempt.state not in (AttemptState.NEW, AttemptState.SUBMITTING):
            return attempt
        if time.monotonic() >= give_up_at:
            raise StillWorking
        time.sleep(PAUSE)


def _waited_for(record: IdempotencyRecord) -> IdempotencyRecord:
    """The record with its answer, or without one if whoever was to give it must have died."""
    give_up_at = time.monotonic() + PATIENCE
    while record.response is None and record.created_at + TAKEN_OVER_AFTER > timezone.now():
        if time.monotonic() >= give_up_at:
            raise StillWorking
        time.sleep(PAUSE)
        # Gone when the first was refused; then this one gets its own answer the next time.
        found = IdempotencyRecord.objects.filter(pk=record.pk).first()
        if found is None:
            raise StillWorking
        record = found
    return record
