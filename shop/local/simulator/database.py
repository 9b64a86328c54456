"""One SQLite file behind one lock: every change is one transaction.

Tables belong to the modules that use them; each brings its own with `create`.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


class Database:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")

    def create(self, schema: str) -> None:
        """CREATE … IF NOT EXISTS statements: a file of an earlier day gets what it lacks."""
        with self._lock:
            self._db.executescript(f"BEGIN; {schema} COMMIT;")

    def add_column(self, table: str, column: str, declaration: str) -> None:
        """For a table that an earlier version of the simulator made without it."""
        with self._lock:
            known = {row["name"] for row in self.rows(f"PRAGMA table_info({table})")}
            if column not in known:
                self.rows(f"ALTER TABLE {table} ADD COLUMN {column} {declaration}")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nobody else reads or writes meanwhile. One inside another joins it."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else utc(seconds)


def seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
