"""Browsers that have signed in to an account before: what they keep, and how they are known again.

A signed name per account, worth nothing but tries of one's own: nobody is let in by it. A new
password, or signing out everywhere, makes it worthless.
"""

import re
import secrets

from django.core.signing import BadSignature, Signer

from accounts.models import User

KNOWN_COOKIE = "known"
# People share a tablet; more than a household has is not kept.
MOST_ACCOUNTS = 5
APART = "."
TOKEN = re.compile(r"[0-9a-f]{32}:[\w-]{43}", re.ASCII)


def browser_of(user: User, kept: str) -> str:
    """The browser's name for this account; empty where it has none that is genuine."""
    signer = _signer(user)
    for token in TOKEN.findall(kept)[:MOST_ACCOUNTS]:
        try:
            return f"{user.pk}{APART}{signer.unsign(token)}"
        except BadSignature:
            continue
    return ""


def remember(user: User, kept: str) -> str:
    """What the browser is to keep from now on, once its person has signed in to the account."""
    name = browser_of(user, kept).rpartition(APART)[2] or secrets.token_hex(16)
    own = _signer(user).sign(name)
    others = [token for token in TOKEN.findall(kept) if token != own]
    return APART.join([own, *others][:MOST_ACCOUNTS])


def _signer(user: User) -> Signer:
    return Signer(salt=f"known browser {user.proof}")
