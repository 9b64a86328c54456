"""A check of the books: one question to the database, asked in batches of a table's keys.

Each batch is one statement, so it sees one moment of a shop that goes on selling.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

# Of one batch; a shop that sells is never kept waiting by its bookkeeper.
STATEMENT_TIMEOUT = "60s"
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not agree: `subject` names the row, `says` both sides."""

    check: str
    subject: str
    says: str

    def __str__(self) -> str:
        return f"{self.check}: {self.subject}: {self.says}"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. `look_at` tells a person where to begin when it does not.

    `find` gives a batch's (subject, what it says) for the keys in [first, beyond) of `table`;
    `query` is what it asks, where that is one statement.
    """

    name: str
    look_at: str
    table: str
    find: Callable[[int, int], list[tuple[str, str]]]
    batch: int = BATCH
    query: str = ""

    def differences(self, *, first: int = 0) -> Iterator[Difference]:
        """All of them, from the key `first` on."""
        for low in range(first, _beyond(self.table), self.batch):
            for subject, says in self.find(low, low + self.batch):
                yield Difference(self.name, subject, says)


def sql_check(name: str, *, look_at: str, table: str, query: str, batch: int = BATCH) -> Check:
    """A check of one statement that selects subject and text of what differs, for the keys from
    %(first)s to before %(beyond)s."""

    def find(first: int, beyond: int) -> list[tuple[str, str]]:
        return ask(query, first=first, beyond=beyond)

    return Check(name, look_at, table, find, batch, query)


def ask(query: str, **values: int) -> list[tuple[str, str]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _beyond(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), -1) + 1 FROM {table}")  # noqa: S608 - a constant
        [beyond] = cursor.fetchone()
        return int(beyond)
