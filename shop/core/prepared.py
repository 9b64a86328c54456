"""Statements that PostgreSQL plans once per connection and not each time they are run.

For the few that take longer to plan than to run: they join a dozen tables by their keys, or meet
a table of many indexes. Django's own cursors put values into the text, so that each is new.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


class _PreparedCursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, **{**options, "prepare": True})


def read_prepared(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a fixed statement. It counts, is logged and fails as any other query does.

    A connection remembers a hundred: only values may differ from one call to the next.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        own = _PreparedCursor(connection.connection)
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with make(own) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
