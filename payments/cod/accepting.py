"""An order that is paid at the door is confirmed when it is placed: its goods are owed."""

from django.utils import timezone

from orders.buyers import hold
from orders.checkout import Checkout
from orders.models import Order, OrderEvent
from orders.placing import Draft, finish
from orders.settlement import confirm, confirm_locked
from payments.cod.risk import Purchase, check
from payments.emails import ask_no_more
from payments.models import AttemptState, PaymentAttempt
from shop.core.money import Money


def accept(order: Order, attempt: PaymentAttempt) -> None:
    """In memory: the courier collects the total, and there is nobody to ask for it."""
    order.collect_minor = order.total_minor
    attempt.state = AttemptState.PENDING
    attempt.gateway_ref = attempt.reference
    attempt.submitted_at = timezone.now()
    attempt.next_poll_at = None


def place_at_the_door(
    draft: Draft, attempt: PaymentAttempt, checkout: Checkout, *, is_part_paid: bool
) -> None:
    """Write a drafted order and confirm it. No other order of its buyer is placed meanwhile.

    Raises CodNotOffered, orders.checkout.SoldOut.
    """
    check(Purchase.of_checkout(checkout, is_part_paid=is_part_paid))
    accept(draft.order, attempt)
    finish(draft, [attempt])
    confirm(order_id=draft.order.pk, actor=OrderEvent.Actor.CUSTOMER)
    draft.order.refresh_from_db()


def check_again(order: Order, rest: Money) -> None:
    """Whether a placed order may be paid at the door; in the transaction that confirms it.

    Other orders of its buyer wait until that has ended, so that together they are not too many.
    Raises CodNotOffered.
    """
    purchase = Purchase.of_order(order, rest=rest)
    hold(purchase.buyer)
    check(purchase)


def confirm_at_the_door(order: Order, attempt: PaymentAttempt) -> None:
    """Confirm a pending order whose lock the caller holds; the attempt is its newest."""
    accept(order, attempt)
    attempt.save(update_fields=["state", "gateway_ref", "submitted_at", "next_poll_at"])
    confirm_locked(order, actor=OrderEvent.Actor.CUSTOMER, beside=[ask_no_more(order)])
