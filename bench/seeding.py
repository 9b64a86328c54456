"""Fills an empty shop with products by `COPY`: the same ones each time, as many as asked for.

Four variants each (two colours, two sizes), a price, stock and its movement for each of them, one
picture, two attributes and texts in two languages. Constraints and triggers are off meanwhile; the
rows keep to them all the same. Listings, counts and words are written by the shop's own code.
"""

import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock

import psycopg
from django.db import connection
from psycopg import sql

from bench.frame import write_frame
from bench.products import TABLES, Table
from catalog.listing import bits
from catalog.listing.refresh import refresh, write_settings
from catalog.roll_ups import count_words

# PostgreSQL does the work, on two cores.
WRITERS = 2
BATCH = 500

Owner = psycopg.Connection[tuple[object, ...]]


class Progress:
    """One line with the share done, the rate and the time left; a line each when nobody looks."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.started = self.said = time.monotonic()
        self.lock = Lock()

    def add(self, number: int) -> None:
        with self.lock:
            self.done += number
            now = time.monotonic()
            pause = 0.2 if sys.stderr.isatty() else 30
            if now - self.said >= pause or self.done >= self.total:
                self.said = now
                self._say(now - self.started)

    def _say(self, seconds: float) -> None:
        rate = self.done / max(seconds, 0.001)
        left = (self.total - self.done) / rate
        line = f"  {self.what:<28} {self.done:>9,} of {self.total:,}"
        line += f" {rate:>9,.0f}/s {left:5.0f} s left"
        end = "\r" if sys.stderr.isatty() and self.done < self.total else "\n"
        sys.stderr.write(line + end)
        sys.stderr.flush()


def seed(owner: Owner, products: int) -> None:
    """`owner` may switch constraints off; the shop's own connection may not."""
    leaves = write_frame()
    owner.execute("SET session_replication_role = replica")
    for place, table in enumerate(TABLES):
        _copy(owner, table, place, products, leaves)
    for table in TABLES:
        _set_sequence(owner, table.name)
    owner.execute("ANALYZE")
    write_settings()
    _write_listings(products)
    counts = Progress("facet counts, words", products)
    bits.rebuild_all()
    count_words()
    owner.execute("VACUUM ANALYZE")
    counts.add(products)


def _copy(owner: Owner, table: Table, place: int, products: int, leaves: Sequence[int]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    progress = Progress(table.name, products)
    with owner.cursor() as cursor, cursor.copy(statement) as copy:
        for number in range(1, products + 1):
            # Another chance in each table, or what sells best would all be kebayas.
            random = Random(number * len(TABLES) + place)  # noqa: S311 - the same each time
            for row in table.rows(number, random, leaves):
                copy.write_row(row)
            if number % 1000 == 0 or number == products:
                progress.add(number - progress.done)


def _set_sequence(owner: Owner, table: str) -> None:
    owner.execute(
        sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
            sql.Literal(table), sql.Identifier(table)
        )
    )


def _write_listings(products: int) -> None:
    """By the shop's own code, as an import does it."""
    progress = Progress("catalog_listing", products)

    def write(firsts: Iterable[int]) -> None:
        for first in firsts:
            last = min(first + BATCH, products + 1)
            refresh(range(first, last))
            progress.add(last - first)
        connection.close()

    starts = range(1, products + 1, BATCH)
    with ThreadPoolExecutor(WRITERS) as writers:
        for done in [writers.submit(write, starts[n::WRITERS]) for n in range(WRITERS)]:
            done.result()
