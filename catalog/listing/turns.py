"""Work that only one process does at a time, whichever comes first."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Any numbers that no other advisory lock uses (listing_writing.sql locks one per product).
TELLING, COUNTING, WRITING = 5_737, 5_738, 5_739


@contextmanager
def turn(number: int) -> Iterator[bool]:
    """Whether nobody else is at it; then nobody else begins until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        is_mine = cursor.fetchone() == (True,)
    try:
        yield is_mine
    finally:
        if is_mine:
            _end(number)


@contextmanager
def awaited_turn(number: int) -> Iterator[None]:
    """Waits until nobody else is at it, however long that takes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        # Of the session: it outlasts this transaction, which only has the patience.
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        _end(number)


def _end(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
