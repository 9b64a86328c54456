"""Links that are mailed to an address: whoever follows one has proved that the mailbox is theirs.

Asking does the same for every address, known or not: it counts and writes one outbox row. Who has
an account is looked up by the worker that writes the mail. A link is signed over what using it
changes, so that the first to be used, a sign-in or a new password ends all others.
"""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.core.signing import BadSignature, TimestampSigner, dumps, loads
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.passwords import choose_password
from shop.core import outbox, throttle
from shop.core.errors import DomainError
from shop.core.sealed import seal
from shop.core.throttle import Limit, Throttled

GOOD_FOR = timedelta(minutes=30)
LINKS_OF_A_NETWORK = (Limit(times=60, seconds=3600),)
# In less than a link is good for: where no more is mailed, a good one lies in the mailbox.
LINKS_OF_AN_ADDRESS = (Limit(times=3, seconds=900),)


class LinkKind(StrEnum):
    REGISTER = "register"
    RESET = "reset"
    SIGN_IN = "sign-in"


class LinkInvalid(DomainError):
    code = "link_invalid"
    status = 410
    message = _("This link is used up or too old. Ask for a new one.")


def ask_for_link(*, kind: LinkKind, email: str, language: str, network: str) -> None:
    """Mail a link to the address: what it does depends on whether there is an account.

    Raises Throttled for the network only: what is asked for an address too often is not mailed.
    """
    throttle.count_lastingly("links", of=network, limits=LINKS_OF_A_NETWORK)
    address = email.strip().lower()
    try:
        throttle.count_lastingly(f"link-{kind}", of=address, limits=LINKS_OF_AN_ADDRESS)
    except Throttled:
        return
    facts = {"kind": str(kind), "email": address, "language": language}
    with transaction.atomic():
        outbox.add("account-link", key=f"account-link:{uuid4()}", sealed=seal(facts).decode())


def link_token(user: User, kind: LinkKind) -> str:
    return _signer(user, kind).sign(user.public_id.hex)


def registration_token(*, email: str, language: str) -> str:
    return dumps({"email": email, "language": language}, salt="registration")


@transaction.atomic
def sign_in_by_link(token: str) -> User:
    """Whose link it is. Raises LinkInvalid."""
    user = _holder(token, LinkKind.SIGN_IN)
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    return user


@transaction.atomic
def reset_password(token: str, *, password: str) -> User:
    """The account has the password, and no session that was begun before.

    Raises LinkInvalid, ValidationError for one that is easy to guess; then nothing has changed.
    """
    user = _holder(token, LinkKind.RESET)
    choose_password(user, password)
    return user


@transaction.atomic
def register(token: str, *, full_name: str, password: str) -> User:
    """The account of the address that the link was mailed to.

    Raises LinkInvalid where there is one already, ValidationError.
    """
    facts = read_registration(token)
    user = User(full_name=full_name, **facts)
    try:
        with transaction.atomic():
            choose_password(user, password)
    except IntegrityError as error:
        raise LinkInvalid from error
    return user


def read_registration(token: str) -> dict[str, str]:
    """`email` and `language`. Raises LinkInvalid."""
    try:
        facts: dict[str, str] = loads(token, salt="registration", max_age=GOOD_FOR)
    except BadSignature as error:
        raise LinkInvalid from error
    return facts


def _holder(token: str, kind: LinkKind) -> User:
    """Locked: of two who use a link at once the second finds it used."""
    try:
        public_id = UUID(token.partition(":")[0])
    except ValueError as error:
        raise LinkInvalid from error
    holders = User.objects.select_for_update(no_key=True)
    user = holders.filter(public_id=public_id, is_active=True).first()
    try:
        _signer(user or User(), kind).unsign(token, max_age=GOOD_FOR)
    except BadSignature as error:
        raise LinkInvalid from error
    if user is None:
        raise LinkInvalid
    return user


def _signer(user: User, kind: LinkKind) -> TimestampSigner:
    return TimestampSigner(salt=f"{kind} link {user.proof} {user.last_login} {user.email}")
