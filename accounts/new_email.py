"""Another e-mail address for an account: the new one's mailbox is proved before anything changes.

Asking does the same for every address. Whether it is somebody's is looked up by the worker that
writes the mail, and told to that mailbox only.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.core.signing import BadSignature, dumps, loads
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.links import LINKS_OF_A_NETWORK, LINKS_OF_AN_ADDRESS, LinkInvalid
from accounts.models import User
from shop.core import outbox, throttle
from shop.core.errors import DomainError
from shop.core.sealed import seal
from shop.core.throttle import Limit, Throttled

GOOD_FOR = timedelta(minutes=30)
ASKED_BY_AN_ACCOUNT = (Limit(times=5, seconds=3600), Limit(times=10, seconds=86_400))


class EmailTaken(DomainError):
    """Said to nobody but whoever has shown that the mailbox is theirs."""

    code = "email_taken"
    message = _("There is an account with this e-mail already.")


def ask_for_email(*, user: User, email: str, network: str) -> None:
    """Mail a link to the new address.

    Raises Throttled for the account and the network; what is mailed to an address too often, by
    whatever accounts, is not mailed.
    """
    throttle.count_lastingly("new-email", of=f"{user.pk}", limits=ASKED_BY_AN_ACCOUNT)
    throttle.count_lastingly("links", of=network, limits=LINKS_OF_A_NETWORK)
    address = email.strip().lower()
    try:
        throttle.count_lastingly("link-new-email", of=address, limits=LINKS_OF_AN_ADDRESS)
    except Throttled:
        return
    facts = {"user_id": str(user.pk), "email": address}
    with transaction.atomic():
        outbox.add("new-email", key=f"new-email:{uuid4()}", sealed=seal(facts).decode())


def new_email_token(user: User, email: str) -> str:
    facts = {"user": user.public_id.hex, "email": email, "state": _state(user)}
    return dumps(facts, salt="new email")


@transaction.atomic
def take_email(token: str, *, user_id: int) -> User:
    """The account has the address that the link was mailed to; links mailed before end with it.

    Only for who is signed in to it: an address that was mistyped belongs to a stranger, who gets
    the mail. The old address is told. Raises LinkInvalid, EmailTaken; then nothing has changed.
    """
    # Of two links that are used at once the second finds the address changed.
    user, email = _read(token, User.objects.select_for_update(), user_id)
    old, user.email = user.email, email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise EmailTaken from error
    sealed = seal({"user_id": str(user.pk), "email": old}).decode()
    outbox.add("email-changed", key=f"email-changed:{uuid4()}", sealed=sealed)
    return user


def read_new_email(token: str, *, user_id: int) -> str:
    """The address that is to be the account's. Raises LinkInvalid, for another account too."""
    return _read(token, User.objects.all(), user_id)[1]


def _read(token: str, users: QuerySet[User], user_id: int) -> tuple[User, str]:
    try:
        facts: dict[str, str] = loads(token, salt="new email", max_age=GOOD_FOR)
    except BadSignature as error:
        raise LinkInvalid from error
    found = users.filter(public_id=UUID(facts["user"]), pk=user_id, is_active=True)
    user = found.first()
    if user is None or not constant_time_compare(facts["state"], _state(user)):
        raise LinkInvalid
    return user, facts["email"]


def _state(user: User) -> str:
    """What using a link changes, and what ends all of them: the address, a password, signing out
    everywhere."""
    return salted_hmac("new email", f"{user.proof} {user.email}").hexdigest()
