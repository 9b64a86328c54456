"""Trouble on purpose: what is armed, for which calls, how often it strikes.

Armed for the next so many calls, or with a probability until it is cleared. What is armed outlives
the process; chaos, which strikes where nothing is armed, does not.
"""

import random
import sqlite3
from dataclasses import dataclass

from .chaos import Chaos
from .database import Database
from .errors import ApiError

SCHEMA = """
CREATE TABLE IF NOT EXISTS troubles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    event TEXT NOT NULL,
    mode TEXT NOT NULL,
    calls_left INTEGER,
    probability REAL NOT NULL,
    seconds REAL NOT NULL,
    times INTEGER NOT NULL
);
"""
CALLS = ("create", "get", "list", "cancel", "refund", "session", "update", "any")
WEBHOOK = "webhook"
READS = ("get", "list", "any")
# Seconds where the caller names none. A shop gives up long before a time-out is over.
API_MODES = {
    "timeout_before": 30.0,
    "timeout_after": 30.0,
    "error_after": 0.0,
    "unavailable": 0.0,
    "rate_limited": 1.0,
    "slow": 20.0,
    "garbage": 0.0,
    "reset_before": 0.0,
    "reset_after": 0.0,
    "lag": 30.0,
}
WEBHOOK_MODES = {
    "duplicate": 0.0,
    "replay": 0.0,
    "delay": 60.0,
    "reorder": 30.0,
    "drop": 0.0,
    "wrong_token": 0.0,
    "no_token": 0.0,
    "truncate": 0.0,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`event` narrows webhooks, `times` is how many more of them; `id` 0 is chaos."""

    target: str
    mode: str
    event: str = ""
    calls_left: int | None = 1
    probability: float = 1.0
    seconds: float = 0.0
    times: int = 1
    id: int = 0


def check(trouble: Trouble) -> None:
    """Raises ApiError for what could never strike."""
    if trouble.target == WEBHOOK:
        _check_mode(trouble, tuple(WEBHOOK_MODES))
        return
    if trouble.target not in CALLS:
        raise _invalid(f"on must be one of {', '.join((*CALLS, WEBHOOK))}")
    _check_mode(trouble, tuple(API_MODES))
    if trouble.mode == "lag" and trouble.target not in READS:
        raise _invalid(f"only {', '.join(READS)} can lag")


def _check_mode(trouble: Trouble, modes: tuple[str, ...]) -> None:
    if trouble.mode not in modes:
        raise _invalid(f"mode must be one of {', '.join(modes)} for {trouble.target}")


def _invalid(message: str) -> ApiError:
    return ApiError(400, "API_VALIDATION_ERROR", message)


class Troubles:
    def __init__(self, database: Database, chaos: Chaos) -> None:
        self._db = database
        self._chaos = chaos
        self._random = random.Random()  # noqa: S311 - no secret hangs on it
        database.create(SCHEMA)

    def arm(self, trouble: Trouble) -> None:
        check(trouble)
        self._db.rows(
            """
            INSERT INTO troubles (target, event, mode, calls_left, probability, seconds, times)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            trouble.target,
            trouble.event,
            trouble.mode,
            trouble.calls_left,
            trouble.probability,
            trouble.seconds,
            trouble.times,
        )

    def armed(self) -> list[Trouble]:
        return [_trouble(row) for row in self._db.rows("SELECT * FROM troubles ORDER BY id")]

    def clear(self, trouble_id: int | None = None) -> None:
        """One, or all."""
        if trouble_id is None:
            self._db.rows("DELETE FROM troubles")
        else:
            self._db.rows("DELETE FROM troubles WHERE id = ?", trouble_id)

    def for_call(self, kind: str) -> Trouble | None:
        """What this call meets: at most one thing."""
        rows = self._db.rows("SELECT * FROM troubles WHERE target IN (?, 'any') ORDER BY id", kind)
        for each in map(_trouble, rows):
            can_strike = each.mode != "lag" or kind in READS
            if can_strike and self._strikes(each):
                return each
        drawn = self._chaos.for_call(kind)
        return Trouble(kind, drawn.mode, seconds=drawn.seconds) if drawn else None

    def for_webhook(self, event: str) -> list[Trouble]:
        """What this webhook meets: each of what is armed."""
        rows = self._db.rows(
            "SELECT * FROM troubles WHERE target = ? AND event IN ('', ?) ORDER BY id",
            WEBHOOK,
            event,
        )
        struck = [each for each in map(_trouble, rows) if self._strikes(each)]
        drawn = None if struck else self._chaos.for_webhook(event)
        if drawn:
            return [Trouble(WEBHOOK, drawn.mode, seconds=drawn.seconds, times=drawn.times)]
        return struck

    def _strikes(self, trouble: Trouble) -> bool:
        """Decided, and counted when it does."""
        if trouble.probability < 1 and self._random.random() >= trouble.probability:
            return False
        if trouble.calls_left is None:
            return True
        # Two calls at once must not both take the last.
        taken = self._db.rows(
            """
            UPDATE troubles SET calls_left = calls_left - 1
            WHERE id = ? AND calls_left > 0 RETURNING calls_left
            """,
            trouble.id,
        )
        if taken and taken[0]["calls_left"] == 0:
            self.clear(trouble.id)
        return bool(taken)


def _trouble(row: sqlite3.Row) -> Trouble:
    return Trouble(**dict(row))
