"""What the shop keeps of a person: each app says how it is handed out.

Registered from `AppConfig.ready`, as the handlers of the outbox are: this module knows no app.
"""

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from shop.core.spreadsheets import BYTE_ORDER_MARK, csv_lines, one_moment

Value = str | int | bool | None
Row = dict[str, Value]
# Kind of thing, such as `orders` → all of them that are the person's.
Told = Mapping[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Person:
    """By what somebody is known: an account, an address that they have proved to be theirs."""

    user_id: int | None
    email: str


Exporter = Callable[[Person], Told]
_exporters: dict[str, Exporter] = {}


def register(app: str, *, export: Exporter) -> None:
    """Name what hands out the app's part of what is kept; called from `AppConfig.ready`."""
    if _exporters.setdefault(app, export) is not export:
        raise ValueError(f"two exporters of {app}")


def rows(found: QuerySet[Any], **columns: str) -> list[Row]:
    """Each row under the given names; `columns` maps them to where a value is found."""
    paths = list(columns.values())
    return [
        {name: plain(value) for name, value in zip(columns, values, strict=True)}
        for values in found.values_list(*paths)
    ]


def plain(value: object) -> Value:
    """As it is read by people and by programs alike; moments in ISO 8601, UTC."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else json.dumps(value, ensure_ascii=False)


def collect(person: Person) -> dict[str, list[Row]]:
    """All that the shop keeps of the person, as it is at one moment, without empty kinds."""
    told: dict[str, list[Row]] = {}
    with one_moment():
        for export in _exporters.values():
            told |= {kind: found for kind, found in export(person).items() if found}
    return told


def packed(told: Told) -> bytes:
    """A ZIP of `data.json` and one table for each kind."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=1))
        for kind, found in told.items():
            files.writestr(f"{kind}.csv", BYTE_ORDER_MARK + csv_lines(_table(found)))
    return archive.getvalue()


def _table(found: list[Row]) -> Iterable[list[str | int]]:
    names = list(found[0])
    yield [*names]
    for row in found:
        yield ["" if row[name] is None else _cell(row[name]) for name in names]


def _cell(value: Value) -> str | int:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else str(value)
