"""Who it is, by e-mail and password. Guessing is stopped before a password is hashed.

Whoever types an address can use up the tries for it. That keeps out nobody but other strangers: a
browser that has signed in to the account before has tries of its own, and a link that is mailed to
the address needs none.
"""

from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from accounts.known_browsers import browser_of
from accounts.models import User
from shop.core import throttle
from shop.core.errors import DomainError
from shop.core.throttle import Limit, Throttled

# Many people of one mobile network share an address.
TRIES_OF_A_NETWORK = (Limit(times=30, seconds=300), Limit(times=200, seconds=3600))
# A person who has forgotten a password tries a few; a list of passwords needs thousands.
TRIES_FOR_AN_ACCOUNT = (Limit(times=8, seconds=300), Limit(times=40, seconds=86_400))
# Hashing takes longer the more there is of it.
LONGEST_PASSWORD = 1024


class WrongSignIn(DomainError):
    """One answer for all: whether an e-mail address has an account is nobody's business."""

    code = "wrong_sign_in"
    status = 422
    message = _("E-mail and password do not belong together. Please check both.")


class TooManySignIns(Throttled):
    code = "too_many_sign_ins"
    message = _("Too many tries to sign in. Try again in {minutes} min.")


def identify(*, email: str, password: str, network: str, known: str = "") -> User:
    """The active account behind an e-mail address and its password.

    `known`: what the browser keeps of earlier sign-ins. Takes as long for an address that nobody
    has. Raises TooManySignIns, WrongSignIn.
    """
    account = email.strip().lower()
    found = User.objects.of_email(account).first()
    _count(account, network, browser_of(found or User(), known))
    user = authenticate(username=account, password=password)
    if not isinstance(user, User):
        raise WrongSignIn
    return user


def _count(account: str, network: str, browser: str) -> None:
    """Whether there is an account or not, and whether it goes well or not: each try counts."""
    try:
        if browser:
            # Others of its network may have used up theirs, for this account or for any.
            throttle.count_lastingly("sign-in-known", of=browser, limits=TRIES_FOR_AN_ACCOUNT)
            return
        throttle.count_lastingly("sign-in", of=network, limits=TRIES_OF_A_NETWORK)
        throttle.count_lastingly("sign-in-account", of=account, limits=TRIES_FOR_AN_ACCOUNT)
    except Throttled as error:
        raise TooManySignIns(retry_after=error.retry_after) from error
