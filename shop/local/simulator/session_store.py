"""Payment sessions as they are kept."""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .clock import parse_timestamp
from .database import Database, moment
from .errors import Json
from .history import History

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    reference_id TEXT NOT NULL,
    expires_at REAL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_reference ON sessions (reference_id);
CREATE INDEX IF NOT EXISTS sessions_due ON sessions (expires_at) WHERE expires_at IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class Session:
    document: Json

    @property
    def id(self) -> str:
        return str(self.document["payment_session_id"])

    @property
    def reference_id(self) -> str:
        return str(self.document["reference_id"])

    @property
    def status(self) -> str:
        return str(self.document["status"])

    @property
    def is_active(self) -> bool:
        return self.status == "ACTIVE"

    @property
    def expires_at(self) -> datetime:
        return parse_timestamp(self.document["expires_at"])

    def but(self, **changes: Any) -> "Session":
        return replace(self, document=self.document | changes)


class SessionStore:
    def __init__(self, database: Database, history: History) -> None:
        self._db = database
        self._history = history
        self.transaction = database.transaction
        database.create(SCHEMA)

    def save(self, session: Session) -> None:
        self._db.rows(
            """
            INSERT INTO sessions (id, reference_id, expires_at, document) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at,
                document = excluded.document
            """,
            session.id,
            session.reference_id,
            session.expires_at.timestamp() if session.is_active else None,
            json.dumps(session.document),
        )
        self._history.keep(session.document)

    def get(self, session_id: str) -> Session | None:
        rows = self._db.rows("SELECT document FROM sessions WHERE id = ?", session_id)
        return _session(rows[0]) if rows else None

    def newest(self, *, limit: int) -> list[Session]:
        rows = self._db.rows("SELECT document FROM sessions ORDER BY seq DESC LIMIT ?", limit)
        return [_session(row) for row in rows]

    def by_reference(self, reference_id: str) -> list[Session]:
        rows = self._db.rows(
            "SELECT document FROM sessions WHERE reference_id = ? ORDER BY seq DESC", reference_id
        )
        return [_session(row) for row in rows]

    def due(self, now: datetime) -> list[Session]:
        rows = self._db.rows(
            "SELECT document FROM sessions WHERE expires_at <= ? ORDER BY expires_at",
            now.timestamp(),
        )
        return [_session(row) for row in rows]

    def next_due(self) -> datetime | None:
        return moment(self._db.rows("SELECT min(expires_at) FROM sessions")[0][0])


def _session(row: sqlite3.Row) -> Session:
    document: Json = json.loads(row["document"])
    return Session(document)
