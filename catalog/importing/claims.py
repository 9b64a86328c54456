"""What only one product can have, and several rows of a file may want: addresses, variants.

Settled before anything is planned, from the file alone: whether a product can be imported does not
depend on how far a run came before it was stopped, nor on what is in the shop by then.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

INSERT_EVERY = 5000


class Claim(NamedTuple):
    """A product's wish for the `value` of a column: an address `slug:en`, a `variant`."""

    line: int
    column: str
    value: str


class Claims:
    """Kept in the scratch database of the file. The first product to name a value keeps it."""

    def __init__(self, scratch: sqlite3.Connection) -> None:
        self._scratch = scratch
        self._noted: list[tuple[int, int, str, str]] = []
        self._are_lost = False
        scratch.executescript(
            'CREATE TABLE claim (number INTEGER, line INTEGER, "column" TEXT, value TEXT);'
            'CREATE TABLE lost (number INTEGER, line INTEGER, "column" TEXT, value TEXT);'
        )

    def note(self, number: int, line: int, wanted: Iterable[tuple[str, str]]) -> None:
        """Columns with the values that a row of the product wants."""
        self._noted += [(number, line, column, value) for column, value in wanted]
        if len(self._noted) >= INSERT_EVERY:
            self._flush()

    def _flush(self) -> None:
        self._scratch.executemany("INSERT INTO claim VALUES (?, ?, ?, ?)", self._noted)
        self._noted.clear()

    def settle(self) -> None:
        """After the last row."""
        self._flush()
        self._scratch.execute('CREATE INDEX claim_value ON claim (value, "column", number)')
        self._scratch.execute(
            'INSERT INTO lost SELECT c.number, c.line, c."column", c.value FROM claim c JOIN'
            ' (SELECT value, "column", min(number) AS first FROM claim GROUP BY value, "column"'
            " HAVING min(number) < max(number)) AS twice"
            ' ON twice.value = c.value AND twice."column" = c."column" WHERE c.number > twice.first'
        )
        self._scratch.execute("CREATE INDEX lost_product ON lost (number)")
        found = self._scratch.execute("SELECT 1 FROM lost LIMIT 1").fetchone()
        self._are_lost = found is not None

    def lost_by(self, number: int) -> list[Claim]:
        """What the product wants and an earlier one has."""
        if not self._are_lost:
            return []
        rows = self._scratch.execute(
            'SELECT DISTINCT line, "column", value FROM lost WHERE number = ? ORDER BY line',
            (number,),
        )
        return [Claim(*row) for row in rows]

    def is_wanted(self, column: str, value: str, *, besides: int) -> bool:
        """Whether another product than number `besides` wants it."""
        found = self._scratch.execute(
            'SELECT 1 FROM claim WHERE value = ? AND "column" = ? AND number <> ? LIMIT 1',
            (value, column, besides),
        )
        return found.fetchone() is not None
