"""What webhooks said is kept for as long as somebody may have to look at it."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from payments.models import RefusedHour, RefusedWebhook, WebhookEvent

BATCH = 1000
State = WebhookEvent.State
# An event that is looked at again has not ended, whatever it is called.
ENDED = (State.PROCESSED, State.IGNORED, State.UNMATCHED, State.DEAD, State.REJECTED)


def forget_bodies() -> int:
    """Empty bodies and headers of events that ended long ago; ids, hashes and outcomes stay.

    In batches, each a transaction of its own. Returns how many.
    """
    old = WebhookEvent.objects.filter(
        redacted_at=None,
        received_at__lt=Now() - timedelta(days=settings.WEBHOOK_BODY_DAYS),
        state__in=ENDED,
        next_try_at=None,
    ).order_by("received_at")
    emptied = 0
    while found := list(old.values_list("pk", flat=True)[:BATCH]):
        # Asked again: somebody may have put one back meanwhile.
        batch = old.order_by().filter(pk__in=found)
        emptied += batch.update(body=b"", headers={}, redacted_at=Now())
        if len(found) < BATCH:
            break
    return emptied


def forget_refused() -> int:
    """Strangers' webhooks of long ago, and their numbers. Returns how many webhooks."""
    before = Now() - timedelta(days=settings.WEBHOOK_REFUSED["days"])
    RefusedHour.objects.filter(began_at__lt=before).delete()
    deleted, _per_model = RefusedWebhook.objects.filter(received_at__lt=before).delete()
    return deleted
