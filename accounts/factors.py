"""The second factor: codes of an app, and recovery codes for who has lost it. Passkeys have a
module of their own.

A code is good once: the step that it belongs to, or its row, is taken by one statement, so that of
two who come with the same code at once one gets in.
"""

import hashlib
import logging
import re
import secrets
import time
from base64 import b32encode
from enum import StrEnum
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.known_browsers import browser_of
from accounts.models import CodeApp, Passkey, RecoveryCode, User
from accounts.signing_in import TRIES_OF_A_NETWORK
from accounts.totp import find_step
from shop.core import outbox, throttle
from shop.core.errors import DomainError
from shop.core.sealed import CannotUnseal, seal
from shop.core.throttle import Limit, Throttled

log = logging.getLogger(__name__)

# Three of a million codes are good at a time: who has the password and tries for a year, each day
# as often as this, finds one with a chance of two in a hundred.
CODES_FOR_AN_ACCOUNT = (Limit(times=8, seconds=300), Limit(times=20, seconds=86_400))
ONCE_A_DAY = (Limit(times=1, seconds=86_400),)
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
APP_CODE = re.compile(r"\d{6}", re.ASCII)


class FactorEvent(StrEnum):
    """What an account's owner is told of by mail."""

    SET_UP = "set-up"
    REMOVED = "removed"
    TAKEN_AWAY = "taken-away"
    CODES_RENEWED = "codes-renewed"
    CODE_USED = "code-used"
    CODES_GUESSED = "codes-guessed"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"


class WrongCode(DomainError):
    code = "wrong_code"
    status = 422
    message = _("This code is not right, or was used already. Wait for the next one and try it.")


class TooManyCodes(Throttled):
    code = "too_many_codes"
    message = _("Too many codes were tried. Try again in {minutes} min, or use a recovery code.")


class FactorExists(DomainError):
    code = "factor_exists"
    message = _("Your account has an app for codes already.")


class SecondFactorNeeded(DomainError):
    code = "second_factor_needed"
    status = 403
    message = _("Your account asks for a second step. Send the code of your app along.")


def ask_for_factor(*, user: User, code: str, network: str) -> None:
    """Of whoever has one, for a sign-in in one request, whose password was right.

    Raises SecondFactorNeeded without a code, TooManyCodes, WrongCode.
    """
    if user.factor_since is None:
        return
    if not code:
        raise SecondFactorNeeded
    check_code(user=user, code=code, network=network)


def check_code(*, user: User, code: str, network: str, known: str = "") -> None:
    """Take a code of the app, or a recovery code, from somebody whose password was right.

    `known`: what the browser keeps of earlier sign-ins. Not inside a transaction: it counts.
    Raises TooManyCodes, WrongCode.
    """
    given = re.sub(r"[\s-]", "", code).lower()
    is_of_app = APP_CODE.fullmatch(given) is not None
    _count(user, network, browser_of(user, known), is_of_app=is_of_app)
    if not (_use_app(user, given) if is_of_app else _use_recovery(user, given)):
        raise WrongCode


@transaction.atomic
def set_up_app(*, user: User, secret: str, code: str) -> list[str]:
    """From now on signing in asks for the app's code. Returns the recovery codes, if they are new.

    Raises FactorExists, WrongCode; then nothing has changed.
    """
    lock_user(user)
    if CodeApp.objects.of(user).exists():
        raise FactorExists
    step = find_step(secret, re.sub(r"\s", "", code), at=time.time())
    if step is None:
        raise WrongCode
    CodeApp.objects.create(user=user, sealed_secret=seal({"secret": secret}), last_step=step)
    return begin_factor(user, FactorEvent.SET_UP)


@transaction.atomic
def remove_app(*, user: User) -> None:
    """Safe to repeat."""
    lock_user(user)
    if CodeApp.objects.of(user).delete()[0]:
        end_factor(user, FactorEvent.REMOVED)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """The ones before are worth nothing from now on. None for who has no factor."""
    lock_user(user)
    if user.factor_since is None:
        return []
    _tell(user, FactorEvent.CODES_RENEWED)
    return _new_codes(user)


