"""Ending an order because its buyer says so."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.calling_off import call_off_by_customer
from orders.models import ENDED, Order, OrderEvent, OrderStatus
from orders.settlement import close_unpaid
from payments.checkout import drop_attempts
from shop.core.errors import DomainError


class PaidAlready(DomainError):
    code = "paid_already"
    message = _(
        "The payment of this order has just arrived. Look at it again: it can still be cancelled"
        " until it is packed, and then its money goes back to you."
    )


@transaction.atomic
def cancel_unpaid(
    *,
    order_id: int,
    actor: OrderEvent.Actor = OrderEvent.Actor.CUSTOMER,
    user_id: int | None = None,
) -> bool:
    """Give its goods back and have its payments stopped by the money loop. The cart stays.

    Returns whether this call ended it; a second changes nothing. Money that is on its way all the
    same is booked as late money. Raises PaidAlready.
    """
    order = Order.objects.locked().get(pk=order_id)
    if order.status in ENDED:
        return False
    if order.status != OrderStatus.PENDING:
        raise PaidAlready
    # Attempts before stock, in the order in which everybody takes their locks.
    drop_attempts(order)
    return close_unpaid(
        order_id=order.pk, status=OrderStatus.CANCELLED, actor=actor, user_id=user_id
    )


def cancel_by_customer(*, order_id: int, seen_paid: bool) -> bool:
    """What its buyer can cancel: an order that is unpaid, or that is paid and not being packed.

    `seen_paid`: whether the buyer knows that it is paid, and that its money will be sent back. Who
    means to stop a payment does not call off what has been bought meanwhile. Returns whether this
    call did it; a second changes nothing. Raises PaidAlready, orders.calling_off.BeingPacked.
    """
    try:
        return cancel_unpaid(order_id=order_id)
    except PaidAlready:
        if not seen_paid:
            raise
        return call_off_by_customer(order_id=order_id)
