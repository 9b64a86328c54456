"""Messages to the apps of an account, through platform endpoints of Amazon SNS.

An app registers at each start: its token may have changed, and what was disabled is enabled by
that. Whoever signs in on the same phone takes its messages over.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import tokens
from accounts.models import Device, PushTarget, User
from accounts.tokens import DeviceNotFound
from shop.core.errors import DomainError

# A customer waits for a registration, a worker for a message.
PATIENCE = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
FORGOTTEN_AT_ONCE = 200
# What SNS says of an endpoint that leads nowhere any more.
GONE = {"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"}
KNOWN = re.compile(r"Endpoint (arn:\S+) already exists with the same [Tt]oken")
REFUSED = {"InvalidParameter", "InvalidParameterException"}


class Platform(StrEnum):
    FCM = "fcm"
    APNS = "apns"


class PushNotOffered(DomainError):
    code = "push_not_offered"
    status = 422
    message = _("The shop sends no messages to this kind of phone.")


class PushTokenInvalid(DomainError):
    code = "push_token_invalid"
    status = 422
    message = _("This is no token of a phone.")


class PushUnavailable(DomainError):
    code = "push_unavailable"
    status = 503
    message = _("Messages cannot be set up right now. Please try again.")


def register_push(*, user: User, public_id: UUID, platform: Platform, token: str) -> None:
    """Messages for the account go to this device from now on, by the token that its system gave.

    Raises DeviceNotFound, PushNotOffered, PushTokenInvalid, PushUnavailable.
    """
    if not Device.objects.filter(user=user, public_id=public_id).exists():
        raise DeviceNotFound
    application = settings.SNS_PLATFORMS[platform]
    if not application:
        raise PushNotOffered
    # Asked outside of any transaction; for a known token SNS answers with its endpoint.
    _keep(user, public_id, _endpoint(application, token))


def forget_push(*, user: User, public_id: UUID) -> None:
    """No more messages to this device. Raises DeviceNotFound."""
    if not Device.objects.filter(user=user, public_id=public_id).exists():
        raise DeviceNotFound
    PushTarget.objects.filter(device__user=user, device__public_id=public_id).update(device=None)


def push_targets_of(user: User) -> list[PushTarget]:
    """Of the devices on which the user is signed in right now."""
    alive = tokens.devices_of(user)
    return list(PushTarget.objects.filter(device__in=alive).order_by("pk")) if alive else []


def publish(target: PushTarget, *, title: str, body: str, data: Mapping[str, str]) -> None:
    """Send one message; a target that leads nowhere any more is forgotten.

    Raises ClientError, BotoCoreError: to be tried again.
    """
    try:
        _client(target.endpoint).publish(
            TargetArn=target.endpoint,
            Message=json.dumps(_message(target.endpoint, title, body, data)),
            MessageStructure="json",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        PushTarget.objects.filter(pk=target.pk).update(device=None)


def forget_ended() -> None:
    """Have SNS forget the phones that have signed out. The row goes first: a phone that comes
    back at this moment makes a new one, or registers again when it is started next."""
    ended = PushTarget.objects.filter(device=None).order_by("pk")[:FORGOTTEN_AT_ONCE]
    for target in ended:
        _client(target.endpoint).delete_endpoint(EndpointArn=target.endpoint)
        PushTarget.objects.filter(pk=target.pk, device=None).delete()


def _endpoint(application: str, token: str) -> str:
    client = _client(application)
    try:
        endpoint = _made(client, application, token)
        enabled = {"Token": token, "Enabled": "true"}
        client.set_endpoint_attributes(EndpointArn=endpoint, Attributes=enabled)
    except ClientError as error:
        is_refused = error.response["Error"]["Code"] in REFUSED
        raise (PushTokenInvalid if is_refused else PushUnavailable) from error
    except BotoCoreError as error:
        raise PushUnavailable from error
    return endpoint


def _made(client: Any, application: str, token: str) -> str:
    try:
        made = client.create_platform_endpoint(PlatformApplicationArn=application, Token=token)
    except ClientError as error:
        # One that is disabled counts as another; its name stands nowhere but in the refusal.
        known = KNOWN.search(error.response["Error"].get("Message", ""))
        if known is None:
            raise
        return known[1]
    return str(made["EndpointArn"])


@transaction.atomic
def _keep(user: User, public_id: UUID, endpoint: str) -> None:
    # Held: of two that register at once the second replaces what the first one has kept.
    device = Device.objects.locked().filter(user=user, public_id=public_id).first()
    if device is None:
        raise DeviceNotFound
    PushTarget.objects.filter(device=device).exclude(endpoint=endpoint).update(device=None)
    PushTarget.objects.update_or_create(endpoint=endpoint, defaults={"device": device})


def _message(endpoint: str, title: str, body: str, data: Mapping[str, str]) -> dict[str, str]:
    """In the words of the platform, which stands in the endpoint: `…:endpoint/GCM/…`."""
    platform = endpoint.partition(":endpoint/")[2].partition("/")[0]
    alert = {"title": title, "body": body}
    if platform == "GCM":
        told: dict[str, Any] = {"fcmV1Message": {"message": {"notification": alert, "data": data}}}
    else:
        told = {"aps": {"alert": alert, "sound": "default"}, **data}
    return {"default": title, platform: json.dumps(told)}


@lru_cache(maxsize=4)
def _of_region(region: str) -> Any:
    return boto3.client("sns", region_name=region, config=PATIENCE)


def _client(arn: str) -> Any:
    """`arn:aws:sns:<region>:…`."""
    return _of_region(arn.split(":")[3])
