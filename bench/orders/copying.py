"""Many orders out of some: every row that belongs to them is written again, set by set.

Whatever the shop's own code wrote for a few hundred orders (lines, contacts, events, payments,
ledger, invoices, parcels) is repeated with keys of its own, other people and other days, so that
`books_check` finds nothing wrong in it. Constraints are off meanwhile and indexes made afterwards.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

Owner = psycopg.Connection[tuple[object, ...]]
# All within one year, so that invoices stay in one series.
DAYS = 300
AT_ONCE = 250

# `n` is the number of the copy, `old` the row that is copied.
_UUID = "md5({column}::text || '/' || n)::uuid"
_HEX = "md5({column} || '/' || n)"
_NUMBER = "upper(substr(md5(left({column}, 9) || '/' || n), 1, 12))"
_DIGITS = (
    "'+62' || substr((800000000000 + hashtextextended({column}, n) % 99999999999)::text, 1, 12)"
)
_SOME = "md5({column} || '/' || n) || '@example.com'"
_REFERENCE = f"{_NUMBER} || substr({{column}}, 10)"


@dataclass(frozen=True, slots=True)
class Table:
    """`keys`: columns that are keys of other tables here; `others`: what must be another text."""

    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"


# Beside the tables' names: the last number of an invoice.
INVOICES = "number of invoices"
ORDER = {"order_id": "orders_order"}
TABLES = (
    Table(
        "orders_order",
        others={"number": _NUMBER, "token": _HEX, "holder": _UUID, "cart_token": _UUID},
    ),
    Table(
        "orders_ordercontact",
        keys=ORDER,
        others={
            "email": _SOME,
            "phone": _DIGITS,
            "recipient_phone": _DIGITS,
            "street": "{column} || ' ' || n",
        },
    ),
    Table("orders_fulfilmentgroup", keys=ORDER),
    Table("orders_orderline", keys=ORDER | {"group_id": "orders_fulfilmentgroup"}),
    Table(
        "orders_adjustment",
        keys=ORDER | {"group_id": "orders_fulfilmentgroup", "line_id": "orders_orderline"},
    ),
    Table("orders_orderevent", keys=ORDER),
    Table("orders_buyerkey", keys=ORDER, others={"key": _HEX}),
    Table(
        "orders_shipment",
        keys={"group_id": "orders_fulfilmentgroup"},
        others={"tracking_number": "{column} || '-' || n"},
    ),
    Table(
        "orders_shipmentline",
        keys={"shipment_id": "orders_shipment", "order_line_id": "orders_orderline"},
    ),
    Table("orders_reviewrequest", keys=ORDER),
    Table(
        "orders_invoice",
        keys=ORDER,
        others={
            "number": "{column} + n * {invoices}",
            "reference": "'INV/' || old.year || '/'"
            " || lpad((old.number + n * {invoices})::text, 6, '0')",
        },
    ),
    Table("catalog_reservation", others={"holder": _UUID}),
    Table("catalog_stockmovement", others={"reference": _UUID}, where="old.reference IS NOT NULL"),
    Table(
        "payments_paymentattempt",
        keys=ORDER,
        others={"public_id": _UUID, "reference": _REFERENCE, "gateway_ref": _HEX},
    ),
    Table(
        "payments_webhookevent",
        others={"webhook_id": _HEX, "reference": _REFERENCE, "gateway_ref": _HEX},
    ),
    Table(
        "payments_paymentreceipt",
        keys=ORDER | {"attempt_id": "payments_paymentattempt"},
        others={"payment_id": _HEX, "capture_id": _HEX},
    ),
    Table(
        "payments_ledgertransaction",
        keys=ORDER,
        others={
            "public_id": _UUID,
            "external_key": "CASE old.kind WHEN 'sale' THEN 'sale:' || (old.order_id + n * {order})"
            " ELSE (SELECT format('receipt:%s:%s:%s', gateway, md5(payment_id || '/' || n),"
            " md5(capture_id || '/' || n)) FROM payments_paymentreceipt AS of"
            " WHERE of.order_id = old.order_id AND of.id <= {receipt} LIMIT 1) END",
        },
    ),
    Table("payments_ledgerentry", keys={"transaction_id": "payments_ledgertransaction"}),
)


def copy_orders(owner: Owner, copies: int) -> None:
    """Have each order so many times, itself counted. `owner` may switch constraints off."""
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET maintenance_work_mem = '512MB'")
    stride = {table.name: _last_key(owner, table.name) for table in TABLES}
    stride[INVOICES] = _count(owner, "SELECT max(number) FROM orders_invoice")
    for table in TABLES:
        began = time.monotonic()
        indexes = _without_indexes(owner, table.name)
        for first in range(1, copies, AT_ONCE):
            _copy(owner, table, stride, first, min(first + AT_ONCE, copies), copies)
        for index in indexes:
            _run(owner, index)
        owner.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
            [table.name, _last_key(owner, table.name)],
        )
        sys.stderr.write(f"  {table.name:<28} {time.monotonic() - began:6.1f} s\n")
    _fill_shelves(owner)
    owner.execute("SET session_replication_role = origin")
    owner.execute("VACUUM ANALYZE")


def _copy(
    owner: Owner, table: Table, stride: Mapping[str, int], first: int, beyond: int, copies: int
) -> None:
    values = {
        name: _value(table, name, kind, stride, copies) for name, kind in _columns(owner, table)
    }
    statement = (
        f"INSERT INTO {table.name} ({', '.join(values)})"  # noqa: S608 - names of our own tables
        f" SELECT {', '.join(values.values())} FROM generate_series({first}, {beyond - 1}) AS n"
        f" CROSS JOIN LATERAL (SELECT * FROM {table.name} AS old"
        f" WHERE old.id <= {stride[table.name]} AND {table.where} ORDER BY id) AS old"
    )
    _run(owner, statement)


def _value(table: Table, name: str, kind: str, stride: Mapping[str, int], copies: int) -> str:
    column = f"old.{name}"
    if name == "id":
        return f"old.id + n * {stride[table.name]}"
    if name in table.keys:
        return f"{column} + n * {stride[table.keys[name]]}"
    if name in table.others:
        return table.others[name].format(
            column=column,
            order=stride["orders_order"],
            receipt=stride["payments_paymentreceipt"],
            invoices=stride[INVOICES],
        )
    if kind == "timestamp with time zone":
        # Older with each copy; what ended long ago ended in its order.
        return f"{column} - n * interval '{DAYS * 86400 / copies:.3f} seconds'"
    return column


def _columns(owner: Owner, table: Table) -> list[tuple[str, str]]:
    rows = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        [table.name],
    )
    return [(str(name), str(kind)) for name, kind in rows]


def _last_key(owner: Owner, table: str) -> int:
    return _count(owner, f"SELECT coalesce(max(id), 1) FROM {table}")  # noqa: S608 - our own names


def _count(owner: Owner, query: str) -> int:
    row = _run(owner, query).fetchone()
    return int(str(row[0])) if row else 0


def _run(owner: Owner, statement: str) -> "psycopg.Cursor[tuple[object, ...]]":
    """A statement made of names of our own."""
    return owner.execute(sql.SQL(statement))


def _without_indexes(owner: Owner, table: str) -> list[str]:
    """Drop what is no constraint; returns how to make it again."""
    rows = owner.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT EXISTS"
        " (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    ).fetchall()
    for name, _definition in rows:
        owner.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(str(name))))
    return [str(definition) for _name, definition in rows]


def _fill_shelves(owner: Owner) -> None:
    """What was sold had come before: on hand stays what it is."""
    owner.execute(
        "INSERT INTO catalog_stockmovement (stock_item_id, kind, quantity, reason)"
        " SELECT item.id, 'received', item.on_hand - sum(moved.quantity), 'bench'"
        " FROM catalog_stockitem AS item JOIN catalog_stockmovement AS moved"
        " ON moved.stock_item_id = item.id"
        " GROUP BY item.id HAVING item.on_hand <> sum(moved.quantity)"
    )
