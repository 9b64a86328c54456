"""Back-in-stock alerts: who waits for a sold-out variant is written to once it can be bought.

Stock comes back in many ways: received, corrected, returned, released by an order that was never
paid; and a price or a publication can be what was missing. None of them knows of alerts: a task
looks every minute at what is waited for.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from catalog import alert_addresses
from catalog.alert_addresses import MOST_OPEN
from catalog.catalogue import ProductNotFound, VariantView, preview_product
from catalog.catalogue.offers import prices_now
from catalog.models import AlertAddress, Product, StockAlert, StockItem
from shop.core import mail, outbox
from shop.core.errors import DomainError
from shop.core.throttle import Limit

TOPIC = "stock-alert"
AT_ONCE = 200
# Many phones share one address of their provider; a whole list of strangers has no room in it.
LIMITS = (Limit(times=30, seconds=3600), Limit(times=100, seconds=86_400))


class NotSoldOut(DomainError):
    code = "not_sold_out"
    message = _("This one is in stock: you can buy it now.")


def register_handlers() -> None:
    outbox.register(TOPIC, send_alert)
    outbox.register(alert_addresses.TOPIC, alert_addresses.ask_to_confirm)


@transaction.atomic
def ask(*, variant_id: UUID, email: str, language: str) -> None:
    """Write to the address, in the language, once the variant can be bought. Safe to repeat.

    An address that has not confirmed lately is asked to, by one mail a day. What is known of it is
    told to nobody. Raises ProductNotFound, NotSoldOut.
    """
    variant_pk = _sold_out(variant_id)
    now = timezone.now()
    address = alert_addresses.known(email)
    asked = StockAlert(
        variant_id=variant_pk,
        address=address,
        email=email.strip().lower(),
        language=language,
        created_at=now,
    )
    confirmed = address.alerts.filter(notified_at=None).exclude(confirmed_at=None)
    if confirmed.filter(variant=variant_pk).exists():
        return
    if address.is_trusted(at=now) and confirmed.count() < MOST_OPEN:
        asked.confirmed_at = now
        _wait_for(asked)
    else:
        _wait_for(asked)
        alert_addresses.ask_for_confirmation(address, at=now)


def _sold_out(variant_id: UUID) -> int:
    offer = offered(at=timezone.now()).filter(variant__public_id=variant_id)
    variant_pk: int | None = offer.values_list("variant_id", flat=True).first()
    if variant_pk is None:
        raise ProductNotFound(str(variant_id))
    if in_stock(variant_pk).exists():
        raise NotSoldOut
    return variant_pk


def _wait_for(alert: StockAlert) -> None:
    """In the place of one for the same that nobody has confirmed."""
    same = StockAlert.objects.filter(
        variant=alert.variant_id, email=alert.email, notified_at=None, confirmed_at=None
    )
    is_known = same.update(
        address=alert.address,
        language=alert.language,
        created_at=alert.created_at,
        confirmed_at=alert.confirmed_at,
    )
    if not is_known:
        # A mail that came too late may make it wait again at this very moment.
        StockAlert.objects.bulk_create([alert], ignore_conflicts=True)


def offered(*, at: datetime) -> Any:
    """Prices of all variants that customers see, sold out or not."""
    return prices_now(currency=settings.DEFAULT_CURRENCY, at=at).filter(
        variant__product__in=Product.objects.on_sale(at=at)
    )


def in_stock(variant: int | OuterRef) -> QuerySet[StockItem]:
    return StockItem.objects.filter(variant=variant, on_hand__gt=F("reserved"))


def buyable(alerts: QuerySet[StockAlert]) -> QuerySet[StockAlert]:
    """Those whose variant can be bought now."""
    return alerts.filter(
        Exists(offered(at=timezone.now()).filter(variant=OuterRef("variant"))),
        Exists(in_stock(OuterRef("variant"))),
    )


def tell_waiting() -> int:
    """Have all written to whose variant is back. Returns how many; safe to run several at once."""
    told = 0
    while claimed := _claim():
        told += claimed
    return told


@transaction.atomic
def _claim() -> int:
    """The outbox forgets its keys after a while, so the alert itself remembers that it is over."""
    now = timezone.now()
    confirmed = StockAlert.objects.filter(notified_at=None, confirmed_at__isnull=False)
    waiting = confirmed.select_for_update(skip_locked=True, of=("self",), no_key=True)
    due = list(buyable(waiting).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    StockAlert.objects.filter(pk__in=due).update(notified_at=now)
    for pk in due:
        # An alert that goes on waiting is told again, under another key.
        outbox.add(TOPIC, key=f"{TOPIC}:{pk}:{now.isoformat()}", alert_id=pk)
    return len(due)


def send_alert(payload: dict[str, Any]) -> None:
    """Of the outbox. What was sold out again in the meantime goes on being waited for."""
    claimed = StockAlert.objects.filter(pk=payload["alert_id"]).exclude(notified_at=None)
    alert = claimed.select_related("variant").first()
    if alert is None:
        return
    if not buyable(claimed).exists():
        _wait_on(alert)
        return
    _send(alert)


def _wait_on(alert: StockAlert) -> None:
    try:
        with transaction.atomic():
            StockAlert.objects.filter(pk=alert.pk).update(notified_at=None)
    except IntegrityError:
        # They have asked again since: one alert is enough, and this was confirmed.
        again = StockAlert.objects.filter(
            variant=alert.variant, email=alert.email, notified_at=None, confirmed_at=None
        )
        again.update(confirmed_at=alert.confirmed_at)
        alert.delete()


def _send(alert: StockAlert) -> None:
    product = preview_product(
        product_pk=alert.variant.product_id,
        language=alert.language,
        currency=settings.DEFAULT_CURRENCY,
        at=timezone.now(),
    )
    with translation.override(alert.language):
        path = reverse("catalog:view_product", args=[product.slug])
        stop_url = settings.PUBLIC_URL + reverse("catalog:stop_alerts", args=[alert.token])
    mail.send(
        "back_in_stock",
        to=alert.email,
        language=alert.language,
        context={
            "product": product,
            "variant": _variant(product.variants, alert.variant.public_id),
            "currency": settings.DEFAULT_CURRENCY,
            "product_url": f"{settings.PUBLIC_URL}{path}?variant={alert.variant.public_id}",
            "stop_url": stop_url,
        },
        headers=mail.unsubscribe_headers(stop_url),
    )


def _variant(variants: list[VariantView], public_id: UUID) -> VariantView:
    return next(variant for variant in variants if variant.public_id == public_id)


@transaction.atomic
def stop(*, token: UUID) -> None:
    """Forget all alerts of the address whose mail has this token, and write to it no more.

    Safe to repeat; silent if unknown.
    """
    alert = StockAlert.objects.filter(Q(token=token) | Q(address__token=token)).first()
    known = AlertAddress.objects.filter(token=token)
    address = alert_addresses.known(alert.email) if alert else known.locked().first()
    if address is None:
        return
    if alert:
        StockAlert.objects.filter(email=alert.email).delete()
    address.stopped_at = timezone.now()
    address.confirmed_at = None
    address.save(update_fields=["stopped_at", "confirmed_at"])


@transaction.atomic
def forget(*, email: str) -> None:
    """Erase what the shop knows of an address here, but not that it wants no mail."""
    address = alert_addresses.known(email)
    StockAlert.objects.filter(email=email.strip().lower()).delete()
    if address.stopped_at is None:
        address.delete()


def prune() -> None:
    """End what has waited too long or was never confirmed, and forget who was told."""
    now = timezone.now()
    before = now - settings.STOCK_ALERT_FOR
    StockAlert.objects.filter(
        Q(notified_at=None, created_at__lt=before) | Q(notified_at__lt=before)
    ).delete()
    alert_addresses.prune(at=now)
