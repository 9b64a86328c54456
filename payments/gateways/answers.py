"""What gateways answer, read leniently: no strange document may stop the shop.

Fields may be missing, new or misspelt, so nothing here raises for a strange document except
`Unreadable`, where money would have to be guessed.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from shop.core.money import Money

LARGEST_MINOR = 2**63 - 1
# What gateways call their things varies, so only the alphabet is held to.
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Unreadable(ValueError):
    """A payment that may hold money and does not say how much."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`document` is empty where an error came without a readable body."""

    status: int
    document: dict[str, Any]

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def error_code(self) -> str:
        return text(self.document.get("error_code"), longest=60)


def text(value: object, *, longest: int) -> str:
    """A string that every database and page can hold; empty for anything else."""
    if isinstance(value, str) and len(value) <= longest and value.isprintable():
        return value
    return ""


def identifier(value: object) -> str:
    return value if isinstance(value, str) and IDENTIFIER.fullmatch(value) else ""


def load(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None for everything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def money(amount: Any, currency: Any) -> Money:
    """An amount that can have moved. Raises Unreadable for any other."""
    try:
        read = Money.from_gateway(amount, currency)
    except (TypeError, ValueError) as error:
        raise Unreadable("no amount") from error
    if not 0 < read.minor <= LARGEST_MINOR:
        raise Unreadable("an impossible amount")
    return read


def moment(value: object, *, zone: tzinfo = UTC) -> datetime:
    """A missing or odd time must not lose money: then it is now. `zone`: where none is written."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.now(UTC)
    return read if read.tzinfo else read.replace(tzinfo=zone)


def seconds_in(headers: Mapping[str, str], name: str) -> float:
    """How long to wait, as a header says it; 0.0 where it says nothing sensible."""
    try:
        seconds = float(headers.get(name, "0"))
    except ValueError:
        return 0.0
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0
