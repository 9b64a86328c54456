# ruff: noqa: S608 - the SQL is put together from the constants here; all values are parameters
"""Listings of a selection in an order: by walking the order's index, or from the tokens' index.

Many matches are met soon on a walk along the order; few are found by their tokens. A walk is cut
off after so many rows that a wrong guess costs little.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.listing.selection import AnyOf
from catalog.listing.tokens import ANY

# Fewer matches than this are cheaper to sort than to wait for on a walk.
FEW = 5_000


@dataclass(frozen=True, slots=True)
class Order:
    """`column` leads; of equal ones the newer product comes first."""

    column: str
    is_descending: bool

    def by(self, column: str) -> str:
        return f"{column} {'DESC' if self.is_descending else 'ASC'}, product_id DESC"

    def after(self, column: str, position: "Position | None") -> tuple[str, list[Any]]:
        """The condition that a row follows the position, as SQL that the index understands."""
        if position is None:
            return "true", []
        value, product_pk = position
        sign = "<" if self.is_descending else ">"
        sql = f"{column} {sign}= %s AND ({column} {sign} %s OR product_id < %s)"
        return sql, [value, value, product_pk]


ORDERS = {
    "newest": Order("created_at", is_descending=True),
    "price_asc": Order("price_minor", is_descending=False),
    "price_desc": Order("price_minor", is_descending=True),
    "best_selling": Order("sold_count", is_descending=True),
    "discount": Order("discount", is_descending=True),
}
Position = tuple[datetime | int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """`value` is what it is sorted by; with the product's pk it says where to go on."""

    product_pk: int
    created_at: datetime
    card: dict[str, Any]
    value: datetime | int


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the rows: from an offset, or after the last row that somebody has."""

    limit: int
    offset: int = 0
    after: Position | None = None


def read(
    groups: Sequence[AnyOf], *, sort: str, part: Slice, matches: int, listings: int
) -> list[Row]:
    """The part of what meets all groups. `matches` and `listings` are estimates of both numbers.

    One query; two where a walk has met too few.
    """
    order = ORDERS[sort]
    if matches > FEW:
        # Twice the rows that an even spread would need.
        window = 2 * (part.offset + part.limit) * listings // matches + 500
        rows = _walk(groups, order, part, window)
        if len(rows) == part.limit:
            return rows
    return _pick(groups, order, part)


def _walk(groups: Sequence[AnyOf], order: Order, part: Slice, window: int) -> list[Row]:
    after, from_there = order.after(order.column, part.after)
    where, values = conditions(groups)
    return _rows(
        f"SELECT product_id, created_at, card, {order.column} FROM"
        f" (SELECT * FROM catalog_listing WHERE {after} ORDER BY {order.by(order.column)} LIMIT %s)"
        f" AS walk WHERE {where} ORDER BY {order.by(order.column)} LIMIT %s OFFSET %s",
        [*from_there, window, *values, part.limit, part.offset],
    )


def _pick(groups: Sequence[AnyOf], order: Order, part: Slice) -> list[Row]:
    after, from_there = order.after("value", part.after)
    where, values = conditions(groups)
    return _rows(
        f"WITH met AS MATERIALIZED (SELECT product_id, {order.column} AS value"
        f" FROM catalog_listing WHERE {where}),"
        f" best AS (SELECT * FROM met WHERE {after} ORDER BY {order.by('value')}"
        " LIMIT %s OFFSET %s)"
        " SELECT product_id, created_at, card, value"
        f" FROM best JOIN catalog_listing USING (product_id) ORDER BY {order.by('value')}",
        [*values, *from_there, part.limit, part.offset],
    )


def conditions(groups: Sequence[AnyOf]) -> tuple[str, list[Any]]:
    single = [group[0] for group in groups if len(group) == 1 and group[0] != ANY]
    several = [list(group) for group in groups if len(group) > 1]
    parts = (["tokens @> %s::text[]"] if single else []) + ["tokens && %s::text[]"] * len(several)
    return " AND ".join(parts) or "true", [*([single] if single else []), *several]


def _rows(sql: str, values: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            Row(product_pk, created_at, json.loads(card), value)
            for product_pk, created_at, card, value in cursor.fetchall()
        ]
