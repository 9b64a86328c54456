"""Payment requests and the payments made for them."""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .database import Database, moment, seconds, utc
from .errors import Json
from .history import History

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
CREATE INDEX IF NOT EXISTS payments_request
    ON payments (json_extract(document, '$.payment_request_id'));
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


class Store:
    def __init__(self, database: Database, history: History) -> None:
        self._db = database
        self._history = history
        self.transaction = database.transaction
        database.create(SCHEMA)

    def save_request(self, request: PaymentRequest) -> None:
        self._db.rows(
            """
            INSERT INTO payment_requests (id, reference_id, virtual_account_number, status,
                                          due_at, pending_at, expires_at, document)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at,
                pending_at = excluded.pending_at, expires_at = excluded.expires_at,
                document = excluded.document
            """,
            request.id,
            request.document["reference_id"],
            request.virtual_account_number,
            request.status,
            seconds(request.due_at),
            seconds(request.pending_at),
            request.expires_at.timestamp(),
            json.dumps(request.document),
        )
        self._history.keep(request.document)

    def request(self, request_id: str) -> PaymentRequest | None:
        rows = self._db.rows("SELECT * FROM payment_requests WHERE id = ?", request_id)
        return _request(rows[0]) if rows else None

    def requests(self, *, limit: int) -> list[PaymentRequest]:
        """Newest first, as all lists here."""
        rows = self._db.rows("SELECT * FROM payment_requests ORDER BY seq DESC LIMIT ?", limit)
        return [_request(row) for row in rows]

    def open_requests(self, *, limit: int) -> list[PaymentRequest]:
        rows = self._db.rows(
            """
            SELECT * FROM payment_requests
            WHERE status IN ('REQUIRES_ACTION', 'PENDING', 'ACCEPTING_PAYMENTS')
            ORDER BY seq DESC LIMIT ?
            """,
            limit,
        )
        return [_request(row) for row in rows]

    def requests_over(self, *, limit: int) -> list[PaymentRequest]:
        rows = self._db.rows(
            """
            SELECT * FROM payment_requests
            WHERE status NOT IN ('REQUIRES_ACTION', 'PENDING', 'ACCEPTING_PAYMENTS')
            ORDER BY seq DESC LIMIT ?
            """,
            limit,
        )
        return [_request(row) for row in rows]

    def requests_by_reference(self, reference_id: str) -> list[PaymentRequest]:
        rows = self._db.rows(
            "SELECT * FROM payment_requests WHERE reference_id = ? ORDER BY seq DESC", reference_id
        )
        return [_request(row) for row in rows]

    def requests_by_number(self, virtual_account_number: str) -> list[PaymentRequest]:
        rows = self._db.rows(
            "SELECT * FROM payment_requests WHERE virtual_account_number = ? ORDER BY seq DESC",
            virtual_account_number,
        )
        return [_request(row) for row in rows]

    def due_requests(self, now: datetime) -> list[PaymentRequest]:
        rows = self._db.rows(
            "SELECT * FROM payment_requests WHERE due_at <= ? ORDER BY due_at", now.timestamp()
        )
        return [_request(row) for row in rows]

    def next_request_due(self) -> datetime | None:
        return moment(self._db.rows("SELECT min(due_at) FROM payment_requests")[0][0])

    def add_payment(self, payment: Json) -> None:
        self._db.rows(
            "INSERT INTO payments VALUES (?, ?)", payment["payment_id"], json.dumps(payment)
        )

    def payment(self, payment_id: str) -> Json | None:
        rows = self._db.rows("SELECT document FROM payments WHERE id = ?", payment_id)
        return _document(rows[0]) if rows else None

    def payments_of_request(self, request_id: str) -> list[Json]:
        rows = self._db.rows(
            """
            SELECT document FROM payments
            WHERE json_extract(document, '$.payment_request_id') = ? ORDER BY rowid DESC
            """,
            request_id,
        )
        return [_document(row) for row in rows]

    def unbooked_payments(self) -> list[Json]:
        """Made by an earlier version of the simulator, which kept no books."""
        rows = self._db.rows(
            """
            SELECT document FROM payments
            WHERE json_array_length(document, '$.captures') > 0
              AND id NOT IN (SELECT product_id FROM transactions WHERE type = 'PAYMENT')
            ORDER BY rowid
            """
        )
        return [_document(row) for row in rows]


def _request(row: sqlite3.Row) -> PaymentRequest:
    return PaymentRequest(
        document=_document(row),
        expires_at=utc(row["expires_at"]),
        pending_at=moment(row["pending_at"]),
    )


def _document(row: sqlite3.Row) -> Json:
    document: Json = json.loads(row["document"])
    return document
