"""Writing the books: double entry, append-only, each fact once under its key."""

from datetime import datetime

from django.db import transaction

from orders.models import Order
from payments.models import LedgerEntry, LedgerTransaction, PostingKind
from shop.core.money import Money
from shop.core.rows import Part, inserted

Entries = list[tuple[str, Money]]


class Unbalanced(ValueError):
    """A posting whose debits and credits differ: a programming error."""


def post(
    *,
    kind: PostingKind,
    key: str,
    occurred_at: datetime,
    entries: Entries,
    order: Order | None = None,
) -> LedgerTransaction:
    """Book entries (account code, signed amount) under a key; the same key again books nothing.

    Zero amounts are left out. Raises Unbalanced.
    """
    _check(key, entries)
    # No savepoint: what fails here fails all of the caller's transaction.
    with transaction.atomic(savepoint=False):
        posting, is_new = LedgerTransaction.objects.get_or_create(
            external_key=key, defaults={"kind": kind, "order": order, "occurred_at": occurred_at}
        )
        if is_new:
            LedgerEntry.objects.bulk_create(_rows(posting, entries))
    return posting


def posted(posting: LedgerTransaction, entries: Entries) -> list[Part]:
    """A fact that was never posted before: its key being there already fails the transaction."""
    _check(posting.external_key, entries)
    rows = _rows(posting, entries)
    return [inserted([posting]), *([inserted(rows)] if rows else [])]


def _check(key: str, entries: Entries) -> None:
    sums: dict[str, int] = {}
    for _account, amount in entries:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    if any(sums.values()):
        raise Unbalanced(f"{key}: {sums}")


def _rows(posting: LedgerTransaction, entries: Entries) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            transaction=posting,
            account_id=account,
            amount_minor=amount.minor,
            currency=amount.currency,
        )
        for account, amount in entries
        if amount.minor
    ]
