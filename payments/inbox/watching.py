"""Webhooks that somebody has to look into: events that stay, and strangers who knock too often."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from payments.models import RefusedHour, WebhookEvent
from shop.core.models import Heartbeat

log = logging.getLogger(__name__)
HEARTBEAT = "webhooks"
State = WebhookEvent.State


def overdue_events() -> QuerySet[WebhookEvent]:
    """Events that nobody is done with, too long after they came."""
    # Those that are due are an index of their own, however long the table.
    return WebhookEvent.objects.filter(
        next_try_at__isnull=False,
        state__in=[State.RECEIVED, State.RETRY],
        received_at__lt=Now() - timedelta(minutes=settings.WEBHOOK_ALARM_MINUTES),
    )


def refused_lately() -> QuerySet[RefusedHour]:
    """Hours, this one and the one before, in which strangers came too often."""
    return RefusedHour.objects.filter(
        began_at__gt=Now() - timedelta(hours=2),
        number__gte=settings.WEBHOOK_REFUSED["alarm"],
    )


def watch_webhooks() -> None:
    """Say in the log what is wrong. The heartbeat `webhooks` tells when no event was overdue."""
    found = overdue_events().aggregate(number=Count("pk"), oldest=Min("received_at"))
    if found["number"]:
        log.error(
            "webhooks_overdue",
            extra={"number": found["number"], "oldest": found["oldest"].isoformat()},
        )
    else:
        Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"beat_at": timezone.now()})
    for hour in refused_lately():
        log.error("webhooks_refused", extra={"gateway": hour.gateway, "number": hour.number})
