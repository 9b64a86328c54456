"""Where an account is signed in, and signing out there: browsers by session, apps by token."""

import re
import time

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import tokens
from accounts.models import Session, User
from accounts.sessions import AGENT, BEGUN

# The first that fits: most browsers call themselves by the names of others as well.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux"),
)


def note_browser(session: SessionBase, agent: str) -> None:
    """At sign-in: what the session's row tells of it later."""
    session[AGENT] = agent[:200].replace("\x00", "")
    session[BEGUN] = int(time.time())


def named(agent: str) -> str:
    """“Chrome · Android”; empty for what nobody knows."""
    found = (
        next((name for name, pattern in known if re.search(pattern, agent)), "")
        for known in (BROWSERS, SYSTEMS)
    )
    return " · ".join(name for name in found if name)


def browsers_of(user: User) -> list[Session]:
    """The sessions that let in now, the newest first; not those of an older password."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    now = user.get_session_auth_hash()
    return [
        row
        for row in rows.order_by(F("begun_at").desc(nulls_last=True), "session_key")
        if constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), now)
    ]


def sign_out_browser(*, user: User, public_id: str) -> None:
    """At once, and for good. Safe to repeat."""
    keys = [
        row.session_key
        for row in Session.objects.filter(user=user)
        if constant_time_compare(row.public_id, public_id)
    ]
    Session.objects.filter(user=user, session_key__in=keys).delete()


@transaction.atomic
def sign_out_everywhere(*, user: User) -> None:
    """All browsers, all apps, all links that were mailed, and all half sign-ins.

    What comes in between, a sign-in that has just begun, is signed over the number of before.
    """
    User.objects.filter(pk=user.pk).update(sign_outs=F("sign_outs") + 1)
    user.refresh_from_db(fields=["sign_outs"])
    Session.objects.filter(user=user).delete()
    tokens.end_all(user=user)


def prune() -> None:
    """Forget sessions that have run out."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
