"""Exceptions that nobody looks after, and disputes to be answered, are told to staff once a day."""

import logging
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from payments.desk.counting import to_answer_soon, untaken_since
from payments.desk.facts import Facts, facts_of
from payments.desk.owning import colleagues
from payments.desk.story import tell_story
from payments.models import PaymentException
from shop.core import mail, outbox

log = logging.getLogger(__name__)
TOPIC = "exceptions-untaken"
# The mail says how many there are, and tells of so many.
MOST = 20


def register_handlers() -> None:
    outbox.register(TOPIC, send_digest)


@transaction.atomic
def ask_for_owners() -> int:
    """A mail to each colleague who may deal with them, at most once a day; how many wait."""
    today = timezone.localdate()
    waiting = len(untaken_since(timezone.now() - settings.UNTAKEN_AFTER))
    if waiting:
        log.warning("exceptions_untaken", extra={"number": waiting})
    elif not to_answer_soon(today):
        return 0
    for colleague in colleagues():
        key = f"{TOPIC}:{today:%Y%m%d}:{colleague.pk}"
        outbox.add(TOPIC, key=key, user_id=colleague.pk)
    return waiting


def send_digest(payload: dict[str, Any]) -> None:
    """Of the outbox: as it is now, to whom may still deal with it. Nothing if all are taken and
    no dispute of theirs, or of nobody's, is to be answered."""
    waiting = untaken_since(timezone.now() - settings.UNTAKEN_AFTER)
    colleague = next((one for one in colleagues() if one.pk == payload["user_id"]), None)
    if colleague is None:
        return
    disputed = to_answer_soon(timezone.localdate())
    disputed = [one for one in disputed if one.owner_id in (None, colleague.pk)]
    if waiting or disputed:
        language = _language(colleague)
        with translation.override(language):
            told = _told(waiting)
            disputes = _told(disputed)
            page = reverse("admin:payments_paymentexception_changelist")
        context = {
            "number": len(waiting),
            "told": told,
            "disputes": disputes,
            "url": f"{settings.PUBLIC_URL}{page}?state={'untaken' if waiting else 'open'}",
        }
        mail.send("exceptions_untaken", to=colleague.email, language=language, context=context)


def _told(exceptions: list[PaymentException]) -> list[tuple[Facts, str]]:
    return [(each, tell_story(each)) for each in facts_of(exceptions[:MOST])]


def _language(user: User) -> str:
    known = [code for code, _name in settings.LANGUAGES]
    return user.language if user.language in known else settings.LANGUAGE_CODE
