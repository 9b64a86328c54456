"""A clock that somebody may move on or stop. How it stands outlives the process."""

from datetime import datetime, timedelta

from .clock import Now
from .database import Database, moment, seconds

SCHEMA = "CREATE TABLE IF NOT EXISTS clock (ahead REAL NOT NULL, stopped_at REAL);"


class MovableClock:
    """Runs as `base` does, so far ahead of it, unless it is stopped."""

    def __init__(self, database: Database, base: Now) -> None:
        self._db = database
        self._base = base
        database.create(SCHEMA)
        rows = database.rows("SELECT ahead, stopped_at FROM clock")
        # One pair, replaced as a whole: readers are other threads.
        self._state: tuple[timedelta, datetime | None] = (timedelta(), None)
        if rows:
            ahead = timedelta(seconds=rows[0]["ahead"])
            self._state = (ahead, moment(rows[0]["stopped_at"]))

    def __call__(self) -> datetime:
        ahead, stopped_at = self._state
        return stopped_at or self._base() + ahead

    @property
    def is_stopped(self) -> bool:
        return self._state[1] is not None

    def advance(self, step: timedelta) -> None:
        ahead, stopped_at = self._state
        self._set(ahead + step, stopped_at + step if stopped_at else None)

    def stop(self) -> None:
        self._set(self._state[0], self())

    def run(self) -> None:
        """From the moment at which it was stopped."""
        self._set(self() - self._base(), None)

    def _set(self, ahead: timedelta, stopped_at: datetime | None) -> None:
        with self._db.transaction():
            self._db.rows("DELETE FROM clock")
            self._db.rows(
                "INSERT INTO clock VALUES (?, ?)", ahead.total_seconds(), seconds(stopped_at)
            )
            self._state = (ahead, stopped_at)
