"""What couriers say of parcels: kept first, applied second, in whatever order it comes."""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now, Upper

from orders.delivery import mark_delivered, mark_lost, mark_returned_to_sender
from orders.models import CourierNews, CourierStatus, OrderEvent, Shipment
from shop.core.errors import DomainError

log = logging.getLogger(__name__)
# A number that nobody has entered by then is not one of ours.
KEPT_FOR = timedelta(days=60)
AT_ONCE = 200
LONGEST_NUMBER = 60


def record_courier_news(
    *,
    courier: str,
    tracking_number: str,
    status: CourierStatus,
    at: datetime,
    raw_reference: str = "",
) -> bool:
    """Keep what a courier said and act on it. Returns whether it reached a parcel just now.

    The only way in, for webhook and poller alike; safe to repeat, and in any order: what comes
    late changes nothing, and "delivered" is never taken back by it. A number we do not know is
    kept until a parcel gets it (`match_kept_news`).
    """
    row = CourierNews(
        courier=courier[:40],
        tracking_number=tracking_number.strip()[:LONGEST_NUMBER].upper(),
        status=status,
        happened_at=at,
        raw_reference=raw_reference[:120],
    )
    CourierNews.objects.bulk_create([row], ignore_conflicts=True)
    # Written by now, be it by this call or by one before that died at applying it.
    news = CourierNews.objects.get(
        courier=row.courier, tracking_number=row.tracking_number, status=status, happened_at=at
    )
    return news.matched_at is None and _apply(news)


def match_kept_news() -> int:
    """Apply news that came before its number was entered. Returns how many found their parcel."""
    parcels = Shipment.objects.annotate(number=Upper("tracking_number")).filter(
        number=OuterRef("tracking_number"), courier__iexact=OuterRef("courier")
    )
    waiting = CourierNews.objects.filter(Exists(parcels), matched_at=None)
    fresh = waiting.filter(received_at__gt=Now() - KEPT_FOR).order_by("received_at")
    return sum(_apply(news) for news in fresh[:AT_ONCE])


def _apply(news: CourierNews) -> bool:
    """Whether a parcel has the number; two orders may share one, sent in the same parcel."""
    parcels = Shipment.objects.filter(
        tracking_number__iexact=news.tracking_number, courier__iexact=news.courier
    ).exclude(tracking_number="")
    pks = list(parcels.order_by("pk").values_list("pk", flat=True))
    for pk in pks:
        _move(pk, news)
    if pks:
        CourierNews.objects.filter(pk=news.pk).update(matched_at=Now())
    return bool(pks)


def _move(shipment_id: int, news: CourierNews) -> None:
    actor = OrderEvent.Actor.COURIER
    try:
        match news.status:
            case CourierStatus.DELIVERED:
                mark_delivered(shipment_id=shipment_id, at=news.happened_at, actor=actor)
            case CourierStatus.LOST:
                mark_lost(shipment_id=shipment_id, actor=actor)
            case CourierStatus.RETURNED_TO_SENDER:
                mark_returned_to_sender(shipment_id=shipment_id, actor=actor)
            case _in_transit:
                pass
    except DomainError as error:
        # Late, or against what staff have settled meanwhile: it is kept, and changes nothing.
        log.info("courier_news_ignored", extra={"shipment": shipment_id, "code": error.code})
