"""The outbox: work for later that neither a crash nor a lost broker can lose.

`add` writes a row in the caller's transaction. `relay` hands the ids of due rows to Celery;
`deliver` runs in the worker. Delivery is at least once: a handler may run twice only when its
process dies, or loses the database, after the effect and before the row is marked done.
"""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Now

from shop.core.due import Asked, Due, claim_due
from shop.core.logs import redact_text
from shop.core.models import OutboxMessage
from shop.core.prepared import read_prepared
from shop.core.rows import Part, inserted, write_together

log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], None]
CHANNEL = "outbox"
# Some forty hours with the back-off below: longer than any mail provider's bad night.
MAX_ATTEMPTS = 20
MAX_DELAY = timedelta(hours=4)
_handlers: dict[str, Handler] = {}
AT_ONCE = 100
# Work of seconds goes to the broker in small numbers, in a queue of its own: a thousand pictures
# neither keep a mail waiting nor are published again and again while they wait for their turn.
QUICK_QUEUE = "celery"
SLOW_QUEUE = "slow"
SLOW_AT_A_TIME = 20
SLOW_OF_EACH = 5
_slow_topics: set[str] = set()


def register(topic: str, handler: Handler, *, is_slow: bool = False) -> None:
    """Name the function that does the work of a topic; called from `AppConfig.ready`.

    `is_slow`: it takes seconds and nobody waits for it.
    """
    if _handlers.setdefault(topic, handler) is not handler:
        raise ValueError(f"two handlers for {topic}")
    if is_slow:
        _slow_topics.add(topic)


def add(topic: str, *, key: str, **payload: object) -> None:
    """Ask for work once the surrounding transaction commits. The same key again is no new work."""
    add_later(topic, timedelta(0), key=key, **payload)


def add_later(topic: str, delay: timedelta, /, *, key: str, **payload: object) -> None:
    """The same, due only after the delay."""
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.add belongs inside the transaction of the change it reports")
    write_together(adding(topic, delay, key=key, **payload))


def adding(topic: str, delay: timedelta = timedelta(0), /, *, key: str, **payload: object) -> Part:
    """`add`, for a caller who writes it with other rows in one statement.

    The relay is woken once all of it commits, if it was new and is due by then.
    """
    message = draft_later(topic, delay, key=key, **payload)
    wake = "" if delay else f"RETURNING pg_notify('{CHANNEL}', '')"
    return inserted([message], end=f"ON CONFLICT DO NOTHING {wake}")


def draft_later(topic: str, delay: timedelta, /, *, key: str, **payload: object) -> OutboxMessage:
    """The row itself, for a caller who writes it with others in one statement (a new key only)."""
    return OutboxMessage(topic=topic, key=key, payload=payload, available_at=Now() + Value(delay))


def withdrawing(*keys: str) -> Part:
    """Nobody needs this work any more; what a worker has begun goes on."""
    return Part(
        "UPDATE core_outboxmessage SET done_at = STATEMENT_TIMESTAMP()"
        " WHERE key = ANY(%s) AND done_at IS NULL AND failed_at IS NULL"
        " AND claimed_at IS NULL",
        [list(keys)],
    )


@cache
def _due(slow: frozenset[str]) -> tuple[Due, Due]:
    """What is due of quick topics, and of the slow ones, which are given."""
    return (
        Due(lambda: _waiting().exclude(topic__in=slow), "available_at"),
        Due(lambda: _waiting().filter(topic__in=slow), "available_at"),
    )


@cache
def _asked(slow: frozenset[str]) -> Asked:
    return Asked(*(due.rows for due in _due(slow)))


def what_is_due() -> Sequence[bool]:
    """Whether anything is due of quick topics, and of slow ones. One statement."""
    return _asked(frozenset(_slow_topics)).answers()


def claim_for_publishing(*, limit: int = AT_ONCE) -> list[int]:
    """Due rows, pushed forward by the lease so that no other relay publishes them too.

    Those of slow topics are not among them.
    """
    quick, _slow = _due(frozenset(_slow_topics))
    return quick.claim(lease=settings.OUTBOX_LEASE, limit=limit)


