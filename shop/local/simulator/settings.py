"""What can be switched while the simulator runs. A switch outlives the process."""

import json
from collections.abc import Mapping
from typing import Any

from .database import Database
from .errors import ApiError, Json

SCHEMA = "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"

DEFAULTS: Json = {
    # Seconds until a refund succeeds by itself; 0: it waits for a control call.
    "refund_delay": 0.0,
    # `nested`: the envelope twice, as an example in Xendit's documentation has it.
    "refund_webhook_shape": "flat",
    # What our account at the gateway holds: `endless`, `computed` from the books, or an amount.
    "balance": "endless",
    # When a payment is settled: by the `calendar` of its channel, or so many seconds after it.
    "settlement_delay": "calendar",
    # Calls per minute and endpoint; Xendit allows 60 in test mode. 0: as many as you like.
    "rate_limit": 0,
    # Channel codes that refund nothing, or not a part, beyond what their kind rules out.
    "no_refunds": [],
    "no_partial_refunds": [],
}


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _are_codes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


CHECKS: dict[str, tuple[Any, str]] = {
    "refund_delay": (_is_amount, "must be seconds, 0 or more"),
    "refund_webhook_shape": (lambda value: value in ("flat", "nested"), "must be flat or nested"),
    "balance": (
        lambda value: value in ("endless", "computed") or _is_amount(value),
        "must be endless, computed or whole rupiah",
    ),
    "settlement_delay": (
        lambda value: value == "calendar" or _is_amount(value),
        "must be calendar or seconds",
    ),
    "rate_limit": (_is_amount, "must be calls per minute, 0 for no limit"),
    "no_refunds": (_are_codes, "must be a list of channel codes"),
    "no_partial_refunds": (_are_codes, "must be a list of channel codes"),
}


class Settings:
    """`defaults` of the command line come before those above; what was switched, before both."""

    def __init__(self, database: Database, *, defaults: Mapping[str, Any]) -> None:
        self._db = database
        self._defaults = DEFAULTS | dict(defaults)
        database.create(SCHEMA)

    def all(self) -> Json:
        rows = self._db.rows("SELECT name, value FROM settings")
        stored = {row["name"]: json.loads(row["value"]) for row in rows}
        return self._defaults | {name: stored[name] for name in stored if name in self._defaults}

    def __getitem__(self, name: str) -> Any:
        return self.all()[name]

    def change(self, changes: Json) -> None:
        """None takes a switch back. Raises ApiError for a name or value that means nothing."""
        for name, value in changes.items():
            if name not in CHECKS:
                known = ", ".join(CHECKS)
                raise ApiError(400, "API_VALIDATION_ERROR", f"{name} is none of {known}")
            is_valid, message = CHECKS[name]
            if value is not None and not is_valid(value):
                raise ApiError(400, "API_VALIDATION_ERROR", f"{name} {message}")
        with self._db.transaction():
            for name, value in changes.items():
                self._db.rows("DELETE FROM settings WHERE name = ?", name)
                if value is not None:
                    self._db.rows("INSERT INTO settings VALUES (?, ?)", name, json.dumps(value))
