"""How much there is to do at the desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from payments.models import DisputeState, PaymentException

# So long before a dispute is to be answered its owner is reminded each morning.
ANSWER_SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Counts:
    open: int
    mine: int
    untaken: int


def count_open(*, user_id: int | None = None) -> Counts:
    """One query, of what is open; few at any time."""
    found = PaymentException.objects.filter(resolved_at=None).aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(owner=user_id)),
        untaken=Count("pk", filter=Q(owner=None)),
    )
    mine = 0 if user_id is None else found["mine"]
    return Counts(found["open"], mine, found["untaken"])


def untaken_since(moment: datetime) -> list[PaymentException]:
    """Open ones of before that moment that nobody owns, the oldest first."""
    rows = PaymentException.objects.filter(resolved_at=None, owner=None, opened_at__lte=moment)
    return _told(rows)


def to_answer_soon(day: date) -> list[PaymentException]:
    """Contested ones whose day is near, the oldest first."""
    rows = PaymentException.objects.filter(
        resolved_at=None,
        dispute__state=DisputeState.CONTESTED,
        dispute__answer_by__range=(day, day + ANSWER_SOON),
    )
    return _told(rows)


def _told(rows: QuerySet[PaymentException]) -> list[PaymentException]:
    related = ("order", "receipt", "transaction")
    return list(rows.select_related(*related).order_by("opened_at", "pk"))
