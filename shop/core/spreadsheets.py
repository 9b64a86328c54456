"""Files that spreadsheets read: nothing in them is run as a formula, and all is of one moment."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO

from django.db import connection, transaction

from shop.core.money import CURRENCIES

# Excel takes a file without it for Windows' own letters.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A spreadsheet takes these for the start of a formula.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")

# Texts are guarded, numbers are written as they are.
Cell = str | int | Decimal


def guarded(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it.

    `unguarded` takes exactly one away again, so a text that began with one comes back whole.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def number_of(minor: int, currency: str) -> Decimal:
    """An amount in the currency's major unit, with its decimals: `149000`, `12.50`."""
    return Decimal(minor).scaleb(-CURRENCIES[currency].decimals)


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(
        [guarded(cell) if isinstance(cell, str) else f"{cell}" for cell in row] for row in rows
    )
    return text.getvalue().encode()


def csv_file(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A whole file, line by line; what reads the rows is asked as they are sent."""
    yield BYTE_ORDER_MARK
    for row in rows:
        yield csv_lines([row])


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction that sees no later changes; inside of another one, whatever that sees."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Whoever downloads it may be slow to take the next piece.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '120s'")
        yield
