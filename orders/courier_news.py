"""What couriers say of parcels: kept first, applied second, in whatever order it comes."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now, Upper
from django.utils import timezone

from orders.courier_codes import code_of, courier_code
from orders.delivery import mark_delivered, mark_lost, mark_returned_to_sender
from orders.models import CourierNews, CourierStatus, OrderEvent, Shipment
from shop.core.errors import DomainError

log = logging.getLogger(__name__)
# A number that nobody has entered by then is not one of ours.
KEPT_FOR = timedelta(days=60)
AT_ONCE = 200
LONGEST_NUMBER = 60
MOST_SHOWN = 100


def record_courier_news(
    *,
    courier: str,
    tracking_number: str,
    status: CourierStatus,
    at: datetime | None,
    raw_reference: str = "",
) -> bool:
    """Keep what a courier said and act on it. Returns whether it reached a parcel just now.

    `at`: when it happened; None where the courier does not say: then it is what was said before in
    the same words, or has happened now.

    The only way in, for webhook and poller alike; safe to repeat, and in any order: what comes
    late changes nothing, and "delivered" is never taken back by it. A number we do not know is
    kept until a parcel gets it (`match_kept_news`).
    """
    row = CourierNews(
        courier=courier_code(courier)[:40],
        tracking_number=tracking_number.strip()[:LONGEST_NUMBER].upper(),
        status=status,
        raw_reference=raw_reference[:120],
    )
    row.happened_at = at = at or _said_before(row) or timezone.now()
    CourierNews.objects.bulk_create([row], ignore_conflicts=True)
    # Written by now, be it by this call or by one before that died at applying it.
    news = CourierNews.objects.get(
        courier=row.courier, tracking_number=row.tracking_number, status=status, happened_at=at
    )
    return news.matched_at is None and _apply(news)


def _said_before(row: CourierNews) -> datetime | None:
    same = CourierNews.objects.filter(
        courier=row.courier, tracking_number=row.tracking_number, status=row.status
    )
    return same.order_by("-happened_at").values_list("happened_at", flat=True).first()


def match_kept_news() -> int:
    """Apply news that came before its number was entered. Returns how many found their parcel."""
    parcels = Shipment.objects.annotate(
        number=Upper("tracking_number"), courier_code=code_of("courier")
    ).filter(number=OuterRef("tracking_number"), courier_code=OuterRef("courier"))
    waiting = CourierNews.objects.filter(Exists(parcels), matched_at=None)
    fresh = waiting.filter(received_at__gt=Now() - KEPT_FOR).order_by("received_at")
    return sum(_apply(news) for news in fresh[:AT_ONCE])


def _apply(news: CourierNews) -> bool:
    """Whether a parcel has the number; two orders may share one, sent in the same parcel."""
    parcels = Shipment.objects.annotate(courier_code=code_of("courier")).filter(
        tracking_number__iexact=news.tracking_number, courier_code=news.courier
    )
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


def news_of(shipments: Sequence[Shipment]) -> dict[int, list[CourierNews]]:
    """Shipment pk → what its courier said, the newest first; one query at most."""
    numbers = {shipment.tracking_number.upper() for shipment in shipments} - {""}
    found: dict[tuple[str, str], list[CourierNews]] = {}
    if numbers:
        rows = CourierNews.objects.filter(tracking_number__in=numbers)
        for row in rows.order_by("-happened_at", "-pk")[:MOST_SHOWN]:
            found.setdefault((row.courier, row.tracking_number), []).append(row)
    return {
        shipment.pk: found.get(
            (courier_code(shipment.courier), shipment.tracking_number.upper()), []
        )
        for shipment in shipments
    }
