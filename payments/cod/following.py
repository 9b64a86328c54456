"""What the books learn of an order that is paid at the door: it has left, or it is paid no more."""

from django.utils import timezone

from orders.models import Order, RefundDue
from payments.cod.risk import GATEWAY
from payments.ledger.cod import is_sold, post_sent
from payments.ledger.refunds import post_owed
from payments.models import OPEN_STATES, AttemptState, PaymentAttempt


def follow_sent(order: Order) -> None:
    """Its parcel has left: the courier owes us the money from now on."""
    if order.collect_minor:
        post_sent(order, occurred_at=timezone.now())


def follow_owed(due: RefundDue) -> None:
    """Goods are made good: their sale is taken back, where there was one."""
    if due.uncollected_minor:
        PaymentAttempt.objects.filter(
            order=due.order_id, gateway=GATEWAY, state__in=OPEN_STATES
        ).update(state=AttemptState.CANCELLED)
        if not is_sold(due.order):
            return
    post_owed(due)
