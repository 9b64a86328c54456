"""Many rows in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

from shop.core.prepared import read_prepared


def update_each(
    model: type[Model], fields: Sequence[str], rows: Mapping[int, Sequence[Any]]
) -> None:
    """Give each row (pk → values in the order of the fields) values of its own, in one UPDATE.

    Django's `bulk_update` writes a CASE in which the database compares every row with every pk.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    names = [quote(column.column) for column in columns]
    types = ["bigint", *(column.db_type(connection) for column in columns)]
    assignments = ", ".join(f"{name} = new.{name}" for name in names)
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    values = [
        [column.get_db_prep_save(row[index], connection) for row in rows.values()]
        for index, column in enumerate(columns)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS old SET {assignments}"  # noqa: S608 - names of our own columns
            f" FROM unnest({arrays}) AS new (pk, {', '.join(names)}) WHERE old.id = new.pk",
            [list(rows), *values],
        )


def next_keys(*numbers: tuple[type[Model], int]) -> list[list[int]]:
    """Primary keys for rows yet to be written, in one statement: so many for each model."""
    keys = "ARRAY(SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s))"
    values: list[Any] = []
    for model, number in numbers:
        values += [connection.ops.quote_name(model._meta.db_table), number]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([keys] * len(numbers))}", values)
        return list(cursor.fetchone())


def update_row(row: Model, *names: str) -> None:
    """Write these fields of a row that exists, in one prepared statement.

    As `row.save(update_fields=names)`, for rows that every order writes: no signals, no `auto_now`,
    no expressions. Raises DatabaseError where the row is gone.
    """
    part = saved(row, *names)
    if not read_prepared(f"{part.text} RETURNING id", part.values):
        raise DatabaseError(f"{row!r} is gone")


@dataclass(frozen=True, slots=True)
class Part:
    """A statement that changes rows, to be run with others as one."""

    text: str
    values: Sequence[Any]


def write_together(*parts: Part) -> None:
    """Run all of them in one statement, planned once.

    Each finds the rows as they were before: no two may change the same row, nor does one see what
    another has done. What they return is lost. Foreign keys are checked at COMMIT, as everywhere.
    """
    named = ", ".join(f"part_{place} AS ({part.text})" for place, part in enumerate(parts))
    read_prepared(f"WITH {named} SELECT 1", [value for part in parts for value in part.values])


def insert_together(*rows: Sequence[Model]) -> None:
    """Write rows of several tables, each sequence of one model, in one statement."""
    write_together(*(inserted(group) for group in rows if group))


def inserted(rows: Sequence[Model], *, end: str = "") -> Part:
    """Rows of one model; `end` is what else SQL is to be told, such as ON CONFLICT.

    For rows whose keys are known (`next_keys`) where somebody refers to them; the others get theirs
    from the database and are not told.
    """
    statement, values = _insert(rows)
    for row in rows:
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
    return Part(f"{statement} {end}", values)


def saved(row: Model, *names: str) -> Part:
    """These fields of a row, as `update_row` writes them."""
    database = connections[DEFAULT_DB_ALIAS]
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    values = [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
    return Part(_update_statement(type(row), tuple(fields)), [*values, row.pk])


@cache
def _update_statement(model: type[Model], fields: tuple[Any, ...]) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(model._meta.db_table)} SET {columns} WHERE id = %s"  # noqa: S608 - names of our own columns


def _insert(rows: Sequence[Model]) -> tuple[str, list[Any]]:
    """The same text for as many rows of one model each time, so that it is planned once.

    Django's own compiler takes ten times as long.
    """
    model = type(rows[0])
    database = connections[DEFAULT_DB_ALIAS]
    fields: list[Any] = [
        field
        for field in model._meta.local_concrete_fields
        if not (field.primary_key and rows[0].pk is None)
    ]
    values: list[Any] = []
    places = [
        ", ".join([_place(field, field.pre_save(row, True), values, database) for field in fields])
        for row in rows
    ]
    quote = database.ops.quote_name
    columns = ", ".join([quote(field.column) for field in fields])
    table = quote(model._meta.db_table)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({'), ('.join(places)})"  # noqa: S608 - names of our own columns
    return statement, values


def _place(field: Any, value: Any, values: list[Any], database: BaseDatabaseWrapper) -> str:
    """What stands for the value in the text; a value that is none of SQL joins `values`."""
    if isinstance(value, DatabaseDefault):
        return "DEFAULT"
    if hasattr(value, "resolve_expression"):
        query = InsertQuery(field.model)
        resolved = value.resolve_expression(query, allow_joins=False, for_save=True)
        text, parameters = query.get_compiler(connection=database).compile(resolved)
        values.extend(parameters)
        return str(text)
    values.append(field.get_db_prep_save(value, connection=database))
    return "%s"
