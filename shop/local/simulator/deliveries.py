"""Webhooks on their way and every try to deliver them."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from .database import Database, moment, seconds, utc
from .errors import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id TEXT NOT NULL,
    event TEXT NOT NULL,
    payment_request_id TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'WAITING',
    first_try_at REAL,
    next_try_at REAL
);
CREATE INDEX IF NOT EXISTS deliveries_request ON deliveries (payment_request_id);
CREATE INDEX IF NOT EXISTS deliveries_webhook ON deliveries (webhook_id);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_try_at) WHERE state = 'WAITING';
CREATE TABLE IF NOT EXISTS tries (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    tried_at REAL NOT NULL,
    status INTEGER,
    error TEXT
);
CREATE INDEX IF NOT EXISTS tries_delivery ON tries (delivery_id);
"""


@dataclass(frozen=True, slots=True)
class Try:
    tried_at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook on its way. A replay is another delivery, a retry another try of the same."""

    id: int
    webhook_id: str
    event: str
    payment_request_id: str
    data: Json
    state: str  # WAITING, SENDING, DELIVERED, GIVEN_UP, DROPPED
    first_try_at: datetime | None
    next_try_at: datetime | None
    tries: tuple[Try, ...]
    # What is done to it on its way, at each of its first so many tries.
    alteration: str = ""
    altered_tries: int = 0
    # Not ours: sent once, as it is, instead of what `data` would make.
    raw: str | None = None

    @property
    def is_altered(self) -> bool:
        return bool(self.alteration) and len(self.tries) < self.altered_tries


class Deliveries:
    def __init__(self, database: Database) -> None:
        self._db = database
        database.create(SCHEMA)
        database.add_column("deliveries", "alteration", "TEXT NOT NULL DEFAULT ''")
        database.add_column("deliveries", "altered_tries", "INTEGER NOT NULL DEFAULT 0")
        database.add_column("deliveries", "raw", "TEXT")
        database.add_column("deliveries", "is_held", "INTEGER NOT NULL DEFAULT 0")

    def add(
        self,
        *,
        webhook_id: str,
        event: str,
        payment_request_id: str,
        data: Json,
        due_at: datetime,
        state: str = "WAITING",
        alteration: str = "",
        altered_tries: int = 0,
        raw: str | None = None,
        is_held: bool = False,
    ) -> None:
        """`is_held`: it lets the next one overtake it, see `let_pass`."""
        self._db.rows(
            """
            INSERT INTO deliveries (webhook_id, event, payment_request_id, data, next_try_at,
                                    state, alteration, altered_tries, raw, is_held)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            webhook_id,
            event,
            payment_request_id,
            json.dumps(data),
            due_at.timestamp(),
            state,
            alteration,
            altered_tries,
            raw,
            is_held,
        )

    def add_again(self, original: Delivery, *, webhook_id: str, due_at: datetime) -> None:
        """The same event once more, unaltered."""
        self.add(
            webhook_id=webhook_id,
            event=original.event,
            payment_request_id=original.payment_request_id,
            data=original.data,
            due_at=due_at,
            raw=original.raw,
        )

    def let_pass(self, due_at: datetime) -> None:
        """Another webhook has gone ahead: those held back for it follow."""
        self._db.rows(
            """
            UPDATE deliveries SET is_held = 0, next_try_at = min(next_try_at, ?)
            WHERE is_held AND state = 'WAITING'
            """,
            due_at.timestamp(),
        )

    def claim(self, now: datetime) -> list[Delivery]:
        """Take what is due; each is handed out once until its try is recorded."""
        with self._db.transaction():
            rows = self._db.rows(
                """
                UPDATE deliveries SET state = 'SENDING', first_try_at = coalesce(first_try_at, ?)
                WHERE state = 'WAITING' AND next_try_at <= ? RETURNING *
                """,
                now.timestamp(),
                now.timestamp(),
            )
            return [self._delivery(row) for row in sorted(rows, key=lambda row: int(row["id"]))]

    def record_try(
        self, delivery: Delivery, outcome: Try, *, state: str, next_try_at: datetime | None
    ) -> None:
        with self._db.transaction():
            self._db.rows(
                "INSERT INTO tries VALUES (?, ?, ?, ?)",
                delivery.id,
                outcome.tried_at.timestamp(),
                outcome.status,
                outcome.error,
            )
            self._db.rows(
                "UPDATE deliveries SET state = ?, next_try_at = ? WHERE id = ?",
                state,
                seconds(next_try_at),
                delivery.id,
            )

    def requeue_interrupted(self) -> None:
        """Died between sending and recording: send again, twice is better than never."""
        self._db.rows("UPDATE deliveries SET state = 'WAITING' WHERE state = 'SENDING'")

    def next_due(self) -> datetime | None:
        rows = self._db.rows("SELECT min(next_try_at) FROM deliveries WHERE state = 'WAITING'")
        return moment(rows[0][0])

    def newest(self, *, limit: int) -> list[Delivery]:
        rows = self._db.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", limit)
        return [self._delivery(row) for row in rows]

    def of_request(self, payment_request_id: str) -> list[Delivery]:
        rows = self._db.rows(
            "SELECT * FROM deliveries WHERE payment_request_id = ? ORDER BY id DESC",
            payment_request_id,
        )
        return [self._delivery(row) for row in rows]

    def of_webhook(self, webhook_id: str) -> list[Delivery]:
        rows = self._db.rows(
            "SELECT * FROM deliveries WHERE webhook_id = ? ORDER BY id DESC", webhook_id
        )
        return [self._delivery(row) for row in rows]

    def _delivery(self, row: sqlite3.Row) -> Delivery:
        tries = self._db.rows("SELECT * FROM tries WHERE delivery_id = ? ORDER BY rowid", row["id"])
        return Delivery(
            id=row["id"],
            webhook_id=row["webhook_id"],
            event=row["event"],
            payment_request_id=row["payment_request_id"],
            data=json.loads(row["data"]),
            state=row["state"],
            first_try_at=moment(row["first_try_at"]),
            next_try_at=moment(row["next_try_at"]),
            tries=tuple(
                Try(utc(each["tried_at"]), each["status"], each["error"]) for each in tries
            ),
            alteration=row["alteration"],
            altered_tries=row["altered_tries"],
            raw=row["raw"],
        )
