"""The Celery tasks of the frame: deliver, beat, prune."""

import time
from datetime import timedelta

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import close_old_connections
from django.db.models.functions import Now
from django.utils import timezone

from shop.core import idempotency, outbox, throttle
from shop.core.models import Heartbeat, OutboxMessage

KEEP_DONE = timedelta(days=14)
# Of several pieces of work that came together; far below the time limit of a task.
LONGEST = timedelta(seconds=40)


@shared_task(name="core.deliver")
def deliver(*message_ids: int) -> None:
    """Each by itself: one that fails is noted in its row, and raised once the others are done.

    What cannot be begun in time is given back.
    """
    failure: Exception | None = None
    stop_at = time.monotonic() + LONGEST.total_seconds()
    for position, message_id in enumerate(message_ids):
        if time.monotonic() >= stop_at:
            outbox.publish_later(list(message_ids[position:]))
            break
        try:
            outbox.deliver(message_id)
        except SoftTimeLimitExceeded:
            # The relay hands out again what was not begun.
            raise
        except Exception as error:  # noqa: BLE001 - raised below
            failure = error
            # The next one gets another, if it was the connection.
            close_old_connections()
    if failure is not None:
        raise failure


@shared_task(name="core.heartbeat")
def heartbeat() -> None:
    """Beat → broker → worker → database: stale means that one of them is deaf."""
    Heartbeat.objects.update_or_create(name="celery", defaults={"beat_at": timezone.now()})


@shared_task(name="core.prune")
def prune() -> None:
    idempotency.prune()
    throttle.prune()
    OutboxMessage.objects.filter(done_at__lt=Now() - KEEP_DONE).delete()
