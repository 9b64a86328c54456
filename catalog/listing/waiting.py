"""Writes the listings that were marked and left, and those that change because of the time.

Some at a time, and none of them holds up the others: what somebody else is writing, or what cannot
be written, stays marked and goes behind the rest.
"""

import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from catalog.models import ListingSchedule, StaleListing

log = logging.getLogger(__name__)
BATCH = 100
# So long at a stretch; then something more urgent may have come.
STRETCH_SECONDS = 0.5
SOON_SECONDS = 1.0


@dataclass(slots=True)
class Pace:
    """How many products are written in one transaction: fewer where that fails."""

    size: int = BATCH

    def slower(self) -> None:
        self.size = max(1, self.size // 2)

    def faster(self) -> None:
        self.size = min(BATCH, self.size * 2)


@dataclass(frozen=True, slots=True)
class Work:
    """`marks` maps the pk of a mark to its product; `due` are products whose time has come."""

    marks: Mapping[int, int] = field(default_factory=dict)
    due: Collection[int] = ()

    @property
    def products(self) -> list[int]:
        return sorted({*self.marks.values(), *self.due})

    def marks_of(self, products: Collection[int]) -> list[int]:
        return [pk for pk, product in self.marks.items() if product in products]


def write_waiting(pace: Pace) -> bool:
    """A stretch of work. Returns whether anything was written and there may be more."""
    until = time.monotonic() + STRETCH_SECONDS
    was_any = False
    while (work := _next(pace.size)).products:
        if not _write_or_put_back(work, pace):
            break
        was_any = True
        if time.monotonic() >= until:
            break
    return was_any


def due() -> "QuerySet[ListingSchedule]":
    """Listings whose time has come."""
    return ListingSchedule.objects.filter(due_at__lte=Now())


def _next(size: int) -> Work:
    """First what single changes have left, and what is due; then what concerns very many."""
    work = Work(
        marks=_marks(StaleListing.objects.filter(is_deferred=False), size),
        due=due().order_by("due_at").values_list("product_id", flat=True)[:size],
    )
    if work.products:
        return work
    return Work(marks=_marks(StaleListing.objects.filter(is_deferred=True), size))


def _marks(waiting: QuerySet[StaleListing], size: int) -> dict[int, int]:
    return dict(waiting.order_by("pk").values_list("pk", "product_id")[:size])


def _write_or_put_back(work: Work, pace: Pace) -> bool:
    """Whether some of it is written."""
    try:
        was_any = _write(work)
    except DatabaseError:
        if not connection.is_usable():
            raise
        if len(work.products) == 1:
            log.exception("listing_not_written", extra={"product": work.products[0]})
            _put_back(work, work.products)
            return False
        pace.slower()
        return True
    pace.faster()
    return was_any


@transaction.atomic
def _write(work: Work) -> bool:
    with connection.cursor() as cursor:
        patience = "10s" if len(work.products) == 1 else "2s"
        cursor.execute(f"SET LOCAL statement_timeout = '{patience}'; SET LOCAL lock_timeout = '1s'")
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) AS id"
            " WHERE pg_try_advisory_xact_lock(catalog_listing_lock(id))",
            [work.products],
        )
        free = {pk for (pk,) in cursor.fetchall()}
        _put_back(work, set(work.products) - free)
        # Marks first: a change that commits while this writes leaves a mark of its own.
        StaleListing.objects.filter(pk__in=work.marks_of(free)).delete()
        cursor.execute("SELECT catalog_refresh_listing(%s)", [sorted(free)])
    return bool(free)


def _put_back(work: Work, products: Collection[int]) -> None:
    """Behind the others of their kind."""
    marks = work.marks_of(products)
    if marks:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE catalog_stalelisting"
                " SET id = nextval(pg_get_serial_sequence('catalog_stalelisting', 'id'))"
                " WHERE id = ANY(%s)",
                [marks],
            )
    late = [pk for pk in work.due if pk in products]
    if late:
        soon = timezone.now() + timedelta(seconds=SOON_SECONDS)
        ListingSchedule.objects.filter(product__in=late).update(due_at=soon)
