"""CSV files as people really have them: any encoding, any delimiter, newlines inside of cells."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from catalog.importing.problems import BadFile, Problem

CHUNK = 1 << 20
# A longer cell is a quotation mark that was never closed: there reading ends, before memory does.
MAX_FIELD = 8 << 20
csv.field_size_limit(MAX_FIELD)
DELIMITERS = (",", ";", "\t")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Row(NamedTuple):
    """`line` is the line of the file on which the row begins, 1 being the first.

    `broken` is the code of what is wrong where the row could not be read; then there are no cells.
    """

    line: int
    cells: list[str]
    broken: str = ""


class Sheet:
    """An opened file. Raises BadFile where no letter of it can be trusted."""

    def __init__(self, path: Path, *, encoding: str = "", delimiter: str = "") -> None:
        self.path = path
        self.encoding = encoding or _encoding_of(path)
        _refuse_undecodable(path, self.encoding)
        first = self._first_lines()
        self._skipped = 1
        if first[0].lower().startswith("sep="):
            # Excel's own way to name the delimiter, on a line before the header.
            delimiter = delimiter or first[0].strip()[4:5]
            self._skipped = 2
            first = first[1:]
        self.delimiter = delimiter or max(DELIMITERS, key=first[0].count)
        self.header = self._header()

    def _first_lines(self) -> list[str]:
        with self.path.open(encoding=self.encoding, newline="") as text:
            lines = [text.readline(CHUNK), text.readline(CHUNK)]
        if not lines[0].strip():
            raise BadFile(Problem(1, "", "empty_file"))
        return lines

    def _header(self) -> list[str]:
        with self.path.open(encoding=self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            try:
                for _ in range(self._skipped):
                    cells = next(reader)
            except (StopIteration, csv.Error):
                raise BadFile(Problem(1, "", "unknown_format")) from None
            self.header_line = reader.line_num
        return [" ".join(cell.split()) for cell in cells]

    def rows(self) -> Iterator[Row]:
        """All rows of data. Reading ends early where a quotation mark is never closed."""
        with self.path.open(encoding=self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            for _ in range(self._skipped):
                next(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    code = _broken(str(error))
                    yield Row(line, [], code)
                    if code != "broken_row":
                        return
                    continue
                if any(cells):
                    yield Row(line, cells)


def _broken(message: str) -> str:
    """What csv complains of: after a stray quotation mark it finds the next row, else none."""
    if "expected after" in message:
        return "broken_row"
    return "endless_cell" if "field limit" in message else "broken_rest"


def _encoding_of(path: Path) -> str:
    """By its mark, else UTF-8 where it is that throughout, else what Windows writes."""
    with path.open("rb") as binary:
        start = binary.read(CHUNK)
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return encoding
    if start[:4096].count(b"\0") > len(start[:4096]) // 4:
        # Plain letters in UTF-16 have a zero as every other byte.
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    try:
        _refuse_undecodable(path, "utf-8")
    except BadFile:
        return "cp1252"
    return "utf-8"


def _refuse_undecodable(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as binary:
        while True:
            chunk = binary.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                line += chunk[:start].count(b"\n")
                raise BadFile(Problem(line, "", "undecodable")) from None
            if not chunk:
                return
            line += text.count("\n")
