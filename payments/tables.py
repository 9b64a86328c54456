"""What files of banks, couriers and gateways have in common: encodings, separators, amounts."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from io import StringIO

from django.utils.translation import gettext_lazy as _

from shop.core.errors import DomainError

LARGEST_FILE = 2 * 1024 * 1024
_ENCODINGS = ("utf-8-sig", "cp1252")
_AMOUNT = re.compile(r"(?:Rp\.?\s*)?(\d{1,3}(?:([.,])\d{3})*|\d+)(?:([.,])(\d{2}))?")


class Unreadable(DomainError):
    code = "file_unreadable"
    status = 422
    message = _(
        "This is no table that can be read: choose a CSV download, with the columns that are named"
        " here."
    )


class LineUnreadable(DomainError):
    code = "file_line_unreadable"
    status = 422
    message = _(
        "Line {line} of the file cannot be read, so nothing of it was taken. Download it again"
        " rather than mending it by hand."
    )

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}", line=line)


class DoesNotAddUp(DomainError):
    code = "file_does_not_add_up"
    status = 422
    message = _(
        "On line {line} the amount less what was kept of it is not the net amount. Ask whoever gave"
        " you the file for a right one; nothing of this one was taken."
    )

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}", line=line)


def read_rows(
    content: bytes, is_head: Callable[[Sequence[str]], object]
) -> list[tuple[int, list[str]]]:
    """Number and cells of each line, by the separator with which a head is found.

    Raises Unreadable.
    """
    text = _text(content)
    for separator in (",", ";", "\t"):
        rows = list(_numbered(text, separator))
        if any(is_head(row) for _line, row in rows):
            return rows
    raise Unreadable


def column(row: Sequence[str], *wanted: str) -> int | None:
    """The first whose name begins like one of these."""
    return next(iter(columns(row, *wanted)), None)


def columns(row: Sequence[str], *wanted: str) -> list[int]:
    """All whose names begin like one of these."""
    names = [cell.strip().strip("'").lower().replace("_", " ") for cell in row]
    return [at for at, name in enumerate(names) if name.startswith(wanted)]


def hundredths(text: str) -> int | None:
    """An amount as `149,123.00`, `149.123,00`, `Rp149.123` or `149123`, in hundredths."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found or (found[2] and found[2] == found[3]):
        return None
    whole = int(re.sub(r"[.,]", "", found[1]))
    return whole * 100 + int(found[4] or 0)


def _text(content: bytes) -> str:
    if len(content) > LARGEST_FILE or b"\0" in content:
        raise Unreadable
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable


def _numbered(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Unreadable from error
