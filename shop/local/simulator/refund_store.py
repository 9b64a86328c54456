"""Refunds as they are kept."""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .database import Database, moment, seconds
from .errors import Json
from .history import History

SCHEMA = """
CREATE TABLE IF NOT EXISTS refunds (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    payment_request_id TEXT NOT NULL,
    reference_id TEXT,
    status TEXT NOT NULL,
    due_at REAL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_request ON refunds (payment_request_id);
CREATE INDEX IF NOT EXISTS refunds_reference ON refunds (reference_id);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class Refund:
    """`due_at` is when it succeeds by itself; None where it waits for somebody."""

    document: Json
    due_at: datetime | None

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def status(self) -> str:
        return str(self.document["status"])

    @property
    def is_pending(self) -> bool:
        return self.status == "PENDING"

    @property
    def amount(self) -> int:
        return int(self.document["amount"])

    @property
    def payment_request_id(self) -> str:
        return str(self.document["payment_request_id"])

    @property
    def reference_id(self) -> str | None:
        """None for one made in the dashboard."""
        reference_id: str | None = self.document["reference_id"]
        return reference_id

    def but(self, **changes: Any) -> "Refund":
        """Whatever moved it, it no longer waits for the clock."""
        return replace(self, document=self.document | changes, due_at=None)


class RefundStore:
    def __init__(self, database: Database, history: History) -> None:
        self._db = database
        self._history = history
        self.transaction = database.transaction
        database.create(SCHEMA)

    def save(self, refund: Refund) -> None:
        self._db.rows(
            """
            INSERT INTO refunds (id, payment_request_id, reference_id, status, due_at, document)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at,
                document = excluded.document
            """,
            refund.id,
            refund.payment_request_id,
            refund.reference_id,
            refund.status,
            seconds(refund.due_at),
            json.dumps(refund.document),
        )
        self._history.keep(refund.document)

    def get(self, refund_id: str) -> Refund | None:
        rows = self._db.rows("SELECT * FROM refunds WHERE id = ?", refund_id)
        return _refund(rows[0]) if rows else None

    def newest(self, *, limit: int = -1) -> list[Refund]:
        rows = self._db.rows("SELECT * FROM refunds ORDER BY seq DESC LIMIT ?", limit)
        return [_refund(row) for row in rows]

    def of_request(self, payment_request_id: str) -> list[Refund]:
        rows = self._db.rows(
            "SELECT * FROM refunds WHERE payment_request_id = ? ORDER BY seq DESC",
            payment_request_id,
        )
        return [_refund(row) for row in rows]

    def by_reference(self, reference_id: str) -> list[Refund]:
        rows = self._db.rows(
            "SELECT * FROM refunds WHERE reference_id = ? ORDER BY seq DESC", reference_id
        )
        return [_refund(row) for row in rows]

    def due(self, now: datetime) -> list[Refund]:
        rows = self._db.rows(
            "SELECT * FROM refunds WHERE due_at <= ? ORDER BY due_at", now.timestamp()
        )
        return [_refund(row) for row in rows]

    def next_due(self) -> datetime | None:
        return moment(self._db.rows("SELECT min(due_at) FROM refunds")[0][0])


def _refund(row: sqlite3.Row) -> Refund:
    document: Json = json.loads(row["document"])
    return Refund(document, due_at=moment(row["due_at"]))
