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


def relay_once() -> int:
    """Publish what is due; returns how many. Raises what the broker does, having given back."""
    quick, slow = outbox.what_is_due()
    published = 0
    if quick:
        published += _publish(outbox.claim_for_publishing(), queue=outbox.QUICK_QUEUE)
    if slow:
        published += _publish(outbox.claim_slow_for_publishing(), queue=outbox.SLOW_QUEUE)
    return published


def _publish(due: list[int], *, queue: str) -> int:
    for position, message_id in enumerate(due):
        try:
            deliver.apply_async(args=(message_id,), retry=False, queue=queue)
        except (KombuError, RedisError, OSError):
            outbox.publish_later(due[position:])
            raise
    return len(due)


def relay_forever(stop: threading.Event) -> None:
    listener = Listener(outbox.CHANNEL)
    while not stop.is_set():
        try:
            # What came meanwhile has been notified, and ends the wait at once.
            if relay_once() < outbox.AT_ONCE:
                listener.wait(seconds=2.0)
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
