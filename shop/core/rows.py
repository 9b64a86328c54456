"""Many rows in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


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
