"""Rows put together to whole products, in memory that does not grow with the file.

A first pass notes in a scratch database on disk where each product begins, which rows lie apart
from their product (WooCommerce writes variations anywhere), and which address each will have.
The second pass hands out whole products in the order of their first rows. Both depend on nothing
but the file, so a run that was stopped counts to the same place again.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from catalog.importing.claims import Claim, Claims
from catalog.importing.problems import BadFile, Problem
from catalog.importing.sheets import Row, Sheet

INSERT_EVERY = 5000
BEAT_EVERY = 20_000


class Identity(NamedTuple):
    """Whose row it is. Any of the `keys` leads to the product; none: one that begins here.

    `handle` is the address wanted. Where it `is_given` the file says so itself, otherwise it is
    made from the name and may get an ending: `ending`, or a number. By `alias` other rows may mean
    the same product as by its key, if it is the first of that alias. A row that `is_part` only
    belongs to a product that stands elsewhere.
    """

    keys: tuple[str, ...]
    handle: str
    is_given: bool = False
    ending: str = ""
    alias: str = ""
    is_part: bool = False


class Keyed(Protocol):
    """`rows_lie_apart`: a row that cannot be read might belong to any product of the file."""

    rows_lie_apart: bool

    def identify(self, row: Row) -> Identity | None:
        """None: the row goes on with the product above. Called once for each row, in order."""

    def claims(self, row: Row, *, is_first: bool) -> Iterable[tuple[str, str]]:
        """Columns and values of the row that no other product can have, normalised.

        `is_first`: the product begins with this row.
        """


class Group(NamedTuple):
    """All rows of one product. `is_repeated`: another product has the same given address.

    `lost` is what the product wants and one before it has. `after` is a row above that could not
    be read: it may have been this product's. `number` tells the products of the file apart.
    """

    rows: list[Row]
    handle: str
    is_given: bool
    is_repeated: bool
    after: Row | None = None
    number: int = 0
    lost: Sequence[Claim] = ()


class Grouping:
    """`total` is the number of rows in the file."""

    def __init__(self, sheet: Sheet, keyed: Keyed, *, beat: Callable[[], None] = lambda: None):
        self._sheet = sheet
        # Lives on disk and is gone with the connection; the reading thread uses it as well.
        self._scratch = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._scratch.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;"
            "CREATE TABLE product (number INTEGER PRIMARY KEY, row INTEGER, handle TEXT,"
            " is_given INTEGER, ending TEXT);"
            "CREATE TABLE key (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;"
            "CREATE TABLE alias (alias TEXT PRIMARY KEY, key TEXT) WITHOUT ROWID;"
            "CREATE TABLE apart (row INTEGER PRIMARY KEY, number INTEGER, line INTEGER,"
            " cells TEXT);"
            "CREATE TABLE renamed (number INTEGER PRIMARY KEY, handle TEXT UNIQUE);"
            "CREATE TABLE repeated (number INTEGER PRIMARY KEY);"
        )
        self.claims = Claims(self._scratch)
        self._scratch.execute("BEGIN")
        self._products: list[tuple[int, int, str, bool, str]] = []
        self._count = 0
        self.total = 0
        self._are_apart = keyed.rows_lie_apart
        if self._are_apart:
            self._learn_aliases(keyed, beat)
        self._scan(keyed, beat)
        self._settle_handles()

    def close(self) -> None:
        self._scratch.close()

    def _scan(self, keyed: Keyed, beat: Callable[[], None]) -> None:
        current = None
        identity: Identity | None = None
        for position, row in enumerate(self._sheet.rows()):
            found = None if row.broken else keyed.identify(row)
            before = self._count
            if current is None or (found is not None and found != identity):
                identity = found or Identity((), "")
                current = self._number_of(identity, position)
            if not row.broken:
                wanted = keyed.claims(row, is_first=self._count > before)
                self.claims.note(current, row.line, wanted)
            if current != self._count - 1:
                self._scratch.execute(
                    "INSERT INTO apart VALUES (?, ?, ?, ?)",
                    (position, current, row.line, json.dumps([row.cells, row.broken])),
                )
            self.total = position + 1
            if position % BEAT_EVERY == 0:
                beat()
        self._flush()
        self._scratch.execute("CREATE INDEX apart_product ON apart (number, row)")
        self._scratch.execute("CREATE INDEX product_handle ON product (handle)")
        self.claims.settle()

    def _learn_aliases(self, keyed: Keyed, beat: Callable[[], None]) -> None:
        """A pass of its own: a part may stand before the product whose alias it names."""
        for position, row in enumerate(self._sheet.rows()):
            if row.broken:
                raise BadFile(Problem(row.line, "", row.broken))
            found = keyed.identify(row)
            if found is not None and found.alias and not found.is_part:
                self._scratch.execute(
                    "INSERT OR IGNORE INTO alias VALUES (?, ?)", (found.alias, found.keys[0])
                )
            if position % BEAT_EVERY == 0:
                beat()

    def _number_of(self, identity: Identity, position: int) -> int:
        """The product that the keys lead to, else a new one; all keys lead to it now."""
        keys = [self._settled(key) for key in identity.keys] if self._are_apart else identity.keys
        number = self._known(keys)
        if number is None:
            number = self._count
            self._count += 1
            handle, is_given, ending = identity.handle, identity.is_given, identity.ending
            self._products.append((number, position, handle, is_given, ending))
            if len(self._products) >= INSERT_EVERY:
                self._flush()
        elif not identity.is_part and identity.handle:
            # Only its parts have been seen so far, if anything.
            self._flush()
            self._scratch.execute(
                "UPDATE product SET handle = ?, is_given = ?, ending = ? WHERE number = ?",
                (identity.handle, identity.is_given, identity.ending, number),
            )
        self._scratch.executemany(
            "INSERT OR IGNORE INTO key VALUES (?, ?)", [(key, number) for key in keys]
        )
        return number

    def _settled(self, key: str) -> str:
        found = self._scratch.execute("SELECT key FROM alias WHERE alias = ?", (key,)).fetchone()
        return str(found[0]) if found else key

    def _known(self, keys: Sequence[str]) -> int | None:
        for key in keys:
            found = self._scratch.execute("SELECT number FROM key WHERE key = ?", (key,)).fetchone()
            if found:
                return int(found[0])
        return None

    def _flush(self) -> None:
        self._scratch.executemany("INSERT INTO product VALUES (?, ?, ?, ?, ?)", self._products)
        self._products.clear()

    def _settle_handles(self) -> None:
        """Where several want one address: the given one keeps it, then the first; others differ."""
        twice = self._scratch.execute(
            "SELECT handle FROM product WHERE handle <> '' GROUP BY handle HAVING count(*) > 1"
        ).fetchall()
        for (handle,) in twice:
            rows = self._scratch.execute(
                "SELECT number, is_given, ending FROM product WHERE handle = ?"
                " ORDER BY is_given DESC, number",
                (handle,),
            ).fetchall()
            for number, is_given, ending in rows[1:]:
                if is_given:
                    self._scratch.execute("INSERT INTO repeated VALUES (?)", (number,))
                else:
                    self._rename(number, handle, ending)

    def _rename(self, number: int, handle: str, ending: str) -> None:
        counter = 2
        wanted = f"{handle}-{ending or counter}"
        while self._is_taken(wanted):
            counter += 1
            wanted = f"{handle}-{ending}-{counter}" if ending else f"{handle}-{counter}"
        self._scratch.execute("INSERT INTO renamed VALUES (?, ?)", (number, wanted))

    def _is_taken(self, handle: str) -> bool:
        return self.has_handle(handle, besides=-1)

    def has_handle(self, handle: str, *, besides: int) -> bool:
        """Whether another product than number `besides` has or wants the address."""
        found = self._scratch.execute(
            "SELECT 1 FROM product WHERE handle = ?1 AND number <> ?2 UNION ALL"
            " SELECT 1 FROM renamed WHERE handle = ?1 AND number <> ?2 LIMIT 1",
            (handle, besides),
        )
        return found.fetchone() is not None

    def has_key(self, key: str) -> bool:
        """Whether a product of the file goes by this key."""
        return self._known([key]) is not None

    def groups(self, *, skip: int = 0) -> Iterator[Group]:
        """Whole products; the first ones are passed over until `skip` rows are behind."""
        starts = self._scratch.cursor().execute(
            "SELECT p.row, p.number, coalesce(r.handle, p.handle), p.is_given, t.number IS NOT NULL"
            " FROM product p LEFT JOIN renamed r USING (number)"
            " LEFT JOIN repeated t USING (number) ORDER BY p.number"
        )
        apart = (
            row for (row,) in self._scratch.cursor().execute("SELECT row FROM apart ORDER BY row")
        )
        next_start, next_apart = starts.fetchone(), next(apart, -1)
        begun = _Begun(next_start)
        for position, row in enumerate(self._sheet.rows()):
            if position == next_apart:
                next_apart = next(apart, -1)
                continue
            if next_start is not None and position == next_start[0]:
                skip, group = self._finish(begun, skip)
                if group:
                    yield group
                begun = _Begun(next_start, above=begun.rows)
                next_start = starts.fetchone()
            begun.rows.append(row)
        _skip, group = self._finish(begun, skip)
        if group:
            yield group

    def _finish(self, begun: "_Begun", skip: int) -> tuple[int, Group | None]:
        """How many rows are still to be passed over, and the product unless it was one of them."""
        if not begun.rows:
            return skip, None
        _row, number, handle, is_given, is_repeated = begun.facts
        rows = list(begun.rows)
        for line, cells in self._scratch.execute(
            "SELECT line, cells FROM apart WHERE number = ? ORDER BY row", (number,)
        ):
            found, broken = json.loads(cells)
            rows.append(Row(line, found, broken))
        if skip >= len(rows):
            return skip - len(rows), None
        lost = self.claims.lost_by(number)
        return 0, Group(rows, handle, bool(is_given), bool(is_repeated), begun.after, number, lost)


class _Begun:
    def __init__(self, facts: tuple[int, int, str, int, int], above: Sequence[Row] = ()) -> None:
        self.facts = facts
        self.rows: list[Row] = []
        self.after = above[-1] if above and above[-1].broken else None
