"""Bearer tokens: an app is signed in by a short-lived access token and one to renew it.

Each exchange of the refresh token gives a new pair and ends the one before: of each sign-in
exactly one pair is good. A refresh token that comes again was copied, by a thief or from one, so
the whole sign-in ends. But an answer can be lost on its way: for `GRACE` the same refresh token is
taken again, as long as nobody has used what it was exchanged for. It then gives another new pair,
and the lost one is worth nothing: no pair is ever handed out twice, and whoever comes with the
lost one's refresh token after all ends the sign-in.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, User
from accounts.passwords import choose_password
from shop.core.errors import DomainError, NotFound

ACCESS_FOR = timedelta(minutes=30)
# After the last exchange: an app that is opened every now and then stays signed in.
REFRESH_FOR = timedelta(days=60)
GRACE = timedelta(seconds=30)
USE_NOTED_EVERY = timedelta(hours=1)
# More than a person has; the one unused for longest makes room.
MOST_DEVICES = 20
SECRET_BYTES = 32
FAMILY_BYTES = 16
FAMILY_LENGTH = 22  # of FAMILY_BYTES in base64


class InvalidToken(DomainError):
    code = "invalid_token"
    status = 401
    message = _("Your sign-in on this device has run out. Please renew it or sign in again.")


class InvalidRefreshToken(DomainError):
    """One answer for all: unknown, used before, run out, ended, another password."""

    code = "invalid_refresh_token"
    status = 401
    message = _("You are no longer signed in on this device. Please sign in again.")


class DeviceNotFound(NotFound):
    code = "device_not_found"
    message = _("This device is not signed in.")


@dataclass(frozen=True, slots=True)
class Pair:
    """Given once and kept nowhere. The access token is good for `seconds`."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int = int(ACCESS_FOR.total_seconds())


@transaction.atomic
def begin(*, user: User, device_name: str) -> Pair:
    """Sign the user in on one more device; whoever it is was made sure of before."""
    # One at a time, or two could both find room.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    others = Device.objects.filter(user=user).order_by("-used_at", "-pk")
    too_many = list(others.values_list("pk", flat=True)[MOST_DEVICES - 1 :])
    Device.objects.filter(pk__in=too_many).delete()
    family = secrets.token_urlsafe(FAMILY_BYTES)
    # Of the password that was shown: one that is set at this moment ends this sign-in too.
    device = Device(
        user=user, name=device_name, family_hash=_hash(family), proof_hash=_hash(user.proof)
    )
    pair = _renewed(device, family, at=timezone.now())
    device.save()
    return pair


def find_device(*, token: str) -> Device:
    """The device that an access token signs in, with its user. One query. Raises InvalidToken."""
    now = timezone.now()
    known = Device.objects.select_related("user")
    device = known.filter(access_hash=_hash(token), access_until__gt=now).first()
    if device is None or not _is_welcome(device):
        raise InvalidToken
    _note_use(device, at=now)
    return device


def refresh(*, token: str) -> Pair:
    """A new pair for a refresh token. Raises InvalidRefreshToken; the sign-in may then be ended."""
    pair = _exchanged(token, at=timezone.now())
    if pair is None:
        raise InvalidRefreshToken
    return pair


@transaction.atomic
def change_password(*, device: Device, password: str) -> Pair:
    """The account has the password; this device alone stays signed in, by the new pair.

    Whoever it is was made sure of before. Raises InvalidToken for a sign-in that has ended
    meanwhile, ValidationError; then nothing has changed.
    """
    # The user first, as in `begin`. Of two at once the second finds its sign-in ended.
    user = User.objects.select_for_update(no_key=True).get(pk=device.user_id)
    kept = Device.objects.locked().filter(pk=device.pk, proof_hash=_hash(user.proof)).first()
    if kept is None:
        raise InvalidToken
    choose_password(user, password)
    end_all(user=user, but=kept)
    family = secrets.token_urlsafe(FAMILY_BYTES)
    kept.family_hash, kept.proof_hash = _hash(family), _hash(user.proof)
    kept.replaced_hash, kept.replaced_until = "", None
    pair = _renewed(kept, family, at=timezone.now())
    kept.save()
    return pair


def devices_of(user: User) -> list[Device]:
    """Where the user is signed in, the last used first."""
    alive = Device.objects.filter(
        user=user, proof_hash=_hash(user.proof), refresh_until__gt=timezone.now()
    )
    return list(alive.order_by("-used_at", "-pk"))


def end(*, user: User, public_id: UUID) -> None:
    """Sign the user out on that device, at once. Raises DeviceNotFound."""
    deleted, _per_model = Device.objects.filter(user=user, public_id=public_id).delete()
    if not deleted:
        raise DeviceNotFound


def end_all(*, user: User, but: Device | None = None) -> None:
    """Sign the user out on all devices, `but` perhaps the one in hand."""
    devices = Device.objects.filter(user=user)
    (devices.exclude(pk=but.pk) if but else devices).delete()


def prune() -> None:
    """Forget sign-ins that have run out."""
    Device.objects.filter(refresh_until__lte=timezone.now()).delete()


@transaction.atomic
def _exchanged(token: str, *, at: datetime) -> Pair | None:
    family, given = token[:FAMILY_LENGTH], _hash(token)
    # Of two that come at once, the second sees what the first one has made.
    found = Device.objects.locked().select_related("user").filter(family_hash=_hash(family))
    device = found.first()
    if device is None:
        return None
    if not device.takes(given, at=at) or not _is_welcome(device):
        device.delete()
        return None
    if not device.was_lost(given, at=at):
        device.replaced_hash, device.replaced_until = given, at + GRACE
    pair = _renewed(device, family, at=at)
    device.save()
    return pair


def _renewed(device: Device, family: str, *, at: datetime) -> Pair:
    """A new pair for the device, which the caller saves."""
    pair = Pair(
        access=secrets.token_urlsafe(SECRET_BYTES),
        refresh=family + secrets.token_urlsafe(SECRET_BYTES),
    )
    device.access_hash, device.access_until = _hash(pair.access), at + ACCESS_FOR
    device.refresh_hash, device.refresh_until = _hash(pair.refresh), at + REFRESH_FOR
    return pair


def _note_use(device: Device, *, at: datetime) -> None:
    """Written with the first use of a pair, and of `used_at` once an hour. Raises InvalidToken."""
    is_due = at - device.used_at >= USE_NOTED_EVERY
    if device.replaced_until is None and not is_due:
        return
    device.used_at = at if is_due else device.used_at
    # Not if the pair was replaced at this moment: then nobody has used the new one.
    same = Device.objects.filter(pk=device.pk, access_hash=device.access_hash)
    if not same.update(used_at=device.used_at, replaced_until=None):
        raise InvalidToken
    device.replaced_until = None


def _is_welcome(device: Device) -> bool:
    is_same = constant_time_compare(device.proof_hash, _hash(device.user.proof))
    return is_same and device.user.is_active


def _hash(secret: str) -> str:
    """They are long and random: nothing slower is needed to keep them from being guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
