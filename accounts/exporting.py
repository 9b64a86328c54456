"""A copy of all that the shop keeps of a person, for that person alone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import DataExport, User
from shop.core import mail, outbox, throttle
from shop.core.errors import DomainError
from shop.core.privacy import Person, collect, packed
from shop.core.sealed import CannotUnseal, seal_bytes, unseal_bytes
from shop.core.throttle import Limit

KEPT_FOR = timedelta(days=7)
LIMITS = (Limit(times=3, seconds=86_400),)


class NoSuchExport(DomainError):
    """Also of another's: who asks learns nothing."""

    code = "no_such_export"
    status = 404
    message = _("This file is not there any more. Ask for a new one.")


def register_handlers() -> None:
    outbox.register("data-export", make_export, is_slow=True)


def ask_for_export(*, user: User) -> DataExport:
    """A worker makes the file and tells by mail. One that is being made is not asked for again.

    Raises Throttled: counted for the account.
    """
    throttle.count_lastingly("data-export", of=str(user.pk), limits=LIMITS)
    with transaction.atomic():
        # Of two who ask at once the second finds what the first has asked for.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        waiting = DataExport.objects.filter(user=user, made_at=None).first()
        if waiting is not None:
            return waiting
        export = DataExport.objects.create(user=user)
        outbox.add("data-export", key=f"data-export:{export.public_id}", export_id=export.pk)
    return export


def make_export(payload: dict[str, Any]) -> None:
    """Of the outbox; made again it is of now. Nothing is made for who is gone meanwhile."""
    export = DataExport.objects.select_related("user").filter(pk=payload["export_id"]).first()
    if export is None:
        return
    user = export.user
    told = collect(Person(user.pk, user.email))
    DataExport.objects.filter(pk=export.pk).update(
        sealed=seal_bytes(packed(told)), made_at=timezone.now()
    )
    with translation.override(user.language):
        url = settings.PUBLIC_URL + reverse("pages:own_data")
    context = {"url": url, "user": user, "days": KEPT_FOR.days}
    mail.send("data_export", to=user.email, language=user.language, context=context)


def exports_of(user: User) -> list[DataExport]:
    """Without the files; the newest first."""
    found = DataExport.objects.filter(user=user, asked_at__gt=timezone.now() - KEPT_FOR)
    return list(found.defer("sealed").order_by("-pk"))


def read_export(*, user: User, public_id: UUID) -> bytes:
    """The file, a ZIP. Raises NoSuchExport."""
    export = DataExport.objects.filter(
        user=user,
        public_id=public_id,
        sealed__isnull=False,
        asked_at__gt=timezone.now() - KEPT_FOR,
    ).first()
    if export is None or export.sealed is None:
        raise NoSuchExport
    try:
        return unseal_bytes(bytes(export.sealed))
    except CannotUnseal as error:
        raise NoSuchExport from error


def prune_exports() -> None:
    DataExport.objects.filter(asked_at__lte=timezone.now() - KEPT_FOR).delete()
