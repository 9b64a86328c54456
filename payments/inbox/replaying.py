"""A webhook that is looked at again because somebody says so."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext

from payments.models import WebhookEvent
from payments.webhooks import CHANNEL
from shop.core.due import notify


@transaction.atomic
def replay_webhook(*, event_id: int, seen: int, user_id: int) -> bool:
    """Put an event back as if it had just come; the money loop does the rest.

    `seen` is how often it had been put back when its page was shown: of two presses on one page
    one counts. False where it was not put back, or waits for its first look.
    """
    state = WebhookEvent.State
    looked_at = WebhookEvent.objects.exclude(state__in=[state.RECEIVED, state.REJECTED])
    was_put_back = looked_at.filter(pk=event_id, replays=seen).update(
        state=WebhookEvent.State.RECEIVED,
        next_try_at=Now(),
        tries=0,
        last_error="",
        ended_at=None,
        replays=F("replays") + 1,
    )
    if was_put_back:
        LogEntry.objects.log_actions(
            user_id,
            WebhookEvent.objects.filter(pk=event_id),
            CHANGE,
            change_message=gettext("Put back, to be processed again."),
            single_object=True,
        )
        notify(CHANNEL)
    return bool(was_put_back)
