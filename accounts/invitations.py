"""Colleagues are asked by mail: an owner says what they will do, they say who they are.

The link proves the mailbox. Whoever has an account there already keeps it, with its password.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.links import LinkInvalid
from accounts.models import Invitation, InvitationState, Role, User
from accounts.passwords import choose_password
from accounts.roles import NotAnOwner, employ
from shop.core import outbox
from shop.core.errors import DomainError

GOOD_FOR = timedelta(days=7)


class InvitedAlready(DomainError):
    code = "invited_already"
    status = 409
    message = _("There is an open invitation for this address. Withdraw it first.")


class ColleagueAlready(DomainError):
    code = "colleague_already"
    status = 409
    message = _("This person is a colleague already: change the roles in the account.")


class InvitationOver(DomainError):
    code = "invitation_over"
    status = 409
    message = _("This invitation is no longer open.")


@transaction.atomic
def invite(
    *, email: str, roles: Iterable[Role], is_owner: bool, language: str, by: User
) -> Invitation:
    """The mail goes out. Raises NotAnOwner, ColleagueAlready, InvitedAlready."""
    _require_owner(by.pk)
    address = address_of(email)
    require_no_colleague(address)
    # One that nobody has used in time makes room.
    over = Invitation.objects.filter(
        email=address, state=InvitationState.OPEN, expires_at__lte=timezone.now()
    )
    over.update(state=InvitationState.WITHDRAWN)
    invitation = Invitation(
        email=address,
        roles=sorted(set(roles)),
        is_owner=is_owner,
        language=language,
        invited_by=by,
        expires_at=timezone.now() + GOOD_FOR,
    )
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as error:
        raise InvitedAlready from error
    outbox.add(
        "staff-invitation",
        key=f"staff-invitation:{invitation.public_id}",
        invitation_id=invitation.pk,
    )
    return invitation


def address_of(email: str) -> str:
    return email.strip().lower()


def require_no_colleague(address: str) -> None:
    """Raises ColleagueAlready."""
    if User.objects.of_email(address).filter(is_staff=True).exists():
        raise ColleagueAlready


@transaction.atomic
def withdraw(*, invitation_id: int, by: User) -> None:
    """Raises NotAnOwner, InvitationOver."""
    _require_owner(by.pk)
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    if invitation.state != InvitationState.OPEN:
        raise InvitationOver
    invitation.state = InvitationState.WITHDRAWN
    invitation.save(update_fields=["state"])


def invitation_token(invitation: Invitation) -> str:
    return _signer().sign(invitation.public_id.hex)


def read_invitation(token: str) -> tuple[Invitation, User | None]:
    """The open invitation, and the account that its address has. Raises LinkInvalid."""
    invitation = Invitation.objects.filter(public_id=_public_id(token)).first()
    if invitation is None or not invitation.is_good:
        raise LinkInvalid
    user = User.objects.of_email(invitation.email).first()
    if user is not None and not user.is_active:
        raise LinkInvalid
    return invitation, user


@transaction.atomic
def accept(token: str, *, full_name: str = "", password: str = "") -> User:
    """The colleague, with an account of this name and password unless there was one.

    Raises LinkInvalid, also where whoever has invited is no owner any more; ValidationError for a
    password that is easy to guess. Then nothing has changed.
    """
    # Locked: of two who accept at once the second finds it used.
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("invited_by")
    invitation = locked.filter(public_id=_public_id(token)).first()
    if invitation is None or not invitation.is_good:
        raise LinkInvalid
    user = User.objects.of_email(invitation.email).first()
    if user is None:
        user = User(email=invitation.email, full_name=full_name, language=invitation.language)
        try:
            with transaction.atomic():
                choose_password(user, password)
        except IntegrityError as error:
            raise LinkInvalid from error
    elif not user.is_active:
        raise LinkInvalid
    try:
        employ(
            user=user,
            roles=[Role(name) for name in invitation.roles],
            is_owner=invitation.is_owner,
            by=invitation.invited_by,
        )
    except NotAnOwner as error:
        raise LinkInvalid from error
    invitation.state, invitation.accepted_by = InvitationState.ACCEPTED, user
    invitation.save(update_fields=["state", "accepted_by"])
    return user


def _require_owner(user_id: int) -> None:
    if not User.objects.filter(pk=user_id, is_superuser=True, is_active=True).exists():
        raise NotAnOwner


def _public_id(token: str) -> UUID:
    try:
        return UUID(_signer().unsign(token))
    except (BadSignature, ValueError) as error:
        raise LinkInvalid from error


def _signer() -> Signer:
    return Signer(salt="staff invitation")
