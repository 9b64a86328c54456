"""Claiming rows that have fallen due: any number of loops may run, and none waits for another."""

from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import Now


@transaction.atomic
def claim_due(
    rows: "models.QuerySet[Any]", field: str, *, lease: timedelta, limit: int
) -> list[int]:
    """Primary keys of rows whose time `field` has passed, oldest first.

    Their time is pushed forward by the lease: should the caller die, they fall due again.
    """
    due = list(
        rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(**{f"{field}__lte": Now()})
        .order_by(field)
        .values_list("pk", flat=True)[:limit]
    )
    if due:
        rows.model._default_manager.filter(pk__in=due).update(**{field: Now() + lease})
    return due


def notify(channel: str) -> None:
    """Wake the loops that listen, once the surrounding transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])
