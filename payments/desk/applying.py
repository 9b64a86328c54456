"""Money that was set aside counts for an order after all."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.models import ENDED, PAID, Order
from payments.desk.steps import (
    Kind,
    NotForThis,
    lock_alone,
    lock_exception,
    record_step,
    resolve,
)
from payments.ledger.assigning import post_assigned
from payments.models import PaymentException, PaymentReceipt, Refund, RefundState
from payments.receipts import settle_again
from payments.refunds.deciding import RefundUnderWay
from payments.refunds.planning import cancel
from payments.status import outstanding
from payments.transfers.booking import NoSuchOrder
from shop.core.errors import DomainError

Trouble = PaymentException.Kind


class GoodsAreGone(DomainError):
    code = "goods_are_gone"
    message = _("Some of its goods are sold out. Put them back on sale first, or give it back.")


class NotPaidInFull(DomainError):
    code = "not_paid_in_full"
    message = _("Not all of this order's money is here any more: it cannot be confirmed.")


class OtherCurrency(DomainError):
    code = "other_currency"
    status = 422
    message = _("Order {number} is in {currency}: this money cannot pay it.")

    def __init__(self, order: Order) -> None:
        super().__init__(
            f"order {order.number} is in {order.currency}",
            number=order.number,
            currency=order.currency,
        )


class GivenBackAlready(DomainError):
    code = "given_back_already"
    message = _("This money was given back, or is on its way: it can pay no order any more.")


@transaction.atomic
def fulfil_late(*, exception_id: int, user_id: int) -> bool:
    """Late money confirms its order, whose goods are free again.

    A refund that nobody was asked for yet is called back. Returns whether this call did it; a
    second changes nothing. Raises NotForThis, RefundUnderWay, NotPaidInFull, GoodsAreGone, MovedOn;
    then nothing has changed.
    """
    exception, order = lock_exception(exception_id)
    if exception.resolved_at is not None:
        return False
    receipt = exception.receipt
    if exception.kind not in (Trouble.UNFULFILLABLE, Trouble.LATE) or receipt is None:
        raise NotForThis
    if order is None or order.status not in ENDED or order.confirmed_at is not None:
        raise NotForThis
    for refund in Refund.objects.open().filter(exception=exception).select_related("receipt"):
        if not refund.can_move_to(RefundState.CANCELLED):
            raise RefundUnderWay
        cancel(refund)
    if outstanding(order).minor > 0:
        raise NotPaidInFull
    record_step(exception, Kind.FULFILLED, user_id=user_id)
    _apply(order, _locked(receipt.pk))
    if order.status not in PAID:
        raise GoodsAreGone
    _resolve_unless_new(exception, f"confirmed late: {order.number}")
    return True


@transaction.atomic
def assign_money(*, exception_id: int, number: str, user_id: int) -> bool:
    """Money of nobody pays the order that staff name, by the rules of any money.

    What does not fit there makes the exception one of another kind. Returns whether this call did
    it; a second with the same number changes nothing. Raises NoSuchOrder, OtherCurrency,
    GivenBackAlready, NotForThis; then nothing has changed.
    """
    order = Order.objects.locked().filter(number=number.strip().upper()).first()
    if order is None:
        raise NoSuchOrder(number.strip())
    exception = lock_alone(exception_id)
    if exception.order_id == order.pk:
        return False
    if exception.kind != Trouble.UNMATCHED or exception.receipt_id is None:
        raise NotForThis
    if exception.order_id is not None or exception.resolved_at is not None:
        raise NotForThis
    receipt = _locked(exception.receipt_id)
    if receipt.currency != order.currency:
        raise OtherCurrency(order)
    if receipt.refundable_minor != receipt.amount_minor:
        raise GivenBackAlready
    _give_to(order, receipt, exception)
    record_step(
        exception,
        Kind.ASSIGNED,
        user_id=user_id,
        number=order.number,
        amount=receipt.amount_minor,
    )
    _apply(order, receipt)
    _resolve_unless_new(exception, f"assigned to {order.number}")
    return True


def _give_to(order: Order, receipt: PaymentReceipt, exception: PaymentException) -> None:
    """Whose it is is written once: a receipt never moves from one order to another."""
    if not PaymentReceipt.objects.filter(pk=receipt.pk, order=None).update(order=order):
        raise NotForThis
    receipt.order = exception.order = order
    exception.save(update_fields=["order"])
    post_assigned(receipt)


def _apply(order: Order, receipt: PaymentReceipt) -> None:
    settle_again(order, receipt)
    order.refresh_from_db(fields=["status"])


def _resolve_unless_new(exception: PaymentException, resolution: str) -> None:
    """What the money has become may be an exception of its own: the same row, of another kind."""
    kind = exception.kind
    exception.refresh_from_db(fields=["kind"])
    if exception.kind == kind:
        resolve(exception, resolution)


def _locked(receipt_id: int) -> PaymentReceipt:
    rows = PaymentReceipt.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("attempt").get(pk=receipt_id)
