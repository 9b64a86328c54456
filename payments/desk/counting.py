"""How much there is to do at the desk."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from payments.models import PaymentException


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
    related = ("order", "receipt", "transaction")
    return list(rows.select_related(*related).order_by("opened_at", "pk"))
