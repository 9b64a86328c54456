"""Xendit's list of transactions, read leniently (reference: `GET /transactions`).

A row that does not say which one it is, or how much moved, is left out and named; every other one
is kept, whatever else it says.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.gateways.answers import LARGEST_MINOR, Unreadable, identifier, text
from payments.gateways.statements import (
    RemotePaid,
    RemoteTransaction,
    Settlement,
    TransactionKind,
    TransactionPage,
    TransactionState,
)
from payments.gateways.xendit_wire import captures
from shop.core.money import Money

# The largest page that the simulator gives; the documentation names no limit but the default, 10.
PAGE = 50
KINDS = {
    "PAYMENT": TransactionKind.PAYMENT,
    "REFUND": TransactionKind.REFUND,
    "CHARGEBACK": TransactionKind.CHARGEBACK,
    "WITHDRAWAL": TransactionKind.WITHDRAWAL,
    "ADJUSTMENT_ADD": TransactionKind.ADJUSTMENT,
    "ADJUSTMENT_DEDUCT": TransactionKind.ADJUSTMENT,
}
STATES = {
    "PENDING": TransactionState.PENDING,
    "SUCCESS": TransactionState.SUCCEEDED,
    "FAILED": TransactionState.FAILED,
    "VOIDED": TransactionState.VOIDED,
    "REVERSED": TransactionState.REVERSED,
}
SETTLEMENTS = {
    "PENDING": Settlement.PENDING,
    "SETTLED": Settlement.SETTLED,
    "EARLY_SETTLED": Settlement.SETTLED,
}
# Nothing is kept, or no longer.
NO_FEE = frozenset({"NOT_APPLICABLE", "CANCELED", "REVERSED"})
MONEY_IN = frozenset({"PAYMENT", "ADJUSTMENT_ADD"})
DIRECTIONS = {"MONEY_IN": True, "MONEY_OUT": False}
# Rows have been seen with prefixes of their own ("txn_…").
_ID = re.compile(r"[\w.-]{1,80}", re.ASCII)


def query(*, since: datetime, until: datetime | None, after: str) -> dict[str, str]:
    asked = {"limit": str(PAGE), "updated[gte]": _stamp(since)}
    if until is not None:
        asked["updated[lte]"] = _stamp(until)
    return asked | ({"after_id": after} if after else {})


def page(document: Mapping[str, Any]) -> TransactionPage | None:
    """None where it is no list, or says that there is more and not from where on."""
    listed = document.get("data")
    if not isinstance(listed, list):
        return None
    rows, unreadable = list[RemoteTransaction](), list[str]()
    for each in listed:
        row = transaction(each) if isinstance(each, dict) else None
        if row is None:
            name = each.get("id") if isinstance(each, dict) else None
            unreadable.append(text(name, longest=80) or "without an id")
        else:
            rows.append(row)
    last = listed[-1] if listed and isinstance(listed[-1], dict) else {}
    after = _id(last.get("id")) if document.get("has_more") else ""
    if document.get("has_more") and not after:
        return None
    return TransactionPage(rows, after=after, unreadable=unreadable)


def transaction(document: Mapping[str, Any]) -> RemoteTransaction | None:
    """None where it does not say which one it is, when, or how much moved."""
    transaction_id, kind_given = _id(document.get("id")), text(document.get("type"), longest=40)
    created_at = _moment(document.get("created"))
    amount = _amount(document.get("amount"), document.get("currency"))
    if not transaction_id or created_at is None or amount is None:
        return None
    about = document.get("product_data")
    request = about.get("payment_request_id") if isinstance(about, dict) else None
    is_incoming = DIRECTIONS.get(str(document.get("cashflow")), kind_given in MONEY_IN)
    fee, tax = _fee(document, amount, is_incoming=is_incoming)
    return RemoteTransaction(
        transaction_id=transaction_id,
        kind=KINDS.get(kind_given, TransactionKind.OTHER),
        kind_given=kind_given,
        state=STATES.get(str(document.get("status")), TransactionState.OTHER),
        product_id=identifier(document.get("product_id")),
        gateway_ref=identifier(request),
        reference=text(document.get("reference_id"), longest=255),
        channel=text(document.get("channel_code"), longest=40),
        is_incoming=is_incoming,
        amount=amount,
        fee_minor=fee,
        fee_tax_minor=tax,
        settlement=SETTLEMENTS.get(str(document.get("settlement_status")), Settlement.NONE),
        settles_at=_moment(document.get("estimated_settlement_time")),
        created_at=created_at,
        updated_at=_moment(document.get("updated")) or created_at,
    )


def paid(document: Mapping[str, Any], *, payment_id: str) -> RemotePaid:
    """Raises Unreadable where the money in a payment document does not add up."""
    gateway_ref = identifier(document.get("payment_request_id"))
    if not gateway_ref:
        raise Unreadable("a payment of no request")
    return RemotePaid(
        payment_id=payment_id,
        gateway_ref=gateway_ref,
        reference=text(document.get("reference_id"), longest=255),
        captures=captures(document, payment_id=payment_id, of_request=gateway_ref),
    )


def _fee(document: Mapping[str, Any], amount: Money, *, is_incoming: bool) -> tuple[int, int]:
    """What is kept, and the tax in it. Of money in, the net amount decides: it is what we get."""
    given = document.get("fee")
    fees = given if isinstance(given, dict) else {}
    if fees.get("status") in NO_FEE:
        return 0, 0
    tax = _minor(fees.get("value_added_tax"), amount.currency)
    fee = _minor(fees.get("xendit_fee"), amount.currency)
    net = _amount(document.get("net_amount"), document.get("net_amount_currency"))
    if is_incoming and net is not None and net.currency == amount.currency:
        kept = amount.minor - net.minor
        if kept >= 0:
            tax = min(tax, kept)
            return kept - tax, tax
    if is_incoming and fee + tax > amount.minor:
        return 0, 0
    return fee, tax


def _amount(value: object, currency: object) -> Money | None:
    if not isinstance(value, int | float | str) or not isinstance(currency, str):
        return None
    try:
        amount = Money.from_gateway(value, currency)
    except ValueError:
        return None
    return amount if 0 <= amount.minor <= LARGEST_MINOR else None


def _minor(value: object, currency: str) -> int:
    amount = _amount(value, currency)
    return amount.minor if amount else 0


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
