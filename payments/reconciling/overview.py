"""What staff see of reconciliation: when lists were read, what differs, what each day came to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from payments.gateways.registry import REPORTS, WITH_STATEMENTS
from payments.gateways.statements import TransactionKind, TransactionState
from payments.models import (
    TAKEN_BACK,
    GatewayReport,
    GatewayTransaction,
    PaymentException,
    PaymentReceipt,
    StatementReading,
)
from shop.core.money import Money

DAYS = 14
# So long money may lie at a gateway before its report is missed. A file of 90 days is the longest
# that is looked for.
REPORTED_WITHIN = timedelta(days=7)
REPORTS_REACH = timedelta(days=90)
Kind = PaymentException.Kind
# What reconciliation finds; the other kinds are told of as money comes in.
FOUND = (
    Kind.PHANTOM,
    Kind.UNMATCHED,
    Kind.AMOUNT_DIFFERS,
    Kind.CHARGEBACK,
    Kind.UNEXPLAINED,
    Kind.FOREIGN_REFUND,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Open exceptions of one kind."""

    kind: str
    label: str
    count: int


@dataclass
class Day:
    """What a gateway lists of one day and currency, in minor units."""

    gateway: str
    on: date
    currency: str
    sums: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, minor: int) -> None:
        self.sums[name] = self.sums.get(name, 0) + minor

    def _money(self, name: str) -> Money:
        return Money(self.sums.get(name, 0), self.currency)

    @property
    def paid(self) -> Money:
        return self._money("paid")

    @property
    def given_back(self) -> Money:
        return self._money("given_back")

    @property
    def taken_back(self) -> Money:
        return self._money("taken_back")

    @property
    def fees(self) -> Money:
        return self._money("fees")

    @property
    def taxes(self) -> Money:
        return self._money("taxes")

    @property
    def settled(self) -> Money:
        """What can be withdrawn since: after fees and their tax."""
        return self._money("settled")

    @property
    def withdrawn(self) -> Money:
        return self._money("withdrawn")


@dataclass(frozen=True, slots=True)
class GatewayView:
    """`unreported_since`: the oldest money here that no report of a gateway has; it is overdue."""

    code: str
    readings: list[StatementReading]
    waiting: int
    days: list[Day]
    gives_reports: bool
    report: GatewayReport | None
    unreported_since: datetime | None

    @property
    def is_overdue(self) -> bool:
        since = self.unreported_since
        return since is not None and since < timezone.now() - REPORTED_WITHIN


@dataclass(frozen=True, slots=True)
class Overview:
    gateways: list[GatewayView]
    differences: list[Difference]


def overview() -> Overview:
    """Seven queries, however much has moved."""
    readings = list(StatementReading.objects.order_by("gateway", "name"))
    due = GatewayTransaction.objects.filter(next_match_at__isnull=False).order_by("gateway")
    waiting = dict(due.values_list("gateway").annotate(Count("pk")))
    days = sorted(_days(), key=lambda day: day.on, reverse=True)
    newest = GatewayReport.objects.order_by("gateway", "-pk").distinct("gateway")
    reports = {one.gateway: one for one in newest.select_related("uploaded_by")}
    unreported = _unreported()
    with_reports = [code for code in REPORTS if code in reports.keys() | unreported.keys()]
    return Overview(
        [
            GatewayView(
                code,
                [one for one in readings if one.gateway == code],
                waiting.get(code, 0),
                [day for day in days if day.gateway == code],
                code in REPORTS,
                reports.get(code),
                unreported.get(code),
            )
            for code in (*WITH_STATEMENTS, *with_reports)
        ],
        _differences(),
    )


def _unreported() -> dict[str, datetime]:
    """By gateway, since when there is money here that no report has."""
    listed = GatewayTransaction.objects.filter(
        gateway=OuterRef("gateway"), product_id=OuterRef("payment_id")
    )
    missing = PaymentReceipt.objects.filter(
        ~Exists(listed), gateway__in=REPORTS, captured_at__gte=timezone.now() - REPORTS_REACH
    )
    return dict(missing.order_by("gateway").values_list("gateway").annotate(Min("captured_at")))


def _differences() -> list[Difference]:
    is_open = PaymentException.objects.filter(kind__in=FOUND, resolved_at=None)
    counts = dict(is_open.order_by("kind").values_list("kind").annotate(Count("pk")))
    return [Difference(kind, str(kind.label), counts[kind]) for kind in FOUND if kind in counts]


def _days() -> Iterable[Day]:
    since = timezone.now() - timedelta(days=DAYS)
    days: dict[tuple[str, date, str], Day] = {}

    def day_of(gateway: str, on: date, currency: str) -> Day:
        return days.setdefault((gateway, on, currency), Day(gateway, on, currency))

    moved = (
        GatewayTransaction.objects.filter(created_at__gte=since)
        .annotate(day=TruncDate("created_at"))
        .values("gateway", "day", "currency", "kind", "state")
        .annotate(total=Sum("amount_minor"))
    )
    for row in moved.order_by("day"):
        if name := _column(row["kind"], row["state"]):
            day_of(row["gateway"], row["day"], row["currency"]).add(name, row["total"])
    settled = (
        GatewayTransaction.objects.filter(settled_at__gte=since, state=TransactionState.SUCCEEDED)
        .annotate(day=TruncDate("settled_at"))
        .values("gateway", "day", "currency")
        .annotate(
            fees=Sum("fee_minor"),
            taxes=Sum("fee_tax_minor"),
            settled=Sum(F("amount_minor") - F("fee_minor") - F("fee_tax_minor")),
        )
    )
    for kept in settled.order_by("day"):
        day = day_of(kept["gateway"], kept["day"], kept["currency"])
        day.add("fees", kept["fees"])
        day.add("taxes", kept["taxes"])
        day.add("settled", kept["settled"])
    return days.values()


def _column(kind: str, state: str) -> str:
    """Where a sum belongs; empty for what has not moved."""
    if kind == TransactionKind.PAYMENT:
        if state in TAKEN_BACK:
            return "taken_back"
        return "paid" if state == TransactionState.SUCCEEDED else ""
    if state != TransactionState.SUCCEEDED:
        return ""
    names = {
        TransactionKind.REFUND: "given_back",
        TransactionKind.CHARGEBACK: "taken_back",
        TransactionKind.WITHDRAWAL: "withdrawn",
    }
    return names.get(TransactionKind(kind), "")
