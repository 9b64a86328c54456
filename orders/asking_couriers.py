"""Asking couriers where parcels are: by schedule, within what the merchant will pay for."""

import logging
import time
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from orders.courier_codes import courier_code, is_known
from orders.courier_news import record_courier_news
from orders.models import Shipment, ShipmentStatus
from orders.shipping.allowance import seconds_until_tracking
from orders.shipping.rates import Unavailable
from orders.shipping.sources import courier_tracking
from orders.shipping.tracking import LONGEST_WORD, CourierTracking, Tracked, TrackRequest
from shop.core.due import claim_due

log = logging.getLogger(__name__)
# How long until it is asked again; the last for ever, that is MOST_ASKS times: six weeks.
INTERVALS = tuple(timedelta(hours=hours) for hours in (6, 6, 6, 12, 12, 24))
MOST_ASKS = 45
# Where nobody could say: trouble with the API, not with the parcel.
AGAIN = timedelta(hours=1)
LEASE = timedelta(minutes=10)
AT_ONCE = 8
# They ask the couriers themselves, which takes longer than a price.
TIMEOUT = 10.0


def ask_couriers(*, within: timedelta) -> int:
    """Ask about all parcels that are due, eight at a time; returns about how many.

    Any number of workers may run it at once. Never inside a transaction: it calls the network.
    """
    tracking = courier_tracking()
    give_up_at = time.monotonic() + within.total_seconds()
    count = 0
    while tracking is not None and time.monotonic() < give_up_at:
        due = claim_due(_underway(), "ask_due_at", lease=LEASE, limit=AT_ONCE)
        parcels = _allowed(_askable(due), tracking)
        if parcels:
            _ask(parcels, tracking)
        count += len(parcels)
        if len(due) < AT_ONCE:
            break
    return count


def _underway() -> "QuerySet[Shipment]":
    return Shipment.objects.filter(Q(status=ShipmentStatus.SHIPPED) | Q(is_assumed=True))


def _askable(pks: Sequence[int]) -> list[Shipment]:
    """Those whose couriers the API knows; the shop's own rider is not asked about again."""
    found = Shipment.objects.filter(pk__in=pks).select_related("group__order__contact")
    parcels = [parcel for parcel in found if _is_of_api(courier_code(parcel.courier))]
    others = set(pks) - {parcel.pk for parcel in parcels}
    if others:
        Shipment.objects.filter(pk__in=others).update(ask_due_at=None)
    return parcels


def _is_of_api(code: str) -> bool:
    return is_known(code) or code in settings.COURIER_CODES


def _allowed(parcels: list[Shipment], tracking: CourierTracking) -> list[Shipment]:
    """As many as are still paid for today; all that is due beyond them waits for tomorrow."""
    for position, _parcel in enumerate(parcels):
        wait = seconds_until_tracking(tracking.source)
        if wait:
            log.warning("courier_trackings_used_up", extra={"source": str(tracking.source)})
            tomorrow = Now() + timedelta(seconds=wait)
            Shipment.objects.filter(pk__in=[parcel.pk for parcel in parcels[position:]]).update(
                ask_due_at=tomorrow
            )
            _underway().filter(ask_due_at__lte=Now()).update(ask_due_at=tomorrow)
            return parcels[:position]
    return parcels


def _ask(parcels: list[Shipment], tracking: CourierTracking) -> None:
    answers = tracking.track([_request(parcel) for parcel in parcels], timeout=TIMEOUT)
    for parcel, answer in zip(parcels, answers, strict=True):
        try:
            _take(parcel, answer)
        except OperationalError as error:
            # It was locked for too long: the lease will end, and it is asked about again.
            log.warning("courier_answer_not_taken", extra={"shipment": parcel.pk}, exc_info=error)


def _request(parcel: Shipment) -> TrackRequest:
    contact = getattr(parcel.group.order, "contact", None)
    phone = (contact.recipient_phone or contact.phone) if contact else ""
    return TrackRequest(courier_code(parcel.courier), parcel.tracking_number, phone[-5:])


def _take(parcel: Shipment, answer: Tracked | Unavailable) -> None:
    """First the news: should we die in between, the courier is asked again."""
    if isinstance(answer, Tracked):
        if answer.status:
            record_courier_news(
                courier=parcel.courier,
                tracking_number=parcel.tracking_number,
                status=answer.status,
                at=answer.at,
                raw_reference=answer.word,
            )
        _note(parcel, answer.word, is_answer=True)
    else:
        _note(parcel, answer.cause, is_answer=answer.is_lasting)


def _note(parcel: Shipment, word: str, *, is_answer: bool) -> None:
    asks = parcel.asks + is_answer
    pause = INTERVALS[min(asks, len(INTERVALS)) - 1] if is_answer else AGAIN
    # Another number by now: what was asked about is no longer this parcel.
    Shipment.objects.filter(
        pk=parcel.pk, courier=parcel.courier, tracking_number=parcel.tracking_number
    ).update(
        asks=asks,
        asked_at=Now(),
        courier_word=word[:LONGEST_WORD],
        ask_due_at=Now() + pause if asks < MOST_ASKS else None,
    )
