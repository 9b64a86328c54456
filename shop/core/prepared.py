"""Statements that PostgreSQL plans once per connection and not each time they are run.

For the few that take about as long to plan as to run: they join a dozen tables by their keys, or
meet a table of many indexes. Django's own cursors put values into the text, so that each is new.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Self

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper


def read_prepared(
    statement: str, values: Mapping[str, Any] | Sequence[Any]
) -> list[tuple[Any, ...]]:
    """All rows. It counts, is logged and fails as any other query does.

    From its sixth use on (`prepare_threshold` in the settings) a connection keeps the plan, one for
    all values (`plan_cache_mode`): left to itself, PostgreSQL plans lists of keys anew each time.
    It remembers a hundred statements, so only values may differ from one call to the next.
    """
    # Each look through Django's `connection` costs a hundredth of a query.
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    kind = psycopg.Cursor if isinstance(values, Mapping) else _Numbered
    with database.wrap_database_errors:
        own = kind(database.connection)
    wrapper = CursorDebugWrapper if database.queries_logged else CursorWrapper
    with wrapper(own, database) as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class _Numbered(psycopg.RawCursor[Any]):
    """Takes `%s` as every cursor of Django's does, and sends what PostgreSQL itself understands.

    psycopg would read a long statement anew each time, which takes as long as running it.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(_numbered(query), params, **options)


@lru_cache(maxsize=500)
def _numbered(statement: str) -> str:
    numbers = count(1)
    return _PLACE.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", statement)


_PLACE = re.compile("%[%s]")
