"""The end of the payment window: cancel at the gateway, ask it, then release the stock or book."""

from datetime import timedelta

from django.utils import timezone

from orders.models import Order, OrderStatus
from orders.settlement import close_unpaid
from payments.gateways.base import Missing, RemotePayment
from payments.gateways.registry import gateway
from payments.models import OPEN_STATES, AttemptState, PaymentAttempt
from payments.polling import BACKGROUND_TIMEOUT, observe
from shop.core.due import Due

LEASE = timedelta(seconds=90)
DUE = Due(lambda: Order.objects.filter(status=OrderStatus.PENDING), "next_expiry_at")
# While the gateway cannot be asked, the stock waits this long; then money that still comes is late.
GRACE = timedelta(minutes=15)
RETRY = timedelta(seconds=15)


def claim_due_expiries(*, limit: int = 20) -> list[int]:
    return DUE.claim(lease=LEASE, limit=limit)


def expire_unpaid(*, order_id: int) -> bool:
    """End an order whose window is over, unless the gateway turns out to have its money.

    Returns whether the order is no longer pending. False: asked again in a moment, because an
    attempt could be neither cancelled nor seen.
    """
    attempts = PaymentAttempt.objects.filter(order=order_id, state__in=OPEN_STATES)
    # Every one of them is stopped, also after one that could not be.
    outcomes = [_stop(attempt) for attempt in attempts]
    order = Order.objects.get(pk=order_id)
    if order.status != OrderStatus.PENDING:
        return True
    if not all(outcomes) and timezone.now() < order.reserve_until + GRACE:
        Order.objects.filter(pk=order_id, status=OrderStatus.PENDING).update(
            next_expiry_at=timezone.now() + RETRY
        )
        return False
    close_unpaid(order_id=order_id)
    return True


def _stop(attempt: PaymentAttempt) -> bool:
    """Make sure that an attempt can take no more money; whether that is now certain."""
    api = gateway(attempt.gateway)
    if attempt.state == AttemptState.NEW:
        return _abandon(attempt)
    gateway_ref = attempt.gateway_ref
    if not gateway_ref:
        found = api.find(attempt.reference, timeout=BACKGROUND_TIMEOUT)
        if isinstance(found, Missing):
            return _abandon(attempt)
        if not isinstance(found, RemotePayment):
            return False
        observe(attempt_id=attempt.pk, remote=found)
        gateway_ref = found.gateway_ref
    outcome = api.cancel(gateway_ref, timeout=BACKGROUND_TIMEOUT)
    if not isinstance(outcome, RemotePayment):
        # It would not be cancelled: it is over in another way, or in the middle of being paid.
        outcome = api.fetch(gateway_ref, timeout=BACKGROUND_TIMEOUT)
    if not isinstance(outcome, RemotePayment):
        return False
    return not observe(attempt_id=attempt.pk, remote=outcome).is_open


def _abandon(attempt: PaymentAttempt) -> bool:
    """It never got to the gateway, unless it is on its way this moment: then it is late money."""
    return bool(
        PaymentAttempt.objects.filter(pk=attempt.pk, state=attempt.state, gateway_ref="").update(
            state=AttemptState.ABANDONED,
            next_poll_at=timezone.now() + timedelta(minutes=2),
        )
    )
