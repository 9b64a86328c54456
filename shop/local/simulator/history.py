"""How every document looked before: a reader that lags behind is shown an old one."""

import json
from datetime import datetime

from .clock import parse_timestamp
from .database import Database
from .errors import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
    object_id TEXT NOT NULL,
    at REAL NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS versions_object ON versions (object_id);
"""


class History:
    def __init__(self, database: Database) -> None:
        self._db = database
        database.create(SCHEMA)

    def keep(self, document: Json) -> None:
        """Call it in the transaction that saves the document."""
        self._db.rows(
            "INSERT INTO versions VALUES (?, ?, ?)",
            id_of(document),
            parse_timestamp(document["updated"]).timestamp(),
            json.dumps(document),
        )

    def as_of(self, document: Json, moment: datetime) -> Json:
        """The document as it was then; if it was not yet, as it was in the beginning."""
        object_id = id_of(document)
        rows = self._db.rows(
            """
            SELECT document FROM versions WHERE object_id = ? AND at <= ?
            ORDER BY rowid DESC LIMIT 1
            """,
            object_id,
            moment.timestamp(),
        ) or self._db.rows(
            "SELECT document FROM versions WHERE object_id = ? ORDER BY rowid LIMIT 1", object_id
        )
        old: Json = json.loads(rows[0]["document"]) if rows else document
        return old

    def list_as_of(self, documents: list[Json], moment: datetime) -> list[Json]:
        """A list does not even know what was made since."""
        return [
            self.as_of(each, moment)
            for each in documents
            if parse_timestamp(each["created"]) <= moment
        ]


def id_of(document: Json) -> str:
    """A document names others too; its own id is the first of these. Empty: it has none."""
    names = ("payment_session_id", "id", "payment_id", "payment_request_id")
    return next((str(document[name]) for name in names if document.get(name)), "")