def claim_slow_for_publishing() -> list[int]:
    """The same of slow topics, as many as may join those that are with the broker or a worker.

    Each topic has some places of its own: an import does not wait for ten thousand pictures.
    """
    leased = _leased_slow()
    claimed: list[int] = []
    for topic, number in leased.items():
        free = SLOW_AT_A_TIME - sum(leased.values())
        limit = max(free, SLOW_OF_EACH - number, 0)
        waiting = _waiting().filter(topic=topic)
        due = claim_due(waiting, "available_at", lease=settings.OUTBOX_LEASE, limit=limit)
        leased[topic] += len(due)
        claimed += due
    return claimed


def _leased_slow() -> dict[str, int]:
    """Slow topic → how many of it are with the broker or a worker."""
    leased = _waiting().filter(
        topic__in=_slow_topics,
        available_at__gt=Now(),
        available_at__lte=Now() + Value(settings.OUTBOX_LEASE),
    )
    counts = leased.values_list("topic").annotate(number=Count("pk")).order_by()
    return dict.fromkeys(sorted(_slow_topics), 0) | dict(counts)


def _waiting() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(done_at=None, failed_at=None)


def publish_later(message_ids: list[int]) -> None:
    """Give unpublished rows back: the broker did not take them."""
    OutboxMessage.objects.filter(pk__in=message_ids, done_at=None, claimed_at=None).update(
        available_at=Now()
    )


TAKE = """
UPDATE core_outboxmessage SET claimed_at = STATEMENT_TIMESTAMP(), attempts = attempts + 1,
    available_at = STATEMENT_TIMESTAMP() + %(lease)s::interval
WHERE id = %(pk)s AND done_at IS NULL AND failed_at IS NULL AND attempts < %(most)s
    AND (claimed_at IS NULL OR claimed_at + %(lease)s::interval <= STATEMENT_TIMESTAMP())
RETURNING topic, key, payload, attempts
"""


def deliver(message_id: int) -> bool:
    """Do one piece of work. Returns whether this call did it; safe to call again at any time."""
    message = _claim(message_id)
    if message is None:
        return False
    try:
        _handlers[message.topic](message.payload)
    except Exception as error:
        _postpone(message, error)
        raise
    write_together(
        Part(
            "UPDATE core_outboxmessage SET done_at = STATEMENT_TIMESTAMP(), last_error = ''"
            " WHERE id = %s",
            [message.pk],
        )
    )
    return True


def _claim(message_id: int) -> OutboxMessage | None:
    """Take the row for one lease, unless it is done or another worker holds it. One statement."""
    values = {"pk": message_id, "lease": settings.OUTBOX_LEASE, "most": MAX_ATTEMPTS}
    for topic, key, payload, attempts in read_prepared(TAKE, values):
        # Django has psycopg leave JSON as it is written.
        work = json.loads(payload)
        return OutboxMessage(pk=message_id, topic=topic, key=key, payload=work, attempts=attempts)
    _give_up(message_id)
    return None


def _give_up(message_id: int) -> None:
    """Every worker that took it died at it: an error would have ended it in `_postpone`."""
    lost = _waiting().filter(
        Q(claimed_at=None) | Q(claimed_at__lte=Now() - settings.OUTBOX_LEASE),
        pk=message_id,
        attempts__gte=MAX_ATTEMPTS,
    )
    error = "no worker came back from it"
    if lost.update(claimed_at=None, failed_at=Now(), last_error=error):
        message = OutboxMessage.objects.get(pk=message_id)
        log.error("outbox_worker_lost", extra={"key": message.key, "attempts": message.attempts})


def _postpone(message: OutboxMessage, error: Exception) -> None:
    """Release the claim with a back-off; after the last attempt the row waits for a person."""
    delay = min(timedelta(seconds=5 * 2 ** min(message.attempts, 12)), MAX_DELAY)
    given_up = message.attempts >= MAX_ATTEMPTS
    OutboxMessage.objects.filter(pk=message.pk).update(
        claimed_at=None,
        available_at=Now() + delay,
        failed_at=Now() if given_up else F("failed_at"),
        last_error=redact_text(f"{type(error).__name__}: {error}")[:300],
    )
    log.warning("outbox_delivery_failed", extra={"key": message.key, "attempts": message.attempts})
