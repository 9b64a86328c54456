"""Claiming rows that have fallen due: any number of loops may run, and none waits for another."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.functions import Now

from shop.core.prepared import read_prepared

Rows = Callable[[], "models.QuerySet[Any, Any]"]


class Asked:
    """Of which kinds there are any rows, in one statement: what a loop asks in each of its turns.

    Written once for each process and planned once for each connection. So the querysets depend on
    nothing that changes but the database's own clock (`Now()`).
    """

    def __init__(self, *kinds: Rows) -> None:
        self._kinds = kinds
        self._statement = ""

    def answers(self) -> Sequence[bool]:
        """Whether there is any, for each kind."""
        if not self._statement:
            self._statement = f"SELECT {', '.join(_exists(rows()) for rows in self._kinds)}"
        [answers] = read_prepared(self._statement, ())
        return answers


class Due:
    """Rows whose time `field` has passed. They depend on nothing that changes, as in `Asked`."""

    def __init__(self, rows: Rows, field: str) -> None:
        self._rows = rows
        self._field = field
        self._statement = ""

    def rows(self) -> "models.QuerySet[Any, Any]":
        return self._rows().filter(**{f"{self._field}__lte": Now()})

    def waiting(self) -> "models.QuerySet[Any, Any]":
        """Rows that have a time, be it to come."""
        return self._rows().filter(**{f"{self._field}__isnull": False})

    def claim(self, *, lease: timedelta, limit: int) -> list[int]:
        """Primary keys of such rows, oldest first. One statement.

        Their time is pushed forward by the lease: should the caller die, they fall due again.
        """
        self._statement = self._statement or self._claiming()
        return [pk for pk, _time in read_prepared(self._statement, (limit, lease))]

    def put_off(self, pk: int, wait: timedelta) -> None:
        """No sooner than after `wait`; what has no time any more, or a later one, keeps it."""
        then = Now() + wait
        self._rows().filter(pk=pk, **{f"{self._field}__lt": then}).update(**{self._field: then})

    def _claiming(self) -> str:
        meta = self._rows().model._meta
        table, key, field = (
            connection.ops.quote_name(name)
            for name in (meta.db_table, meta.pk.column, meta.get_field(self._field).column)
        )
        due = _text(self.rows().order_by(self._field).values_list("pk", self._field))
        return (
            f"WITH due (pk, since) AS MATERIALIZED ({due} LIMIT %s"  # noqa: S608 - names of our own columns
            f" FOR NO KEY UPDATE OF {table} SKIP LOCKED),"
            f" claimed AS (UPDATE {table} SET {field} = STATEMENT_TIMESTAMP() + %s::interval"
            f" FROM due WHERE {table}.{key} = due.pk)"
            " SELECT pk, since FROM due ORDER BY since"
        )


def claim_due(
    rows: "models.QuerySet[Any]", field: str, *, lease: timedelta, limit: int
) -> list[int]:
    """`Due.claim` of a queryset that is used once."""
    return Due(lambda: rows, field).claim(lease=lease, limit=limit)


def notify(channel: str) -> None:
    """Wake the loops that listen, once the surrounding transaction commits."""
    read_prepared("SELECT pg_notify(%s, '')", (channel,))


def _exists(rows: "models.QuerySet[Any, Any]") -> str:
    try:
        return f"EXISTS({_text(rows.order_by().values('pk'))})"
    except EmptyResultSet:
        return "FALSE"


def _text(rows: "models.QuerySet[Any, Any]") -> str:
    """With its values in the text: an index of some rows only is used for no others."""
    text, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        return str(cursor.mogrify(text, values)).replace("%", "%%")
