"""Goods are to be made good: what is owed for them becomes refunds."""

from django.db.models import F

from orders.models import Order, RefundDue
from payments.gateways.base import RefundReason
from payments.ledger.absent import post_never_came, where_it_lies
from payments.ledger.refunds import post_owed_again
from payments.models import PaymentReceipt
from payments.refunds.absent import there_after_all
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
        # More has left than this: perhaps the customer has this already.
        is_doubtful=unexplained(due.order).exists(),
    )


def owe_again(order: Order) -> int:
    """What debts were counted against is there after all: it is owed, once a second person agrees.

    In the caller's transaction, which holds the order's lock. Returns how much that is, in minor
    units of the order's currency.
    """
    left = owed_again = there_after_all(order)
    if not left:
        return 0
    account = where_it_lies(order)
    for due in RefundDue.objects.filter(order=order, absent_minor__gt=0).order_by("pk"):
        part = min(left, due.absent_minor)
        if part <= 0:
            break
        post_owed_again(due, Money(part, due.currency), account=account)
        due.absent_minor -= part
        due.amount_minor += part
        due.paid_at, left = None, left - part
        due.save(update_fields=["absent_minor", "amount_minor", "paid_at"])
        draft_refunds(
            order,
            Money(part, due.currency),
            due=due,
            reason=RefundReason.OTHER,
            user_id=None,
            is_doubtful=True,
        )
    return owed_again


def write_off(order: Order, receipt: PaymentReceipt) -> None:
    """A phantom never came, as somebody says whose order was called off without it: nobody can
    have it back, and it does not lie at its gateway. The caller holds the order's lock."""
    amount = Money(min(there_after_all(order), receipt.refundable_minor), receipt.currency)
    if amount.minor > 0:
        post_never_came(receipt, amount)
        PaymentReceipt.objects.filter(pk=receipt.pk).update(
            taken_back_minor=F("taken_back_minor") + amount.minor
        )
