"""What a browser's session has shown: half a sign-in, a second factor, who it is just now.

Half signed in means: the password or the mailed link was right, the second factor is not shown
yet. Such a session is nobody's; all it may do is to show the factor.
"""

import secrets
import time

from django.contrib.sessions.backends.base import SessionBase
from django.core.signing import BadSignature, TimestampSigner

from accounts.models import User

HALF_FOR = 600
# So long after a sign-in or a confirmation the way to get in may be changed.
FRESH_FOR = 600
HALF, FACTOR, FRESH, CHALLENGE = "half_signed_in", "factor", "fresh_at", "passkey_challenge"
CHALLENGE_FOR = 300


def begin_half(session: SessionBase, user: User) -> None:
    # A key that somebody else has planted or seen must not lead to the second step.
    session.cycle_key()
    session[HALF] = _signer(user).sign(str(user.pk))


def half_signed_in(session: SessionBase) -> User | None:
    """Whose second factor is asked for, as long as nothing about the account has changed."""
    kept = str(session.get(HALF, ""))
    user = User.objects.filter(pk=int(kept.partition(":")[0] or 0), is_active=True).first()
    if user is None:
        return None
    try:
        _signer(user).unsign(kept, max_age=HALF_FOR)
    except BadSignature:
        return None
    return user


def end_half(session: SessionBase) -> None:
    session.pop(HALF, None)


def note_fresh(session: SessionBase) -> None:
    session[FRESH] = int(time.time())


def is_fresh(session: SessionBase, user: User) -> bool:
    """By the second factor, if there is one by now."""
    is_recent = 0 <= time.time() - session.get(FRESH, 0) < FRESH_FOR
    return is_recent and (user.factor_since is None or has_shown_factor(session, user))


def note_factor(session: SessionBase, user: User) -> None:
    """The session has shown the user's factor, as the user has it now."""
    session[FACTOR] = _stamp(user)


def has_shown_factor(session: SessionBase, user: User) -> bool:
    """Not with a factor that was taken away since. Asks nobody."""
    return user.factor_since is not None and session.get(FACTOR) == _stamp(user)


def new_challenge(session: SessionBase) -> bytes:
    """What a passkey is to sign next in this session; the one before is over."""
    drawn = secrets.token_bytes(32)
    session[CHALLENGE] = [drawn.hex(), int(time.time())]
    return drawn


def take_challenge(session: SessionBase) -> bytes:
    """Empty, if there is none that is good."""
    kept, drawn_at = session.pop(CHALLENGE, ["", 0])
    is_good = 0 <= time.time() - drawn_at < CHALLENGE_FOR
    return bytes.fromhex(kept) if is_good else b""


def _stamp(user: User) -> str:
    return user.factor_since.isoformat() if user.factor_since else ""


def _signer(user: User) -> TimestampSigner:
    return TimestampSigner(salt=f"half signed in {user.proof} {_stamp(user)}")
