"""What the simulator remembers, in one SQLite file: requests, payments, webhooks and their tries.

One connection behind one lock, every change one transaction: a killed process resumes where it was.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS payment_requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    reference_id TEXT NOT NULL,
    virtual_account_number TEXT,
    status TEXT NOT NULL,
    due_at REAL,
    pending_at REAL,
    expires_at REAL NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS payment_requests_reference ON payment_requests (reference_id);
CREATE INDEX IF NOT EXISTS payment_requests_number ON payment_requests (virtual_account_number);
CREATE INDEX IF NOT EXISTS payment_requests_open ON payment_requests (seq)
    WHERE status IN ('REQUIRES_ACTION', 'PENDING', 'ACCEPTING_PAYMENTS');
CREATE INDEX IF NOT EXISTS payment_requests_due ON payment_requests (due_at)
    WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, document TEXT NOT NULL);
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
OPEN = frozenset({"REQUIRES_ACTION", "PENDING", "ACCEPTING_PAYMENTS"})


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """`document` is what the API answers; the rest is what the clock needs."""

    document: Json
    expires_at: datetime
    pending_at: datetime | None

    @property
    def id(self) -> str:
        return str(self.document["payment_request_id"])

    @property
    def status(self) -> str:
        return str(self.document["status"])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def due_at(self) -> datetime | None:
        """When the clock changes it next."""
        if not self.is_open:
            return None
        return self.pending_at or self.expires_at

    @property
    def virtual_account_number(self) -> str | None:
        for action in self.document["actions"]:
            if action["descriptor"] == "VIRTUAL_ACCOUNT_NUMBER":
                return str(action["value"])
        return None

    def but(self, **changes: Any) -> "PaymentRequest":
        return replace(self, document=self.document | changes)


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
    state: str  # WAITING, SENDING, DELIVERED, GIVEN_UP
    first_try_at: datetime | None
    next_try_at: datetime | None
    tries: tuple[Try, ...]


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nobody else reads or writes meanwhile."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # --- payment requests and payments -----------------------------------------------------------
    def save_request(self, request: PaymentRequest) -> None:
        self._rows(
            """
            INSERT INTO payment_requests (id, reference_id, virtual_account_number, status,
                                          due_at, pending_at, expires_at, document)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at,
                pending_at = excluded.pending_at, document = excluded.document
            """,
            request.id,
            request.document["reference_id"],
            request.virtual_account_number,
            request.status,
            _seconds(request.due_at),
            _seconds(request.pending_at),
            request.expires_at.timestamp(),
            json.dumps(request.document),
        )

    def request(self, request_id: str) -> PaymentRequest | None:
        rows = self._rows("SELECT * FROM payment_requests WHERE id = ?", request_id)
        return _request(rows[0]) if rows else None

    def requests(self, *, limit: int) -> list[PaymentRequest]:
        """Newest first, as all lists here."""
        rows = self._rows("SELECT * FROM payment_requests ORDER BY seq DESC LIMIT ?", limit)
        return [_request(row) for row in rows]

    def open_requests(self, *, limit: int) -> list[PaymentRequest]:
        rows = self._rows(
            """
            SELECT * FROM payment_requests
            WHERE status IN ('REQUIRES_ACTION', 'PENDING', 'ACCEPTING_PAYMENTS')
            ORDER BY seq DESC LIMIT ?
            """,
            limit,
        )
        return [_request(row) for row in rows]

    def requests_by_reference(self, reference_id: str) -> list[PaymentRequest]:
        rows = self._rows(
            "SELECT * FROM payment_requests WHERE reference_id = ? ORDER BY seq DESC", reference_id
        )
        return [_request(row) for row in rows]

    def requests_by_number(self, virtual_account_number: str) -> list[PaymentRequest]:
        rows = self._rows(
            "SELECT * FROM payment_requests WHERE virtual_account_number = ? ORDER BY seq DESC",
            virtual_account_number,
        )
        return [_request(row) for row in rows]

    def due_requests(self, now: datetime) -> list[PaymentRequest]:
        rows = self._rows(
            "SELECT * FROM payment_requests WHERE due_at <= ? ORDER BY due_at", now.timestamp()
        )
        return [_request(row) for row in rows]

    def next_request_due(self) -> datetime | None:
        return _moment(self._rows("SELECT min(due_at) FROM payment_requests")[0][0])

    def add_payment(self, payment: Json) -> None:
        self._rows("INSERT INTO payments VALUES (?, ?)", payment["payment_id"], json.dumps(payment))

    def payment(self, payment_id: str) -> Json | None:
        rows = self._rows("SELECT document FROM payments WHERE id = ?", payment_id)
        return _document(rows[0]) if rows else None

    # --- webhooks --------------------------------------------------------------------------------
    def add_delivery(
        self, *, webhook_id: str, event: str, payment_request_id: str, data: Json, due_at: datetime
    ) -> None:
        self._rows(
            """
            INSERT INTO deliveries (webhook_id, event, payment_request_id, data, next_try_at)
            VALUES (?, ?, ?, ?, ?)
            """,
            webhook_id,
            event,
            payment_request_id,
            json.dumps(data),
            due_at.timestamp(),
        )

    def claim_deliveries(self, now: datetime) -> list[Delivery]:
        """Take what is due; each is handed out once until its try is recorded."""
        with self.transaction():
            rows = self._rows(
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
        with self.transaction():
            self._rows(
                "INSERT INTO tries VALUES (?, ?, ?, ?)",
                delivery.id,
                outcome.tried_at.timestamp(),
                outcome.status,
                outcome.error,
            )
            self._rows(
                "UPDATE deliveries SET state = ?, next_try_at = ? WHERE id = ?",
                state,
                _seconds(next_try_at),
                delivery.id,
            )

    def requeue_interrupted(self) -> None:
        """Died between sending and recording: send again, twice is better than never."""
        self._rows("UPDATE deliveries SET state = 'WAITING' WHERE state = 'SENDING'")

    def next_delivery_due(self) -> datetime | None:
        rows = self._rows("SELECT min(next_try_at) FROM deliveries WHERE state = 'WAITING'")
        return _moment(rows[0][0])

    def deliveries(self, *, limit: int) -> list[Delivery]:
        rows = self._rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", limit)
        return [self._delivery(row) for row in rows]

    def deliveries_of_request(self, payment_request_id: str) -> list[Delivery]:
        rows = self._rows(
            "SELECT * FROM deliveries WHERE payment_request_id = ? ORDER BY id DESC",
            payment_request_id,
        )
        return [self._delivery(row) for row in rows]

    def deliveries_of_webhook(self, webhook_id: str) -> list[Delivery]:
        rows = self._rows(
            "SELECT * FROM deliveries WHERE webhook_id = ? ORDER BY id DESC", webhook_id
        )
        return [self._delivery(row) for row in rows]

    def _delivery(self, row: sqlite3.Row) -> Delivery:
        tries = self._rows("SELECT * FROM tries WHERE delivery_id = ? ORDER BY rowid", row["id"])
        return Delivery(
            id=row["id"],
            webhook_id=row["webhook_id"],
            event=row["event"],
            payment_request_id=row["payment_request_id"],
            data=json.loads(row["data"]),
            state=row["state"],
            first_try_at=_moment(row["first_try_at"]),
            next_try_at=_moment(row["next_try_at"]),
            tries=tuple(
                Try(_utc(each["tried_at"]), each["status"], each["error"]) for each in tries
            ),
        )


def _request(row: sqlite3.Row) -> PaymentRequest:
    return PaymentRequest(
        document=_document(row),
        expires_at=_utc(row["expires_at"]),
        pending_at=_moment(row["pending_at"]),
    )


def _document(row: sqlite3.Row) -> Json:
    document: Json = json.loads(row["document"])
    return document


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else _utc(seconds)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
