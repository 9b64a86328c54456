"""What Midtrans' side remembers: transactions, pages and notifications, in the simulator's file."""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shop.local.simulator.database import Database, moment, seconds, utc
from shop.local.simulator.errors import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS midtrans_transactions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_id TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL,
    va_number TEXT,
    due_at REAL,
    expires_at REAL NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS midtrans_transactions_order ON midtrans_transactions (order_id);
CREATE INDEX IF NOT EXISTS midtrans_transactions_number ON midtrans_transactions (va_number);
CREATE INDEX IF NOT EXISTS midtrans_transactions_due ON midtrans_transactions (due_at)
    WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS midtrans_pages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL UNIQUE,
    is_closed INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS midtrans_notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_id TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'WAITING',
    first_try_at REAL,
    next_try_at REAL,
    tries TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS midtrans_notifications_of ON midtrans_notifications (transaction_id);
CREATE INDEX IF NOT EXISTS midtrans_notifications_due ON midtrans_notifications (next_try_at)
    WHERE state = 'WAITING';
CREATE TABLE IF NOT EXISTS midtrans_withdrawals (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL,
    made_at REAL NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Transaction:
    """`document` is what a status call answers, apart from code, message and signature."""

    document: Json
    expires_at: datetime
    due_at: datetime | None

    @property
    def id(self) -> str:
        return str(self.document["transaction_id"])

    @property
    def order_id(self) -> str:
        return str(self.document["order_id"])

    @property
    def status(self) -> str:
        return str(self.document["transaction_status"])

    @property
    def gross_amount(self) -> int:
        return int(self.document["gross_amount"].removesuffix(".00"))

    @property
    def va_number(self) -> str | None:
        return next((each["va_number"] for each in self.document.get("va_numbers", [])), None)

    @property
    def refunds(self) -> list[Json]:
        return list(self.document.get("refunds", []))

    def but(self, *, due_at: datetime | None = None, **changes: Any) -> "Transaction":
        return replace(self, document=self.document | changes, due_at=due_at)


@dataclass(frozen=True, slots=True)
class Page:
    """`document` is the body that it was made with."""

    token: str
    is_closed: bool
    expires_at: datetime
    document: Json

    @property
    def order_id(self) -> str:
        return str(self.document["transaction_details"]["order_id"])

    @property
    def finish_url(self) -> str:
        return str(self.document.get("callbacks", {}).get("finish", ""))


@dataclass(frozen=True, slots=True)
class Notification:
    id: int
    transaction_id: str
    body: Json
    state: str  # WAITING, SENDING, DELIVERED, GIVEN_UP
    first_try_at: datetime | None
    next_try_at: datetime | None
    tries: list[Json]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Whole rupiah that went to the merchant's bank."""

    id: str
    amount: int
    made_at: datetime


class MidtransStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        self.transaction = database.transaction
        database.create(SCHEMA)

    # --- transactions ----------------------------------------------------------------------------
    def save(self, transaction: Transaction) -> None:
        self._db.rows(
            """
            INSERT INTO midtrans_transactions (transaction_id, order_id, va_number, due_at,
                                               expires_at, document)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (transaction_id) DO UPDATE SET due_at = excluded.due_at,
                document = excluded.document
            """,
            transaction.id,
            transaction.order_id,
            transaction.va_number,
            seconds(transaction.due_at),
            transaction.expires_at.timestamp(),
            json.dumps(transaction.document),
        )

    def transaction_of(self, name: str) -> Transaction | None:
        """By its id, order id or account number; of several the newest."""
        rows = self._db.rows(
            """
            SELECT * FROM midtrans_transactions
            WHERE transaction_id = ? OR order_id = ? OR va_number = ? ORDER BY seq DESC LIMIT 1
            """,
            *(name, name, name),
        )
        return _transaction(rows[0]) if rows else None

    def transactions(self, *, order_id: str = "", limit: int) -> list[Transaction]:
        """Newest first, as all lists here."""
        rows = self._db.rows(
            """
            SELECT * FROM midtrans_transactions WHERE ? IN ('', order_id)
            ORDER BY seq DESC LIMIT ?
            """,
            order_id,
            limit,
        )
        return [_transaction(row) for row in rows]

    def due(self, now: datetime) -> list[Transaction]:
        rows = self._db.rows(
            "SELECT * FROM midtrans_transactions WHERE due_at <= ? ORDER BY due_at", now.timestamp()
        )
        return [_transaction(row) for row in rows]

    def next_due(self) -> datetime | None:
        return moment(self._db.rows("SELECT min(due_at) FROM midtrans_transactions")[0][0])

    # --- pages -----------------------------------------------------------------------------------
    def add_page(self, page: Page) -> None:
        self._db.rows(
            """
            INSERT INTO midtrans_pages (token, order_id, is_closed, expires_at, document)
            VALUES (?, ?, 0, ?, ?)
            """,
            page.token,
            page.order_id,
            page.expires_at.timestamp(),
            json.dumps(page.document),
        )

    def close_page(self, token: str) -> None:
        self._db.rows("UPDATE midtrans_pages SET is_closed = 1 WHERE token = ?", token)

    def page_of(self, name: str) -> Page | None:
        """By its token or order id."""
        rows = self._db.rows(
            "SELECT * FROM midtrans_pages WHERE token = ? OR order_id = ?", name, name
        )
        return _page(rows[0]) if rows else None

    def pages(self, *, limit: int) -> list[Page]:
        rows = self._db.rows("SELECT * FROM midtrans_pages ORDER BY seq DESC LIMIT ?", limit)
        return [_page(row) for row in rows]

    # --- withdrawals -----------------------------------------------------------------------------
    def add_withdrawal(self, withdrawal: Withdrawal) -> None:
        self._db.rows(
            "INSERT INTO midtrans_withdrawals (id, amount, made_at) VALUES (?, ?, ?)",
            withdrawal.id,
            withdrawal.amount,
            withdrawal.made_at.timestamp(),
        )

    def withdrawals(self) -> list[Withdrawal]:
        """Oldest first."""
        rows = self._db.rows("SELECT * FROM midtrans_withdrawals ORDER BY seq")
        return [Withdrawal(row["id"], row["amount"], utc(row["made_at"])) for row in rows]

    # --- notifications ---------------------------------------------------------------------------
    def add_notification(self, transaction_id: str, body: Json, *, due_at: datetime) -> None:
        self._db.rows(
            """
            INSERT INTO midtrans_notifications (transaction_id, body, next_try_at) VALUES (?, ?, ?)
            """,
            transaction_id,
            json.dumps(body),
            due_at.timestamp(),
        )

    def claim_notifications(self, now: datetime) -> list[Notification]:
        """Take what is due; each is handed out once until its try is recorded."""
        with self.transaction():
            rows = self._db.rows(
                """
                UPDATE midtrans_notifications
                SET state = 'SENDING', first_try_at = coalesce(first_try_at, ?)
                WHERE state = 'WAITING' AND next_try_at <= ? RETURNING *
                """,
                now.timestamp(),
                now.timestamp(),
            )
        return [_notification(row) for row in sorted(rows, key=lambda row: int(row["id"]))]

    def record_try(
        self, notification: Notification, tried: Json, *, state: str, next_try_at: datetime | None
    ) -> None:
        self._db.rows(
            "UPDATE midtrans_notifications SET tries = ?, state = ?, next_try_at = ? WHERE id = ?",
            json.dumps([*notification.tries, tried]),
            state,
            seconds(next_try_at),
            notification.id,
        )

    def requeue_interrupted(self) -> None:
        """Died between sending and recording: send again, twice is better than never."""
        self._db.rows("UPDATE midtrans_notifications SET state = 'WAITING' WHERE state = 'SENDING'")

    def next_notification_due(self) -> datetime | None:
        rows = self._db.rows(
            "SELECT min(next_try_at) FROM midtrans_notifications WHERE state = 'WAITING'"
        )
        return moment(rows[0][0])

    def notifications(self, *, transaction_id: str = "", limit: int) -> list[Notification]:
        rows = self._db.rows(
            """
            SELECT * FROM midtrans_notifications WHERE ? IN ('', transaction_id)
            ORDER BY id DESC LIMIT ?
            """,
            transaction_id,
            limit,
        )
        return [_notification(row) for row in rows]


def _transaction(row: sqlite3.Row) -> Transaction:
    return Transaction(
        json.loads(row["document"]), expires_at=utc(row["expires_at"]), due_at=moment(row["due_at"])
    )


def _page(row: sqlite3.Row) -> Page:
    return Page(
        row["token"], bool(row["is_closed"]), utc(row["expires_at"]), json.loads(row["document"])
    )


def _notification(row: sqlite3.Row) -> Notification:
    return Notification(
        id=row["id"],
        transaction_id=row["transaction_id"],
        body=json.loads(row["body"]),
        state=row["state"],
        first_try_at=moment(row["first_try_at"]),
        next_try_at=moment(row["next_try_at"]),
        tries=json.loads(row["tries"]),
    )
