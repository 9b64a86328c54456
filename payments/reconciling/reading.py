"""Reading a gateway's list: every hour the last hours, every night the last days, a page at a time.

A run is a row that says how far it has come, so any loop goes on with it after any crash. Reading a
page twice changes nothing.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from payments.gateways.base import Ambiguous, Refused, Unavailable
from payments.gateways.registry import WITH_STATEMENTS, statements
from payments.gateways.statements import TransactionPage
from payments.models import PaymentException, StatementReading
from payments.polling import BACKGROUND_TIMEOUT
from payments.reconciling.mirroring import mirror
from payments.reconciling.phantoms import open_phantoms
from payments.trouble import open_by_key, settle_keys
from shop.core.due import Due

log = logging.getLogger(__name__)
Name = StatementReading.Name
DUE = Due(StatementReading.objects.all, "next_run_at")
# Longer than reading one page can take, so that no other loop reads it meanwhile.
LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=30)
# Failures of one run; then the gateway was away for an hour and more, or the list is wrong.
TELL_AFTER = 8
# In the shop's time zone, when nobody buys.
NIGHT = time(2, 30)
# How far back each run looks: money is listed late, and settled days after.
OVERLAP = {Name.HOURLY: timedelta(hours=3), Name.NIGHTLY: timedelta(hours=72)}


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a run stood when it asked for a page."""

    reading_id: int
    gateway: str
    began_at: datetime
    since: datetime
    after: str


def schedule_readings() -> None:
    """Every gateway that has a list is read. Safe to repeat; a run that is planned stays so."""
    now = timezone.now()
    first = {Name.HOURLY: now, Name.NIGHTLY: next_run(Name.NIGHTLY, began_at=now)}
    for code in WITH_STATEMENTS:
        for name in Name:
            StatementReading.objects.get_or_create(
                gateway=code, name=name, defaults={"next_run_at": first[name]}
            )


def next_run(name: str, *, began_at: datetime) -> datetime:
    """After a run that began then."""
    if name == Name.HOURLY:
        return began_at + timedelta(hours=1)
    day = timezone.localdate(began_at)
    tonight = datetime.combine(day, NIGHT, tzinfo=timezone.get_current_timezone())
    return tonight if tonight > began_at else tonight + timedelta(days=1)


def claim_due_readings(*, limit: int = 2) -> list[int]:
    """Runs of which a page is to be read, each taken by one caller for the length of the lease."""
    return DUE.claim(lease=LEASE, limit=limit)


def read_page(*, reading_id: int) -> StatementReading:
    """Begin a run, or go on with it: one page. Safe to repeat, by any number of loops at once."""
    asked = _begin(reading_id)
    page = statements(asked.gateway).list_transactions(
        since=asked.since, until=None, after=asked.after, timeout=BACKGROUND_TIMEOUT
    )
    if isinstance(page, TransactionPage):
        return _keep(asked, page)
    return _stopped(asked, trouble_of(page), is_final=isinstance(page, Refused))


def trouble_of(answer: Refused | Ambiguous | Unavailable) -> str:
    said = answer.code if isinstance(answer, Refused) else answer.cause
    return f"{type(answer).__name__}: {said}"[:200]


def counted(page: TransactionPage, *, fresh: int, changed: int) -> Counter[str]:
    return Counter(
        pages=1,
        listed=len(page.rows),
        fresh=fresh,
        changed=changed,
        unreadable=len(page.unreadable),
    )


def keep_page(gateway: str, page: TransactionPage) -> Counter[str]:
    """Mirror a page; what it counts. Rows that nobody can read are named in the log."""
    if page.unreadable:
        facts = {"gateway": gateway, "ids": page.unreadable}
        log.error("gateway_transactions_unreadable", extra=facts)
    mirrored = mirror(gateway=gateway, rows=page.rows)
    return counted(page, fresh=mirrored.fresh, changed=mirrored.changed)


@transaction.atomic
def _begin(reading_id: int) -> Asked:
    reading = _locked(reading_id)
    if reading.began_at is None or reading.since is None:
        now = timezone.now()
        # What was not read to the end is read again, however long the gateway was away.
        complete = min(now, reading.complete_until or now)
        reading.began_at, reading.since = now, complete - OVERLAP[Name(reading.name)]
        reading.after, reading.counts = "", {}
        reading.save(update_fields=["began_at", "since", "after", "counts"])
    return Asked(reading.pk, reading.gateway, reading.began_at, reading.since, reading.after)


@transaction.atomic
def _keep(asked: Asked, page: TransactionPage) -> StatementReading:
    reading = _locked(asked.reading_id)
    if (reading.began_at, reading.after) != (asked.began_at, asked.after):
        # Another loop, after the lease of this one, was faster.
        return reading
    counts = Counter(reading.counts)
    counts.update(keep_page(asked.gateway, page))
    reading.counts = dict(counts)
    if page.after == asked.after and page.after:
        reading.trouble = "the gateway gives the same page again and again"
        _wait(reading, anew=True)
        reading.save()
        return reading
    reading.tries, reading.trouble = 0, ""
    if page.after:
        reading.after, reading.next_run_at = page.after, timezone.now()
    else:
        _complete(reading, asked)
    reading.save()
    return reading


def _complete(reading: StatementReading, asked: Asked) -> None:
    """All of it was read: what is not in it by now is not there."""
    reading.ended_at, reading.complete_until = timezone.now(), asked.began_at
    if reading.name == Name.NIGHTLY:
        reading.counts["phantoms"] = open_phantoms(
            gateway=asked.gateway, since=asked.since, until=asked.began_at, now=asked.began_at
        )
    reading.last_counts = reading.counts
    settle_keys([_key(reading)], "read to its end")
    reading.began_at = reading.since = None
    reading.after, reading.counts = "", {}
    reading.next_run_at = next_run(reading.name, began_at=asked.began_at)
    facts = {"gateway": asked.gateway, "run": reading.name} | reading.last_counts
    log.info("statement_read", extra=facts)


@transaction.atomic
def _stopped(asked: Asked, trouble: str, *, is_final: bool) -> StatementReading:
    """The gateway gave no page: nothing is concluded, and it is asked for it again a little later.

    Only what it refuses to give is asked for from the beginning: a run of many pages, of which now
    and then one fails, comes to its end.
    """
    reading = _locked(asked.reading_id)
    if (reading.began_at, reading.after) == (asked.began_at, asked.after):
        reading.trouble = trouble
        _wait(reading, anew=is_final)
        reading.save()
    return reading


def _wait(reading: StatementReading, *, anew: bool) -> None:
    reading.tries += 1
    if anew:
        reading.began_at = reading.since = None
    if reading.tries >= TELL_AFTER:
        note = f"the list of {reading.gateway}, {reading.name}, cannot be read: {reading.trouble}"
        open_by_key(PaymentException.Kind.WORK_FAILS, _key(reading), note)
    wait = min(timedelta(minutes=1) * 2 ** min(reading.tries - 1, 6), LONGEST_WAIT)
    reading.next_run_at = timezone.now() + wait


def _key(reading: StatementReading) -> str:
    return f"reading:{reading.gateway}:{reading.name}"


def _locked(reading_id: int) -> StatementReading:
    rows = StatementReading.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=reading_id)
