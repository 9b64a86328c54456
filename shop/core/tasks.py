"""The Celery tasks of the frame: deliver, beat, prune."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now
from django.utils import timezone

from shop.core import idempotency, outbox
from shop.core.models import Heartbeat, OutboxMessage

KEEP_DONE = timedelta(days=14)


@shared_task(name="core.deliver")
def deliver(message_id: int) -> None:
    outbox.deliver(message_id)


@shared_task(name="core.heartbeat")
def heartbeat() -> None:
    """Beat → broker → worker → database: stale means that one of them is deaf."""
    Heartbeat.objects.update_or_create(name="celery", defaults={"beat_at": timezone.now()})


@shared_task(name="core.prune")
def prune() -> None:
    idempotency.prune()
    OutboxMessage.objects.filter(done_at__lt=Now() - KEEP_DONE).delete()
