"""Addresses that back-in-stock alerts are sent to: entered by anybody, confirmed by mail.

Nobody is written to twice a day because somebody else enters their address, nor told of a variant
that they did not confirm; and who wants no such mails is remembered, as a hash.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from catalog.catalogue.names import variant_names
from catalog.models import AlertAddress, StockAlert, hash_alert_email
from shop.core import mail, outbox
from shop.core.errors import DomainError

TOPIC = "confirm-stock-alert"
MOST_OPEN = 20
UNCONFIRMED_FOR = timedelta(days=2)


class TooManyAlerts(DomainError):
    code = "too_many_alerts"
    message = _("An address can wait for {limit} things at a time. Please choose fewer.")

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_OPEN}", limit=MOST_OPEN)


def known(email: str) -> AlertAddress:
    """The row of the address, locked: whoever changes what it waits for comes after the other."""
    email_hash = hash_alert_email(email)
    AlertAddress.objects.bulk_create([AlertAddress(email_hash=email_hash)], ignore_conflicts=True)
    return AlertAddress.objects.locked().get(email_hash=email_hash)


def ask_for_confirmation(address: AlertAddress, *, at: datetime) -> None:
    """Have a mail sent to the address, unless it had one lately. The caller holds the row."""
    _keep_newest(address)
    if not address.may_be_asked(at=at):
        return
    address.mailed_at = at
    address.save(update_fields=["mailed_at"])
    outbox.add(TOPIC, key=f"{TOPIC}:{address.pk}:{at.isoformat()}", address_id=address.pk)


def _keep_newest(address: AlertAddress) -> None:
    """Who has entered a stranger's address twenty times has not taken the stranger's own turn."""
    newest = unconfirmed(address).order_by("-created_at", "-pk").values("pk")[:MOST_OPEN]
    unconfirmed(address).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()


def open_alerts(address: AlertAddress) -> QuerySet[StockAlert]:
    return address.alerts.filter(notified_at=None)


def unconfirmed(address: AlertAddress) -> QuerySet[StockAlert]:
    return open_alerts(address).filter(confirmed_at=None)


def ask_to_confirm(payload: dict[str, Any]) -> None:
    """Of the outbox. Sends nothing where nothing is left to confirm."""
    address = AlertAddress.objects.filter(pk=payload["address_id"]).first()
    alerts = list(unconfirmed(address).order_by("-created_at", "-pk")) if address else []
    if not address or not alerts:
        return
    email, language = alerts[0].email, alerts[0].language
    with translation.override(language):
        confirm_url = settings.PUBLIC_URL + reverse("catalog:confirm_alerts", args=[address.token])
        stop_url = settings.PUBLIC_URL + reverse("catalog:stop_alerts", args=[address.token])
    names = variant_names([alert.variant_id for alert in alerts], language)
    mail.send(
        "confirm_alerts",
        to=email,
        language=language,
        context={
            "names": list(names.values()),
            "confirm_url": confirm_url,
            "stop_url": stop_url,
        },
        headers=mail.unsubscribe_headers(stop_url),
    )


def choices_of(*, token: UUID, language: str) -> list[tuple[UUID, str]]:
    """(token, name) of all that the address with this token waits for, confirmed or not.

    Four queries. Empty if there is nothing, or no such address.
    """
    alerts = list(
        StockAlert.objects.filter(address__token=token, notified_at=None)
        .order_by("-created_at", "-pk")
        .values_list("token", "variant_id")
    )
    names = variant_names([variant_pk for _token, variant_pk in alerts], language)
    return [(one, names[variant_pk]) for one, variant_pk in alerts if variant_pk in names]


@transaction.atomic
def confirm(*, token: UUID, shown: Collection[UUID], chosen: Collection[UUID]) -> int:
    """Wait for the chosen ones and not for the others shown. Returns for how many; safe to repeat.

    What was entered since it was shown is left to be confirmed. Raises TooManyAlerts; then nothing
    has changed.
    """
    address = AlertAddress.objects.locked().filter(token=token).first()
    if address is None:
        return 0
    wanted = open_alerts(address).filter(token__in=chosen)
    count = wanted.count()
    if count > MOST_OPEN:
        raise TooManyAlerts
    now = timezone.now()
    wanted.filter(confirmed_at=None).update(confirmed_at=now)
    open_alerts(address).filter(token__in=shown).exclude(token__in=chosen).delete()
    if count:
        address.confirmed_at, address.stopped_at = now, None
        address.save(update_fields=["confirmed_at", "stopped_at"])
    return count


def prune(*, at: datetime) -> None:
    """Forget what nobody confirmed, and addresses of which there is nothing to remember."""
    StockAlert.objects.filter(
        confirmed_at=None, notified_at=None, created_at__lt=at - UNCONFIRMED_FOR
    ).delete()
    alerts = StockAlert.objects.filter(address=OuterRef("pk"))
    AlertAddress.objects.filter(~Exists(alerts), stopped_at=None).exclude(
        confirmed_at__gt=at - AlertAddress.CONFIRMED_FOR
    ).exclude(mailed_at__gt=at - AlertAddress.MAIL_PAUSE).delete()
