"""Goods are to be made good: what is owed for them becomes refunds."""

from orders.models import RefundDue
from payments.gateways.base import RefundReason
from payments.models import PaymentReceipt
from payments.refunds.foreign import count_foreign, unexplained
from payments.refunds.planning import draft_refunds
from shop.core.money import Money


def plan_due(due: RefundDue) -> None:
    """Refunds for what has not left already on the gateway's own pages.

    In the caller's transaction, which holds the order's lock.
    """
    if not due.amount_minor:
        return
    left = due.amount_minor - count_foreign(due)
    if not left:
        return
    is_whole = due.goods_return_id is None and due.shipment_id is None
    draft_refunds(
        due.order,
        Money(left, due.currency),
        due=due,
        reason=RefundReason.CANCELLED if is_whole else RefundReason.RETURNED,
        user_id=due.created_by_id,
        # More has left than this, or was taken back: perhaps the customer has this already.
        is_doubtful=unexplained(due.order).exists() or _is_taken_back(due),
    )


def _is_taken_back(due: RefundDue) -> bool:
    receipts = PaymentReceipt.objects.filter(order=due.order, taken_back_minor__gt=0)
    return receipts.exists()
