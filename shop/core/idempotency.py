"""Idempotency: the same request again gives the same answer and does nothing twice.

`claim` runs inside the transaction that makes the change. A concurrent request with the same key
waits there on the unique index until the first commits or rolls back (at most `lock_timeout`).
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.core.errors import DomainError
from shop.core.models import IdempotencyRecord
from shop.core.models.idempotency import LIFETIME


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    message = _("This form was already sent with other contents. Reload the page and try again.")


class StillWorking(DomainError):
    code = "still_working"
    status = 409
    message = _("Your first request is still being worked on. Please wait a moment.")
    retry_after = 1


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The identity of one unsafe request.

    `scope` names the endpoint and whom it speaks for, so that nobody can replay another's answer.
    """

    scope: str
    key: str
    request_hash: str


def hash_request(body: object) -> str:
    """A fingerprint of the parsed body; the order of keys does not matter."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def claim(request: RequestKey, *, resource: str = "") -> tuple[IdempotencyRecord, bool]:
    """The record of this key, and whether this call is the first to use it.

    `resource` names what the first call is about to make. Raises KeyReused for another body under
    the same key, StillWorking when the first request holds the key for longer than the lock
    timeout.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the key commits with the change it guards: claim inside a transaction")
    try:
        with connection.cursor() as cursor:
            # Waits for a concurrent transaction that inserted the same key.
            cursor.execute(
                "INSERT INTO core_idempotencyrecord (scope, key, request_hash, resource)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (scope, key) DO NOTHING"
                " RETURNING id",
                [request.scope, request.key, request.request_hash, resource],
            )
            row = cursor.fetchone()
    except OperationalError as error:
        raise StillWorking from error
    if row is not None:
        return IdempotencyRecord(
            pk=row[0],
            scope=request.scope,
            key=request.key,
            request_hash=request.request_hash,
            resource=resource,
        ), True
    record = IdempotencyRecord.objects.filter(scope=request.scope, key=request.key).first()
    if record is None:
        # The first request was refused at this moment and has given the key back.
        raise StillWorking
    if record.request_hash != request.request_hash:
        raise KeyReused
    return record, False


def finish(record_id: int, *, status: int, response: object) -> tuple[int, object]:
    """Store the first complete answer; returns the stored one, which every repeat gets."""
    with connection.cursor() as cursor:
        # Of the row as it is afterwards, so every answer is the same to the byte.
        cursor.execute(
            "UPDATE core_idempotencyrecord SET response_status = %s, response = %s"
            " WHERE id = %s AND response_status IS NULL RETURNING response_status, response",
            [status, json.dumps(response), record_id],
        )
        row = cursor.fetchone()
    if row is not None:
        return row[0], json.loads(row[1])
    stored = IdempotencyRecord.objects.get(pk=record_id)
    return stored.response_status or status, stored.response


def prune(*, older_than: timedelta = LIFETIME) -> int:
    """Forget keys whose repeats can no longer come. Returns how many."""
    deleted, _per_model = IdempotencyRecord.objects.filter(
        created_at__lt=timezone.now() - older_than
    ).delete()
    return deleted
