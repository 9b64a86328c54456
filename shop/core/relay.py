"""Hands due outbox rows to Celery. A broker that is away costs a pause and loses nothing."""

import logging
import threading

from django.db import connection
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from shop.core import outbox
from shop.core.listening import Listener
from shop.core.tasks import deliver

log = logging.getLogger(__name__)
BROKER_PAUSE_SECONDS = 3.0
# What is asked for within this time travels together: that costs broker and worker a fraction.
GATHER_SECONDS = 0.2
TOGETHER = 10


def relay_once() -> int:
    """Publish what is due; returns how many. Raises what the broker does, having given back."""
    quick, slow = outbox.what_is_due()
    published = 0
    if quick:
        due = outbox.claim_for_publishing()
        published += _publish(due, queue=outbox.QUICK_QUEUE, together=TOGETHER)
    if slow:
        due = outbox.claim_slow_for_publishing()
        published += _publish(due, queue=outbox.SLOW_QUEUE, together=1)
    return published


def _publish(due: list[int], *, queue: str, together: int) -> int:
    for position in range(0, len(due), together):
        try:
            deliver.apply_async(
                args=tuple(due[position : position + together]), retry=False, queue=queue
            )
        except (KombuError, RedisError, OSError):
            outbox.publish_later(due[position:])
            raise
    return len(due)


def relay_forever(stop: threading.Event) -> None:
    listener = Listener(outbox.CHANNEL)
    while not stop.is_set():
        try:
            # What came meanwhile has been notified, and ends the wait at once.
            if relay_once() < outbox.AT_ONCE and listener.wait(seconds=2.0):
                stop.wait(GATHER_SECONDS)
        except (KombuError, RedisError, OSError) as error:
            log.warning("broker_away", extra={"error": type(error).__name__})
            stop.wait(BROKER_PAUSE_SECONDS)
        except Exception:
            log.exception("relay_failed")
            connection.close()
            listener.close()
            stop.wait(1.0)
    listener.close()
    connection.close()
