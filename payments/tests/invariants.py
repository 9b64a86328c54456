"""I1 to I8 of the payments specification, asked of the whole database.

What the shop's own books compare every night is asked in their words; the rest stands here. Each
`Invariant` is one statement, and all of them are asked as one: after every test of payments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from payments.books import CHECKS
from payments.books.checking import Check
from payments.ledger.accounts import clearing
from payments.models import LedgerEntry, PaymentException, WebhookEvent
from shop.core.prepared import read_prepared

Json = dict[str, Any]
EVERYTHING = {"first": 0, "beyond": 2**62}


@dataclass(frozen=True, slots=True)
class Invariant:
    """Selects the name and the trouble of whatever breaks it."""

    name: str
    query: str


# I6: paid when, and only when, enough has come; told once. Of orders that somebody has paid for:
# a builder may confirm one without.
CONFIRMED_ONCE = Invariant(
    "I6 confirmed once",
    """
    SELECT 'order ' || number, format('%%s confirmations, %%s mails', told, mails) FROM (
        SELECT number,
            (SELECT count(*) FROM orders_orderevent AS event
                WHERE event.order_id = placed.id
                    AND kind IN ('confirmed', 'confirmed_late', 'confirmed_to_collect')) AS told,
            (SELECT count(*) FROM core_outboxmessage AS message
                WHERE message.topic = 'order-confirmed'
                    AND (message.payload->>'order_id')::bigint = placed.id) AS mails
        FROM orders_order AS placed
    ) AS counted WHERE told > 1 OR mails <> told
    """,
)
PAID_FOR = Invariant(
    "I6 confirmed is paid",
    """
    SELECT 'order ' || number, format('%%s of %%s came', received, total_minor) FROM (
        SELECT number, status, confirmed_at, total_minor, collect_minor, is_at_the_door,
            sum(came) AS received, sum(came - gone) AS net, bool_or(is_owned) AS is_owned
        FROM (
            SELECT placed.*, receipt.amount_minor - receipt.suffix_minor AS came,
                receipt.refunded_minor + receipt.refund_pending_minor + receipt.kept_minor AS gone,
                EXISTS (
                    SELECT FROM payments_paymentexception AS trouble
                    WHERE trouble.order_id = placed.id AND resolved_at IS NULL) AS is_owned,
                EXISTS (
                    SELECT FROM payments_paymentattempt AS attempt
                    WHERE attempt.order_id = placed.id AND gateway = 'cod') AS is_at_the_door
            FROM orders_order AS placed JOIN payments_paymentreceipt AS receipt
                ON receipt.order_id = placed.id AND receipt.currency = placed.currency
        ) AS each
        GROUP BY number, status, confirmed_at, total_minor, collect_minor, is_at_the_door
    ) AS paid
    WHERE (confirmed_at IS NOT NULL AND received < total_minor AND NOT is_at_the_door)
        OR (confirmed_at IS NULL AND net >= total_minor AND NOT is_owned)
    """,
)
# I8: kept as it came; looked at again, or somebody's.
KEPT = Invariant(
    "I8 webhooks are kept",
    """
    SELECT 'webhook ' || id, 'is not what came' FROM payments_webhookevent
    WHERE length(body) > 0 AND encode(sha256(body), 'hex') <> body_sha256
    """,
)
LOOKED_AT = Invariant(
    "I8 webhooks are looked at",
    """
    SELECT 'webhook ' || event.id, event.state FROM payments_webhookevent AS event
    WHERE (state IN ('received', 'retry') AND next_try_at IS NULL)
        OR (state IN ('dead', 'unmatched')
            AND NOT EXISTS (
                SELECT FROM payments_paymentexception WHERE key = 'webhook:' || event.id)
            AND NOT EXISTS (
                SELECT FROM payments_paymentexception AS trouble
                    JOIN payments_paymentreceipt AS receipt ON receipt.id = receipt_id
                WHERE trouble.kind = 'unmatched' AND receipt.gateway = event.gateway))
    """,
)
OWN = (CONFIRMED_ONCE, PAID_FOR, KEPT, LOOKED_AT)


def check_invariants() -> None:
    """Assert what must hold after every test, whatever happened in it."""
    assert broken() == []


def broken() -> list[str]:
    """Whatever does not hold, in words. One statement."""
    return [": ".join(row) for row in read_prepared(_question(), EVERYTHING)]


@cache
def _question() -> str:
    asked = [Invariant(check.name, check.query) for check in _comparisons()] + list(OWN)
    parts = (
        f"SELECT '{one.name}', said.* FROM ({one.query}) AS said"  # noqa: S608 - our own text
        for one in asked
    )
    return " UNION ALL ".join(parts)


def _comparisons() -> Sequence[Check]:
    return [check for check in CHECKS if check.query]


def check_gateway(gateway: str, listed: Sequence[Json]) -> None:
    """I2: what lies at the gateway by its own list is what the ledger says.

    Ask once all has been told and its list was read. What somebody is told of as differing, or as
    not being there, is theirs to explain.
    """
    told = PaymentException.objects.filter(kind__in=["unmatched", "amount_differs"])
    differing = set(told.values_list("transaction__transaction_id", flat=True))
    there = sum(_lies(row) for row in listed if row["id"] not in differing)
    phantoms = PaymentException.objects.filter(kind="phantom", receipt__gateway=gateway)
    there += sum(phantoms.values_list("receipt__amount_minor", flat=True))
    entries = LedgerEntry.objects.filter(account_id=clearing(gateway), currency="IDR")
    assert sum(entries.values_list("amount_minor", flat=True)) == there


def _lies(row: Json) -> int:
    """What a movement has left of ours at the gateway; it keeps its fee from what is settled."""
    if row["status"] != "SUCCESS" or row["currency"] != "IDR":
        return 0
    if row["cashflow"] == "MONEY_OUT":
        return -int(row["amount"])
    is_settled = row["settlement_status"] in ("SETTLED", "EARLY_SETTLED")
    return int(row["net_amount"] if is_settled else row["amount"])


def check_delivered(deliveries: Sequence[Json]) -> None:
    """I8: whatever was answered with a 2xx is found in the inbox."""
    taken = {one["webhook_id"] for one in deliveries if one["state"] == "DELIVERED"}
    stored = list(WebhookEvent.objects.values_list("webhook_id", flat=True))
    # Of what cannot be read not even the id is known.
    assert len(taken - set(stored)) <= stored.count("")
