"""Passkeys (WebAuthn): as a second factor, or in place of the password, if the person was verified.

The library checks what a key has signed; here is what it has to be about: this shop, a challenge of
this session that nobody has answered yet, a key of the account.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.factors import FactorEvent, begin_factor, end_factor, lock_user
from accounts.models import Passkey, User
from accounts.signing_in import TRIES_OF_A_NETWORK, TooManySignIns
from shop.core import throttle
from shop.core.errors import DomainError
from shop.core.throttle import Limit, Throttled

MOST_PASSKEYS = 20
LONGEST_CREDENTIAL_ID = 1023
# Longer than a challenge is good for.
ANSWERED_ONCE = (Limit(times=1, seconds=3600),)
# What the library lets through of an answer that is none at all.
MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class PasskeyRefused(DomainError):
    """One answer for all: unknown, of somebody else, an answer to another question."""

    code = "passkey_refused"
    status = 422
    message = _("This passkey was not accepted. Please try again, or sign in another way.")


class TooManyPasskeys(DomainError):
    code = "too_many_passkeys"
    message = _("You have as many passkeys as an account can have. Remove one first.")


@dataclass(frozen=True, slots=True)
class Site:
    """To whom a key belongs: keys of one host are offered at no other."""

    host: str
    origin: str
    name: str


def registration_options(*, user: User, site: Site, challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.create`."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=user.public_id.bytes,
        user_name=user.email,
        user_display_name=user.full_name or user.email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_known_keys(user),
    )
    return options_to_json_dict(options)


def authentication_options(*, user: User | None, site: Site, challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.get`. Without a user the key says whose it is."""
    needed = UserVerificationRequirement
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=_known_keys(user) if user else None,
        user_verification=needed.PREFERRED if user else needed.REQUIRED,
    )
    return options_to_json_dict(options)


@transaction.atomic
def add_passkey(
    *, user: User, name: str, credential: str, challenge: bytes, site: Site
) -> list[str]:
    """The account has one more. Returns the recovery codes, if it is its first factor.

    Raises PasskeyRefused, TooManyPasskeys; then nothing has changed.
    """
    lock_user(user)
    if Passkey.objects.filter(user=user).count() >= MOST_PASSKEYS:
        raise TooManyPasskeys
    if not challenge:
        raise PasskeyRefused
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except MALFORMED as error:
        raise PasskeyRefused from error
    if len(made.credential_id) > LONGEST_CREDENTIAL_ID:
        raise PasskeyRefused
    try:
        with transaction.atomic():
            Passkey.objects.create(
                user=user,
                name=name,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
            )
    except IntegrityError as error:
        raise PasskeyRefused from error
    return begin_factor(user, FactorEvent.PASSKEY_ADDED)


@transaction.atomic
def remove_passkey(*, user: User, pk: int) -> None:
    """Safe to repeat; of somebody else's nothing happens."""
    lock_user(user)
    if Passkey.objects.filter(user=user, pk=pk).delete()[0]:
        end_factor(user, FactorEvent.PASSKEY_REMOVED)


def passkeys_of(user: User) -> list[Passkey]:
    return list(Passkey.objects.filter(user=user).order_by("pk"))


def check_passkey(
    *, credential: str, challenge: bytes, site: Site, network: str, user: User | None = None
) -> User:
    """Whose passkey has answered the challenge; each is answered once.

    With a `user` it is the second factor and has to be theirs. Without one it is both factors: the
    key must have made sure that it is its person (fingerprint, face, PIN). Not inside a
    transaction: it counts. Raises PasskeyRefused, TooManySignIns.
    """
    _count(network)
    if not challenge or not _is_first_answer(challenge):
        raise PasskeyRefused
    try:
        read = json.loads(credential)
        found = _find(base64url_to_bytes(read["rawId"]), user)
        if user is None:
            _require_holder(found, read["response"]["userHandle"])
        answer = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(found.public_key),
            credential_current_sign_count=found.sign_count,
            require_user_verification=user is None,
        )
    except MALFORMED as error:
        raise PasskeyRefused from error
    unchanged = Passkey.objects.filter(pk=found.pk, sign_count=found.sign_count)
    if not unchanged.update(sign_count=answer.new_sign_count, used_at=timezone.now()):
        raise PasskeyRefused
    return found.user


def _find(credential_id: bytes, user: User | None) -> Passkey:
    keys = Passkey.objects.select_related("user").filter(user__is_active=True)
    if user is not None:
        keys = keys.filter(user=user)
    found = keys.filter(credential_id=credential_id).first()
    if found is None:
        raise PasskeyRefused
    return found


def _require_holder(found: Passkey, handle: str) -> None:
    if base64url_to_bytes(handle) != found.user.public_id.bytes:
        raise PasskeyRefused


def _known_keys(user: User) -> list[PublicKeyCredentialDescriptor]:
    ids = Passkey.objects.filter(user=user).values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=bytes(each)) for each in ids]


def _count(network: str) -> None:
    """Nobody can guess what a key signs; but looking at it takes time."""
    try:
        throttle.count_lastingly("passkey", of=network, limits=TRIES_OF_A_NETWORK)
    except Throttled as error:
        raise TooManySignIns(retry_after=error.retry_after) from error


def _is_first_answer(challenge: bytes) -> bool:
    """Of two requests of one session at once both have read the challenge in it."""
    try:
        throttle.count_lastingly("passkey-answer", of=challenge.hex(), limits=ANSWERED_ONCE)
    except Throttled:
        return False
    return True
