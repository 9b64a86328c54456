"""The gateway's own books: one row for each movement of money, as reconciliation reads them."""

import json
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .clock import parse_timestamp
from .database import Database, moment, seconds
from .errors import Json
from .history import History

SCHEMA = """
CREATE TABLE IF NOT EXISTS transactions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    product_id TEXT,
    reference_id TEXT,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    balance_effect INTEGER NOT NULL,
    settles_at REAL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS transactions_created ON transactions (created_at, seq);
CREATE INDEX IF NOT EXISTS transactions_product ON transactions (product_id);
CREATE INDEX IF NOT EXISTS transactions_reference ON transactions (reference_id);
CREATE INDEX IF NOT EXISTS transactions_due ON transactions (settles_at)
    WHERE settles_at IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class Transaction:
    """`settles_at` is when the clock settles it; None where nothing is to come."""

    document: Json
    settles_at: datetime | None = None

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def is_settled(self) -> bool:
        return self.document["settlement_status"] in ("SETTLED", "EARLY_SETTLED")

    @property
    def balance_effect(self) -> int:
        """Rupiah that it adds to our balance now: money in counts when it is settled."""
        document = self.document
        if document["cashflow"] == "MONEY_OUT":
            is_gone = document["status"] in ("PENDING", "SUCCESS")
            return -int(document["amount"]) if is_gone else 0
        is_here = document["status"] == "SUCCESS" and document["settlement_status"] != "PENDING"
        return int(document["net_amount"]) if is_here else 0

    def but(self, **changes: Any) -> "Transaction":
        """Whatever moved it, it no longer waits for the clock."""
        return replace(self, document=self.document | changes, settles_at=None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty means all. Moments are inclusive."""

    words: dict[str, list[str]] = field(default_factory=dict)
    created: tuple[datetime | None, datetime | None] = (None, None)
    updated: tuple[datetime | None, datetime | None] = (None, None)

    def conditions(self) -> tuple[str, list[object]]:
        """SQL and its values. Only the names below reach the SQL."""
        sql, values = ["1"], list[object]()
        for name, column in COLUMNS.items():
            if wanted := self.words.get(name):
                sql.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        for column, (first, last) in (("created_at", self.created), ("updated_at", self.updated)):
            if first:
                sql.append(f"{column} >= ?")
                values.append(first.timestamp())
            if last:
                sql.append(f"{column} <= ?")
                values.append(last.timestamp())
        return " AND ".join(sql), values


COLUMNS = {
    "types": "type",
    "statuses": "status",
    "reference_id": "reference_id",
    "product_id": "product_id",
    "channel_categories": "json_extract(document, '$.channel_category')",
    "account_identifier": "json_extract(document, '$.account_identifier')",
    "currency": "json_extract(document, '$.currency')",
    "amount": "CAST(json_extract(document, '$.amount') AS TEXT)",
}


class TransactionStore:
    def __init__(self, database: Database, history: History) -> None:
        self._db = database
        self._history = history
        self.transaction = database.transaction
        database.create(SCHEMA)

    def save(self, row: Transaction) -> None:
        document = row.document
        self._db.rows(
            """
            INSERT INTO transactions (id, product_id, reference_id, type, status, balance_effect,
                                      settles_at, created_at, updated_at, document)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET status = excluded.status,
                balance_effect = excluded.balance_effect, settles_at = excluded.settles_at,
                updated_at = excluded.updated_at, document = excluded.document
            """,
            row.id,
            document["product_id"],
            document["reference_id"],
            document["type"],
            document["status"],
            row.balance_effect,
            seconds(row.settles_at),
            parse_timestamp(document["created"]).timestamp(),
            parse_timestamp(document["updated"]).timestamp(),
            json.dumps(document),
        )
        self._history.keep(document)

    def get(self, transaction_id: str) -> Transaction | None:
        rows = self._db.rows("SELECT * FROM transactions WHERE id = ?", transaction_id)
        return _transaction(rows[0]) if rows else None

    def of_product(self, product_id: str) -> list[Transaction]:
        """Oldest first: a payment comes before its chargeback."""
        rows = self._db.rows(
            "SELECT * FROM transactions WHERE product_id = ? ORDER BY seq", product_id
        )
        return [_transaction(row) for row in rows]

    def page(
        self, wanted: Wanted, *, limit: int, after: str = "", before: str = ""
    ) -> list[Transaction]:
        """Newest first. `before` an id: those that stand right before it."""
        conditions, values = wanted.conditions()
        direction = "ASC" if before else "DESC"
        if after or before:
            # A row may share its moment with others: the sequence decides among them.
            sign = ">" if before else "<"
            cursor = "SELECT created_at, seq FROM transactions WHERE id = ?"
            conditions += f" AND (created_at, seq) {sign} ({cursor})"
            values.append(before or after)
        sql = f"""
            SELECT * FROM transactions WHERE {conditions}
            ORDER BY created_at {direction}, seq {direction} LIMIT ?
            """  # noqa: S608 - names of our own; every value is a parameter
        found = [_transaction(row) for row in self._db.rows(sql, *values, limit)]
        return found[::-1] if before else found

    def unsettled(self, now: datetime | None) -> list[Transaction]:
        """All, or those whose time has come."""
        limit = float("inf") if now is None else now.timestamp()
        rows = self._db.rows(
            "SELECT * FROM transactions WHERE settles_at <= ? ORDER BY settles_at", limit
        )
        return [_transaction(row) for row in rows]

    def next_due(self) -> datetime | None:
        return moment(self._db.rows("SELECT min(settles_at) FROM transactions")[0][0])

    def balance(self) -> int:
        return int(self._db.rows("SELECT total(balance_effect) FROM transactions")[0][0])


def _transaction(row: sqlite3.Row) -> Transaction:
    document: Json = json.loads(row["document"])
    return Transaction(document, settles_at=moment(row["settles_at"]))
