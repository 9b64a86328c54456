"""Many rows in one statement: COPY for new ones, UPDATE … FROM unnest for changed ones.

The statements are fixed by the models; only values come from outside, and those are bound.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

BLOCK = 2000
# A batch may take longer than a page may.
BATCH_TIMEOUT = "120s"


class Insert:
    """New rows of a table, as tuples of these columns (model field names)."""

    def __init__(self, model: type[models.Model], *fields: str) -> None:
        self.model = model
        self.columns = [_field(model, name).column for name in fields]

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in self.columns)
        statement = f'COPY "{self.model._meta.db_table}" ({names}) FROM STDIN'
        # COPY goes past Django's cursor, which would have turned the driver's errors into its own.
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for row in rows:
                copy.write_row(row)


class Update:
    """Changed rows, as tuples of the primary key and these columns."""

    def __init__(self, model: type[models.Model], *fields: str) -> None:
        self.model = model
        self.fields = [_field(model, name) for name in ("pk", *fields)]

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        columns = zip(*sorted(rows, key=lambda row: row[0]), strict=True)
        names = [field.column for field in self.fields]
        arrays = ", ".join(f"%s::{_type(field)}[]" for field in self.fields)
        changes = ", ".join(f'"{name}" = v."{name}"' for name in names[1:])
        listed = ", ".join(f'"{name}"' for name in names)
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{self.model._meta.db_table}" AS t SET {changes}'  # noqa: S608 - our names
                f' FROM unnest({arrays}) AS v({listed}) WHERE t."{names[0]}" = v."{names[0]}"',
                [list(column) for column in columns],
            )


class Delete:
    """Rows that go, as primary keys in tuples of one."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f'DELETE FROM "{self.model._meta.db_table}" WHERE id = ANY(%s)',  # noqa: S608 - ours
                [[row[0] for row in rows]],
            )


Write = Insert | Update | Delete


class Numbers:
    """Primary keys drawn in blocks, so that rows can point at each other before they are written.

    A trial run draws negative ones and leaves the sequence alone.
    """

    def __init__(self, model: type[models.Model], *, is_trial: bool) -> None:
        self._table = model._meta.db_table
        self._is_trial = is_trial
        self._lowest = 0
        self._block: Iterator[int] = iter(())

    def draw(self) -> int:
        if self._is_trial:
            self._lowest -= 1
            return self._lowest
        for number in self._block:
            return number
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [self._table, BLOCK],
            )
            self._block = iter([row[0] for row in cursor.fetchall()])
        return next(self._block)


class Identifiers:
    """Random public ids like those of uuid4, for which the system is asked once in a while."""

    def __init__(self) -> None:
        self._block: Iterator[UUID] = iter(())

    def draw(self) -> UUID:
        for identifier in self._block:
            return identifier
        drawn = os.urandom(16 * BLOCK)
        starts = range(0, len(drawn), 16)
        self._block = (UUID(bytes=drawn[start : start + 16], version=4) for start in starts)
        return next(self._block)


def settle_for_bulk() -> None:
    """For the rest of the transaction: time for large statements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [BATCH_TIMEOUT])


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} is no column")
    return field


def _type(field: "models.Field[Any, Any]") -> str:
    return str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))