@transaction.atomic
def take_away(*, user: User, by: str) -> bool:
    """For somebody who has lost it all; `by` is for the log. Whether there was anything to take."""
    lock_user(user)
    if user.factor_since is None:
        return False
    CodeApp.objects.of(user).delete()
    Passkey.objects.filter(user=user).delete()
    end_factor(user, FactorEvent.TAKEN_AWAY)
    log.warning("second_factor_taken_away", extra={"user_id": user.pk, "by": by})
    return True


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user).count()


def begin_factor(user: User, event: FactorEvent) -> list[str]:
    """Note that the locked user has one more; the first brings recovery codes, which it returns."""
    _tell(user, event)
    if user.factor_since is not None:
        return []
    _save(user, since=True)
    return _new_codes(user)


def end_factor(user: User, event: FactorEvent) -> None:
    """Note that the locked user has one less; with the last one go the recovery codes."""
    _tell(user, event)
    is_left = CodeApp.objects.of(user).exists() or Passkey.objects.filter(user=user).exists()
    if not is_left:
        _save(user, since=False)
        RecoveryCode.objects.filter(user=user).delete()


def lock_user(user: User) -> None:
    """Of two changes at once the second sees what the first has made, and so does its caller."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user.factor_since = locked.factor_since


def _save(user: User, *, since: bool) -> None:
    user.factor_since = timezone.now() if since else None
    user.save(update_fields=["factor_since"])


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    drawn = [
        b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
        for _number in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hash(code)) for code in drawn
    )
    return ["-".join(re.findall("....", code)) for code in drawn]


def _use_app(user: User, code: str) -> bool:
    app = CodeApp.objects.of(user).first()
    if app is None:
        return False
    try:
        step = app.step_of(code, at=time.time())
    except CannotUnseal:
        # Sealed with a key that was thrown away: the recovery codes are good all the same.
        log.exception("second_factor_unreadable", extra={"user_id": user.pk})
        return False
    if step is None:
        return False
    return CodeApp.objects.filter(pk=app.pk, last_step__lt=step).update(last_step=step) == 1


@transaction.atomic
def _use_recovery(user: User, code: str) -> bool:
    # Neither digit is in such a code: they are what people read for these letters.
    read = code.replace("0", "o").replace("1", "l")
    used, _per_model = RecoveryCode.objects.filter(user=user, code_hash=_hash(read)).delete()
    if used:
        _tell(user, FactorEvent.CODE_USED)
    return bool(used)


def _count(user: User, network: str, browser: str, *, is_of_app: bool) -> None:
    """Recovery codes cannot be guessed: whoever has used up the codes of the app has those left."""
    try:
        if not is_of_app:
            throttle.count_lastingly("recovery-code", of=network, limits=TRIES_OF_A_NETWORK)
        elif browser:
            # Others who know the password may have used up theirs.
            throttle.count_lastingly("code-known", of=browser, limits=CODES_FOR_AN_ACCOUNT)
        else:
            throttle.count_lastingly("code", of=f"{user.pk}", limits=CODES_FOR_AN_ACCOUNT)
    except Throttled as error:
        if is_of_app:
            _tell_of_guessing(user)
        raise TooManyCodes(retry_after=error.retry_after) from error


def _tell_of_guessing(user: User) -> None:
    """Whoever gets so far has the password: once a day its owner is told."""
    try:
        throttle.count_lastingly("guessing-told", of=f"{user.pk}", limits=ONCE_A_DAY)
    except Throttled:
        return
    with transaction.atomic():
        _tell(user, FactorEvent.CODES_GUESSED)


def _tell(user: User, event: FactorEvent) -> None:
    key = f"second-factor:{uuid4()}"
    outbox.add("second-factor", key=key, user_id=user.pk, event=str(event))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
