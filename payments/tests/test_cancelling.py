"""A buyer ends an unpaid order; money that comes all the same is never lost."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.tests.builders import make_owner
from catalog.tests.builders import make_variant, stock_of
from orders.models import Order, OrderEvent, OrderStatus
from orders.tests.builders import make_order
from payments.cancelling import PaidAlready, cancel_unpaid
from payments.emails import ASK_AFTER
from payments.models import PaymentException, PaymentReceipt
from payments.tests.builders import make_attempt, make_capture, pay
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db


def cancelled_by_page(order: Order) -> Any:
    return Client().post(f"/en/orders/{order.token}/cancel/", follow=True)


def test_the_customer_cancels_on_the_page_of_the_order() -> None:
    shirt = make_variant(on_hand=3)
    order = make_order(lines={shirt: 2})
    attempt = make_attempt(order)
    page = f"/en/orders/{order.token}/"
    assert "Yes, cancel it" in Client().get(page).text
    assert stock_of(shirt) == (3, 2)

    for _twice in "12":
        text = cancelled_by_page(order).text

    assert stock_of(shirt) == (3, 0)
    order.refresh_from_db()
    attempt.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert attempt.cancel_requested_at is not None
    assert attempt.next_poll_at is not None
    assert attempt.next_poll_at <= timezone.now()
    event = OrderEvent.objects.get(kind="cancelled")
    assert (event.actor, event.user) == ("customer", None)
    assert "Back to the cart" in text
    assert "Yes, cancel it" not in text


def test_staff_cancel_an_unpaid_order_too() -> None:
    order, owner = make_order(), make_owner()
    cancel_unpaid(order_id=order.pk, actor=OrderEvent.Actor.STAFF, user_id=owner.pk)
    event = OrderEvent.objects.get(kind="cancelled")
    assert (event.actor, event.user) == ("staff", owner)


def test_a_paid_order_is_not_cancelled_so() -> None:
    order = make_order()
    pay(make_attempt(order))
    with pytest.raises(PaidAlready):
        cancel_unpaid(order_id=order.pk)
    order.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED


def test_money_after_the_cancelling_confirms_while_there_is_stock() -> None:
    shirt = make_variant(on_hand=1)
    attempt = make_attempt(make_order(lines={shirt: 1}))
    cancel_unpaid(order_id=attempt.order_id)
    pay(attempt)
    attempt.order.refresh_from_db()
    assert (attempt.order.status, stock_of(shirt)) == ("confirmed", (0, 0))


@pytest.mark.django_db(transaction=True)
def test_cancelling_and_money_at_the_same_moment_end_right() -> None:
    for _round in range(4):
        shirt = make_variant(on_hand=1)
        attempt = make_attempt(make_order(lines={shirt: 1}))
        capture = make_capture(attempt.amount_minor)

        cancel = partial(cancel_unpaid, order_id=attempt.order_id)
        outcomes = race([cancel, partial(pay, attempt, capture)])
        assert all(
            not isinstance(each, Exception) or isinstance(each, PaidAlready) for each in outcomes
        )
        # Whoever came first: the money is booked, and its order has its goods.
        assert PaymentReceipt.objects.filter(attempt=attempt).count() == 1
        attempt.order.refresh_from_db()
        assert (attempt.order.status, stock_of(shirt)) == ("confirmed", (0, 0))
        assert not PaymentException.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_cancel_once() -> None:
    shirt = make_variant(on_hand=3)
    order = make_order(lines={shirt: 2})

    def cancel() -> bool:
        return cancel_unpaid(order_id=order.pk)

    assert sorted(map(str, race([cancel] * 4))) == ["False", "False", "False", "True"]
    assert stock_of(shirt) == (3, 0)


def asked_to_pay(order: Order) -> None:
    """As placement does it."""
    key = f"order-placed:{order.pk}"
    outbox.add_later("order-placed", ASK_AFTER, key=key, order_id=order.pk)


def send(topic: str) -> list[Any]:
    before = len(mail.outbox)
    for message in OutboxMessage.objects.filter(topic=topic, done_at=None):
        outbox.deliver(message.pk)
    return list(mail.outbox[before:])


def test_who_has_not_paid_is_asked_to_and_reminded_once() -> None:
    order = make_order(pay_within=timedelta(minutes=30))
    make_attempt(order, method="bca_va")
    asked_to_pay(order)
    (letter,) = send("order-placed")
    assert order.number in letter.body
    assert order.total.format() in letter.body
    assert f"/pay/{order.token}/" in letter.body
    assert "BCA" in letter.body
    reminder = OutboxMessage.objects.get(topic="payment-reminder")
    halfway = order.placed_at + (order.reserve_until - order.placed_at) / 2
    assert abs(reminder.available_at - halfway) < timedelta(seconds=10)
    assert len(send("payment-reminder")) == 1
    # The mail that asks may be delivered twice; the reminder is not.
    OutboxMessage.objects.filter(topic="order-placed").update(done_at=None, claimed_at=None)
    send("order-placed")
    assert send("payment-reminder") == []


def test_in_a_short_window_nobody_is_reminded() -> None:
    order = make_order(pay_within=timedelta(minutes=19))
    asked_to_pay(order)
    assert len(send("order-placed")) == 1
    assert not OutboxMessage.objects.filter(topic="payment-reminder").exists()


def test_who_has_paid_or_cancelled_is_not_asked() -> None:
    paid, gone = make_order(), make_order()
    for order in (paid, gone):
        asked_to_pay(order)
    pay(make_attempt(paid))
    cancel_unpaid(order_id=gone.pk)
    assert send("order-placed") == []
    assert not OutboxMessage.objects.filter(topic="payment-reminder").exists()
    (letter,) = send("order-ended")
    assert gone.number in letter.subject
