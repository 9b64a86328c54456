"""Reading in a gateway's report: its movements are mirrored as those of a list are, and matched.

A movement that was settled in one file stays as it was, whatever another file says of it.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from payments.gateways.registry import REPORTS
from payments.gateways.statements import RemoteTransaction, ReportRow, Settlement, TransactionState
from payments.models import (
    TAKEN_BACK,
    GatewayReport,
    GatewayTransaction,
    PaymentException,
    ReportLine,
    ReportOutcome,
)
from payments.reconciling.mirroring import is_news, mirror
from payments.reconciling.phantoms import open_phantoms
from payments.reconciling.trouble import open_once
from payments.tables import Unreadable
from shop.core.errors import DomainError

# Somebody waits for it in front of a page.
MOST = 2000


class ReportKnown(DomainError):
    code = "report_known"
    status = 422
    message = _("This file was read in already, on {at}. Nothing was changed.")

    def __init__(self, report: GatewayReport) -> None:
        at = date_format(timezone.localtime(report.uploaded_at), "DATETIME_FORMAT")
        super().__init__(f"report {report.pk}", at=at)


class ReportTooLong(DomainError):
    code = "report_too_long"
    status = 422
    message = _(
        "This file has {count} movements, and {most} are read in at once. Download fewer days at a"
        " time."
    )

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} movements", count=count, most=MOST)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of which a report has every payment."""

    first_on: date
    last_on: date


@transaction.atomic
def take_report(
    *, gateway: str, name: str, content: bytes, days: Days | None, user_id: int | None
) -> GatewayReport:
    """Keep what a file says; each movement that is new or changed is to be matched.

    Raises ReportKnown, ReportTooLong, Unreadable and what the gateway's reader raises; nothing has
    changed then.
    """
    now = timezone.now()
    rows = REPORTS[gateway](content, now=now)
    if not rows:
        raise Unreadable
    if len(rows) > MOST:
        raise ReportTooLong(len(rows))
    _take_turn(gateway)
    digest = hashlib.sha256(content).hexdigest()
    known = GatewayReport.objects.filter(gateway=gateway, digest=digest).first()
    if known is not None:
        raise ReportKnown(known)
    report = GatewayReport.objects.create(
        gateway=gateway,
        name=name[:120],
        digest=digest,
        first_on=days.first_on if days else None,
        last_on=days.last_on if days else None,
        uploaded_by_id=user_id,
    )
    outcomes = _mirror(report, rows)
    report.fresh = outcomes.count(ReportOutcome.NEW)
    report.changed = outcomes.count(ReportOutcome.CHANGED)
    report.known = outcomes.count(ReportOutcome.KNOWN)
    report.differing = outcomes.count(ReportOutcome.DIFFERS)
    if days is not None:
        report.phantoms = open_phantoms(
            gateway=gateway,
            since=_begin(days.first_on),
            until=_begin(days.last_on + timedelta(days=1)),
            now=now,
        )
    report.save(update_fields=["fresh", "changed", "known", "differing", "phantoms"])
    return report


def _take_turn(gateway: str) -> None:
    """One report of a gateway after the other: of two that contradict each other the second has to
    see what the first says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"gateway-report:{gateway}"]
        )


def _mirror(report: GatewayReport, rows: list[ReportRow]) -> list[ReportOutcome]:
    """What became of each line, in their order."""
    ours = GatewayTransaction.objects.filter(
        gateway=report.gateway, transaction_id__in=[row.listed.transaction_id for row in rows]
    )
    before = {one.transaction_id: one for one in ours.select_related("receipt__order")}
    outcomes = [_outcome(before.get(row.listed.transaction_id), row.listed) for row in rows]
    told = (ReportOutcome.NEW, ReportOutcome.CHANGED)
    pairs = list(zip(rows, outcomes, strict=True))
    mirror(gateway=report.gateway, rows=[row.listed for row, what in pairs if what in told])
    pks = dict(ours.values_list("transaction_id", "pk"))
    lines = (
        ReportLine(
            report=report,
            position=row.line,
            transaction_id=pks[row.listed.transaction_id],
            outcome=what,
        )
        for row, what in pairs
    )
    ReportLine.objects.bulk_create(lines, batch_size=1000)
    for row, what in pairs:
        if what is ReportOutcome.DIFFERS:
            _tell(report, row, before[row.listed.transaction_id])
    return outcomes


def _outcome(kept: GatewayTransaction | None, listed: RemoteTransaction) -> ReportOutcome:
    if kept is None:
        return ReportOutcome.NEW
    if _is_final(kept.is_incoming, kept.settlement, kept.state):
        is_final = _is_final(listed.is_incoming, listed.settlement, listed.state)
        if _facts(kept, with_fees=is_final) != _facts(listed, with_fees=is_final):
            return ReportOutcome.DIFFERS
        # An older file knows nothing yet of what was taken back since.
        is_taken_back = kept.is_done and listed.state in TAKEN_BACK
        return ReportOutcome.CHANGED if is_taken_back else ReportOutcome.KNOWN
    return ReportOutcome.CHANGED if is_news(kept, listed) else ReportOutcome.KNOWN


def _is_final(is_incoming: bool, settlement: str, state: str) -> bool:  # noqa: FBT001
    """Its money has moved, and what is kept of it is said."""
    if is_incoming:
        return settlement == Settlement.SETTLED or state in TAKEN_BACK
    return state == TransactionState.SUCCEEDED


def _facts(row: GatewayTransaction | RemoteTransaction, *, with_fees: bool) -> tuple[object, ...]:
    fees = (row.fee_minor, row.fee_tax_minor) if with_fees else ()
    return (row.kind, row.is_incoming, row.amount, *fees)


def _tell(report: GatewayReport, row: ReportRow, kept: GatewayTransaction) -> None:
    listed = row.listed
    said = f"{listed.amount.format()}, fee {listed.fee_minor}, tax {listed.fee_tax_minor}"
    note = (
        f"{kept.transaction_id} was settled with {kept.amount.format()}, fee {kept.fee_minor},"
        f" tax {kept.fee_tax_minor}; line {row.line} of {report.name} says {listed.kind}, {said}"
    )
    open_once(
        PaymentException.Kind.AMOUNT_DIFFERS,
        kept,
        note,
        order=kept.receipt.order if kept.receipt else None,
        # Another file that says the same is not another difference.
        detail=hashlib.sha256(f"{listed.kind} {said}".encode()).hexdigest()[:8],
    )


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
