"""What a gateway lists is kept as it says: a row for each movement, found again by its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from payments.gateways.statements import RemoteTransaction, Settlement
from payments.models import GatewayTransaction

# A page has fewer, a report may have thousands: one statement for all of them takes too long.
AT_ONCE = 500
# What may change of a movement; its id, kind and amount in are looked at as well.
COPIED = (
    "kind",
    "kind_given",
    "state",
    "product_id",
    "gateway_ref",
    "reference",
    "channel",
    "is_incoming",
    "fee_minor",
    "fee_tax_minor",
    "settlement",
    "settles_at",
    "created_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """How many rows were new, and how many say something else than before."""

    fresh: int
    changed: int


@transaction.atomic
def mirror(*, gateway: str, rows: Sequence[RemoteTransaction]) -> Mirrored:
    """Keep what is listed; each row that is new or changed is to be matched. Safe to repeat.

    An older view of a movement never replaces a newer one.
    """
    now = timezone.now()
    listed = {row.transaction_id: row for row in rows}
    kept = GatewayTransaction.objects.filter(gateway=gateway, transaction_id__in=listed)
    # In the order of keys: two loops that read the same page queue up.
    known = {
        row.transaction_id: row
        for row in kept.select_for_update(of=("self",), no_key=True).order_by("pk")
    }
    fresh = [
        _copied(GatewayTransaction(gateway=gateway, transaction_id=key), row, now=now)
        for key, row in sorted(listed.items())
        if key not in known
    ]
    GatewayTransaction.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=AT_ONCE)
    changed = [
        _copied(row, listed[key], now=now)
        for key, row in known.items()
        if is_news(row, listed[key])
    ]
    # Ten times as fast as `bulk_update`, which a report of some hundred rows would wait for.
    GatewayTransaction.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[
            *COPIED,
            *("amount_minor", "currency", "settled_at", "next_match_at", "tries"),
        ],
        batch_size=AT_ONCE,
    )
    return Mirrored(len(fresh), len(changed))


def is_news(row: GatewayTransaction, listed: RemoteTransaction) -> bool:
    """Whether `mirror` copies it."""
    if listed.updated_at < row.updated_at:
        return False
    differs = any(getattr(row, name) != getattr(listed, name) for name in COPIED)
    return differs or row.amount != listed.amount


def _copied(
    row: GatewayTransaction, listed: RemoteTransaction, *, now: datetime
) -> GatewayTransaction:
    for name in COPIED:
        setattr(row, name, getattr(listed, name))
    row.amount_minor, row.currency = listed.amount.minor, listed.amount.currency
    if listed.settlement == Settlement.SETTLED and row.settled_at is None:
        row.settled_at = listed.updated_at
    row.next_match_at, row.tries = now, 0
    return row
