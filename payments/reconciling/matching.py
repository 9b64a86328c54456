"""A movement at the gateway, our receipt or refund of it, and the ledger must say the same.

What is in the list and not here is asked about first, and booked where the gateway itself shows it:
nothing that is only listed becomes a receipt.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least
from django.utils import timezone

from orders.models import Order
from payments.gateways.statements import TransactionKind, TransactionState
from payments.ledger.settling import post_settled, settled_sums
from payments.models import (
    GatewayTransaction,
    PaymentException,
    PaymentReceipt,
    RefundState,
)
from payments.reconciling.asking import MOST_TRIES, Shown, ask
from payments.reconciling.finding import receipts_of, refund_of
from payments.reconciling.returning import reversed_payment, settle_disputes, taken_back
from payments.reconciling.trouble import open_once, phantom_key, unmatched_key
from payments.refunds.owing import owe_again
from payments.trouble import settle_keys
from shop.core.due import Due

log = logging.getLogger(__name__)
Kind = PaymentException.Kind
LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)
DUE = Due(GatewayTransaction.objects.all, "next_match_at")
# What the shop cannot know by itself.
_BY_ITSELF = (TransactionKind.ADJUSTMENT, TransactionKind.OTHER)


def claim_due_matches(*, limit: int = 20) -> list[int]:
    """Movements to be matched, each taken by one caller for the length of the lease."""
    due = DUE.claim(lease=LEASE, limit=limit)
    GatewayTransaction.objects.filter(pk__in=due).update(tries=F("tries") + 1)
    return due


def match_transaction(*, transaction_id: int) -> GatewayTransaction:
    """Bring one movement together with what we know of it. Safe to repeat, by any number at once.

    While the gateway gives no usable answer it is tried again; nothing is concluded meanwhile.
    """
    row = GatewayTransaction.objects.get(pk=transaction_id)
    shown = ask(row)
    is_patient = shown is Shown.NOT_YET and row.tries < MOST_TRIES
    if shown is Shown.NO_ANSWER or is_patient:
        return _later(row)
    return record(transaction_id=transaction_id, seen=row.updated_at)


@transaction.atomic
def record(*, transaction_id: int, seen: datetime) -> GatewayTransaction:
    """Link it, book what follows, open an exception for what differs.

    `seen` is the state that the gateway was asked about: what has moved on since is matched anew.
    """
    # Held: what a page brings meanwhile must not be lost by what is saved here.
    rows = GatewayTransaction.objects.select_for_update(of=("self",), no_key=True)
    row = rows.get(pk=transaction_id)
    if row.updated_at != seen:
        return row
    receipts = receipts_of(row)
    row.receipt = receipts[0] if receipts else None
    row.refund = refund_of(row)
    received = sum(one.amount_minor for one in receipts if one.currency == row.currency)
    if row.kind == TransactionKind.CHARGEBACK and receipts:
        # A payment that is listed as reversed too has booked its loss already, perhaps. Movements
        # come before orders: whoever matches that one holds it, and waits for its order.
        reversed_payment(row).update(next_match_at=timezone.now())
    order = _locked_order(row.receipt)
    taken = taken_back(row, receipts)
    sums = settled_sums(row, received_minor=received, charged_back_minor=taken.charged_minor)
    post_settled(row, sums, order=order)
    _mark_taken_back(receipts, taken.gone_minor)
    match row.kind:
        case TransactionKind.PAYMENT:
            _compare_payment(row, receipts, received, taken.charged_minor)
        case TransactionKind.REFUND:
            _compare_refund(row)
        case _ if row.is_done:
            _tell(row)
    settle_disputes(row, taken)
    if order is not None:
        owe_again(order)
    row.next_match_at, row.tries = None, 0
    row.save(update_fields=["receipt", "refund", "postings", "next_match_at", "tries"])
    return row


def _locked_order(receipt: PaymentReceipt | None) -> Order | None:
    """Orders come before receipts."""
    if receipt is None or receipt.order_id is None:
        return None
    return Order.objects.locked().get(pk=receipt.order_id)


def _mark_taken_back(receipts: Sequence[PaymentReceipt], gone_minor: int) -> None:
    """What is gone is not given back by anybody, as far as it had not gone back before."""
    left = max(gone_minor, 0)
    for receipt in receipts:
        taken = min(left, receipt.amount_minor)
        left -= taken
        if taken or receipt.taken_back_minor:
            given_back = F("suffix_minor") + F("refunded_minor") + F("refund_pending_minor")
            given_back += F("kept_minor")
            PaymentReceipt.objects.filter(pk=receipt.pk).update(
                taken_back_minor=Least(Value(taken), F("amount_minor") - given_back)
            )


def _compare_payment(
    row: GatewayTransaction,
    receipts: Sequence[PaymentReceipt],
    received: int,
    charged_back: int,
) -> None:
    order = row.receipt.order if row.receipt else None
    name = f"{row.amount.format()}, {row.product_id or row.transaction_id}"
    if not receipts:
        if row.is_done:
            note = f"{name}, {row.reference}: in the list of {row.gateway}, which shows no payment"
            open_once(Kind.UNMATCHED, row, note)
        return
    found = [phantom_key(one) for one in receipts]
    settle_keys([*found, unmatched_key(row)], "found in the gateway's list")
    if row.is_taken_back:
        note = f"{name}: {row.get_state_display()} by {row.gateway}"
        open_once(Kind.CHARGEBACK, row, note, order=order)
        if charged_back:
            note = f"{note}, and charged back by a movement of its own: one loss is booked"
            open_once(Kind.AMOUNT_DIFFERS, row, note, order=order)
    elif received != row.amount_minor or row.state == TransactionState.FAILED:
        note = f"{name} at {row.gateway}, {row.state}; booked here: {received} {row.currency}"
        open_once(Kind.AMOUNT_DIFFERS, row, note, order=order)


def _compare_refund(row: GatewayTransaction) -> None:
    refund = row.refund
    is_ours_done = refund is not None and refund.state == RefundState.SUCCEEDED
    name = f"{row.amount.format()}, {row.product_id or row.transaction_id}"
    if refund is None:
        if row.is_done:
            note = f"refund of {name}: in the list of {row.gateway}, of no payment that we know"
            open_once(Kind.UNMATCHED, row, note)
        return
    settle_keys([unmatched_key(row)], "found in the gateway's list")
    is_other = row.is_done and (not is_ours_done or row.amount != refund.amount)
    if is_other or (row.is_over and is_ours_done):
        ours = f"{refund.reference}, {refund.amount.format()}, {refund.state}"
        note = f"refund of {name} at {row.gateway}, {row.state}; here: {ours}"
        open_once(Kind.AMOUNT_DIFFERS, row, note, order=refund.order)


def _tell(row: GatewayTransaction) -> None:
    if row.kind == TransactionKind.CHARGEBACK and not row.is_incoming:
        order = row.receipt.order if row.receipt else None
        note = f"{row.amount.format()} of {row.product_id}: taken back by the payer's bank"
        open_once(Kind.CHARGEBACK, row, note, order=order)
    elif row.kind in _BY_ITSELF:
        direction = "in" if row.is_incoming else "out"
        note = f"{row.amount.format()} {direction}: {row.kind_given} {row.reference}".rstrip()
        open_once(Kind.UNEXPLAINED, row, f"{note}. Booked to suspense; say what it was.")


def _later(row: GatewayTransaction) -> GatewayTransaction:
    wait = min(timedelta(seconds=5 * 2 ** min(row.tries, 12)), LONGEST_WAIT)
    GatewayTransaction.objects.filter(pk=row.pk, updated_at=row.updated_at).update(
        next_match_at=timezone.now() + wait
    )
    row.refresh_from_db()
    return row
