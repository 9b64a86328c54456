"""The store of sessions (`SESSION_ENGINE`): Django's own in the database, with whose each is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession

from accounts.models import Session

AGENT, BEGUN = "agent", "begun_at"


class SessionStore(db.SessionStore):
    """The columns say what the data says; they are written with it and cost nothing more."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: Mapping[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(dict(data))
        if not isinstance(row, Session):
            raise TypeError("another model of sessions")
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.agent = str(data.get(AGENT, ""))
        row.begun_at = datetime.fromtimestamp(data[BEGUN], UTC) if BEGUN in data else None
        return row
