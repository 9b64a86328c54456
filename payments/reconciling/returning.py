"""What was taken back of a payment, and what of that has come back: disputes that are won.

The gateway's list alone says so. It may give back by a movement of its own, by calling the first
one off, or by listing a reversed payment as paid again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from orders.models import OrderEvent
from payments.gateways.statements import TransactionKind, TransactionState
from payments.models import (
    TAKEN_BACK,
    Dispute,
    DisputeState,
    GatewayTransaction,
    PaymentException,
    PaymentReceipt,
)
from payments.reconciling.trouble import open_once, returned_key
from payments.trouble import settle_keys

Kind = PaymentException.Kind
OF_PAYMENTS = (TransactionKind.PAYMENT, TransactionKind.CHARGEBACK)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Of one payment, in minor units: by movements of their own, by reversing the payment itself,
    and what has come back."""

    charged_minor: int
    reversed_minor: int
    returned_minor: int

    @property
    def gone_minor(self) -> int:
        """Below 0 where more came back than was taken."""
        return max(self.charged_minor, self.reversed_minor) - self.returned_minor


def taken_back(row: GatewayTransaction, receipts: Sequence[PaymentReceipt]) -> TakenBack:
    """Of the payment that a row is of, as the list says now."""
    if row.kind not in OF_PAYMENTS or not row.product_id:
        return TakenBack(0, 0, 0)
    moved = _moved(row).aggregate(
        charged=Sum("amount_minor", filter=Q(is_incoming=False), default=0),
        returned=Sum("amount_minor", filter=Q(is_incoming=True), default=0),
    )
    is_reversed = reversed_payment(row).exists()
    reversed_minor = sum(one.amount_minor for one in receipts) if is_reversed else 0
    return TakenBack(moved["charged"], reversed_minor, moved["returned"])


def reversed_payment(row: GatewayTransaction) -> QuerySet[GatewayTransaction]:
    """The payment that a row is of, where the gateway lists it as taken back."""
    return GatewayTransaction.objects.filter(
        gateway=row.gateway,
        product_id=row.product_id,
        kind=TransactionKind.PAYMENT,
        state__in=TAKEN_BACK,
    )


def settle_disputes(row: GatewayTransaction, taken: TakenBack) -> None:
    """Whose money is here again has won, whatever staff have said of it; once.

    In the caller's transaction, which holds the movement and, where there is one, its order.
    """
    if row.kind not in OF_PAYMENTS or not row.product_id:
        return
    cases = PaymentException.objects.filter(
        kind=Kind.CHARGEBACK,
        transaction__gateway=row.gateway,
        transaction__product_id=row.product_id,
    )
    held = list(
        cases.select_for_update(of=("self",), no_key=True)
        .select_related("transaction")
        .order_by("pk")
    )
    known = {one.exception_id: one for one in Dispute.objects.filter(exception__in=held)}
    disputes = [known.get(each.pk) or Dispute(exception=each) for each in held]
    back = _back(disputes, taken)
    for dispute in disputes:
        if dispute.exception_id in back and dispute.returned_at is None:
            _won(dispute)
        elif dispute.exception_id not in back and dispute.returned_at is not None:
            _gone_again(dispute)
    _compare_returned(row, taken)


def _back(disputes: Sequence[Dispute], taken: TakenBack) -> set[int]:
    """What comes back for one of many goes to what is of that amount, said to be won, contested."""
    if taken.gone_minor <= 0:
        return {one.exception_id for one in disputes}
    left, back = taken.returned_minor, set()
    for dispute in sorted(disputes, key=lambda one: _rank(one, taken.returned_minor)):
        row = _movement(dispute)
        is_taken = row.is_taken_back if row.kind == TransactionKind.PAYMENT else row.is_done
        if is_taken and row.amount_minor > left:
            continue
        left -= row.amount_minor if is_taken else 0
        back.add(dispute.exception_id)
    return back


def _rank(dispute: Dispute, amount: int) -> tuple[bool, bool, int, int]:
    order = (DisputeState.WON, DisputeState.CONTESTED, DisputeState.OPEN)
    state = DisputeState(dispute.state)
    rank = order.index(state) if state in order else len(order)
    is_other = _movement(dispute).amount_minor != amount
    return (dispute.returned_at is None, is_other, rank, dispute.exception_id)


def _movement(dispute: Dispute) -> GatewayTransaction:
    # It was found by its movement.
    return cast(GatewayTransaction, dispute.exception.transaction)


def _won(dispute: Dispute) -> None:
    exception = dispute.exception
    if dispute.state != DisputeState.WON:
        dispute.move_to(DisputeState.WON)
    dispute.returned_at = timezone.now()
    dispute.save()
    if exception.resolved_at is None:
        exception.resolved_at, exception.resolution = dispute.returned_at, "won: the money is here"
        exception.save(update_fields=["resolved_at", "resolution"])
    _tell(exception, "dispute_returned")


def _gone_again(dispute: Dispute) -> None:
    """What had come back was taken once more, or its movement was called off."""
    exception = dispute.exception
    dispute.returned_at = None
    dispute.save()
    exception.resolved_at, exception.resolution = None, ""
    exception.save(update_fields=["resolved_at", "resolution"])
    _tell(exception, "dispute_gone_again")


def _tell(exception: PaymentException, kind: str) -> None:
    if exception.order_id is not None:
        OrderEvent.objects.create(
            order_id=exception.order_id,
            kind=kind,
            actor=OrderEvent.Actor.SYSTEM,
            data={"exception": exception.pk},
        )


def _compare_returned(row: GatewayTransaction, taken: TakenBack) -> None:
    """More than was taken is nobody's; the list may show what came back before what was taken."""
    if not taken.returned_minor:
        return
    returned = list(_moved(row).filter(is_incoming=True).order_by("pk"))
    if taken.gone_minor >= 0:
        settle_keys([returned_key(each) for each in returned], "found in the gateway's list")
        return
    last = returned[-1]
    order = row.receipt.order if row.receipt else None
    note = f"{last.amount.format()} of {row.product_id}: more came back than was taken"
    open_once(Kind.AMOUNT_DIFFERS, last, note, order=order, detail="returned")


def _moved(row: GatewayTransaction) -> QuerySet[GatewayTransaction]:
    return GatewayTransaction.objects.filter(
        gateway=row.gateway,
        product_id=row.product_id,
        kind=TransactionKind.CHARGEBACK,
        state=TransactionState.SUCCEEDED,
        currency=row.currency,
    )
