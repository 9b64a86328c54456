"""What the customer reads of each state is true of it."""

import pytest
from django.utils import timezone, translation

from catalog.tests.builders import make_variant
from orders.delivery import decide_parcel, mark_lost, mark_returned_to_sender
from orders.fulfilment import pack_lines, unpack
from orders.models import Order, ParcelDecision, RefundDue, ReturnOutcome
from orders.order_page import show_order
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    deliver,
    delivered,
    receive,
    send_mails,
    settle,
    ship,
    staff,
    two_sizes,
)
from orders.tests.life.test_customers import page
from orders.tests.life.test_going_astray import assumed

pytestmark = pytest.mark.django_db
REFUND, EXCHANGE = ReturnOutcome.REFUND, ReturnOutcome.EXCHANGE


def words(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    with translation.override("en"):
        progress = show_order(order).progress
        return str(progress.label), str(progress.next_step)


def paid_out(due: RefundDue) -> None:
    RefundDue.objects.filter(pk=due.pk).update(
        paid_at=timezone.now(), paid_on=timezone.localdate(), paid_reference="BCA 1"
    )


def test_goods_that_were_returned_did_not_come_back_from_the_courier() -> None:
    order = delivered()
    back = receive(ask_return(order))
    assert words(order) == (
        "Returned",
        "What you ordered has come back to us. We look at it and write to you soon.",
    )
    settle(back, REFUND)
    said = "What you ordered has come back to us. We send you Rp149.000 back."
    assert words(order) == ("Returned", said)
    paid_out(RefundDue.objects.get())
    said = "What you ordered has come back to us. We have sent you Rp149.000 back."
    assert words(order) == ("Returned", said)
    assert "Settled. We sent you Rp149.000 back on" in page(order)


def test_a_lost_parcel_is_not_on_its_way() -> None:
    order = confirmed()
    parcel = ship(order)
    assert words(order)[0] == "On its way"
    mark_lost(shipment_id=parcel.pk)
    assert words(order)[0] == "Lost on its way"
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    said = "Your order did not reach you. We are sorry. We send you Rp161.000 back."
    assert words(order) == ("Not delivered", said)
    assert "Did not arrive. We send you Rp161.000 back." in page(order)


def test_what_came_back_is_being_sent_again() -> None:
    order = confirmed()
    parcel = ship(order)
    mark_returned_to_sender(shipment_id=parcel.pk)
    assert words(order)[0] == "Came back to us"
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=staff().pk)
    assert words(order)[0] == "Being sent again"


def test_what_is_only_assumed_is_not_called_delivered() -> None:
    order, _parcel = assumed()
    assert words(order)[0] == "Should have arrived"
    text = page(order)
    assert "If it has not, please write to us." in text
    assert "Arrived" not in text
    assert "Enjoy it" not in text
    assert "has arrived" not in "".join(letter.subject for letter in send_mails())


def test_an_exchange_is_packed_and_then_sent() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    asked = approve(ask_return(order, exchange_for=large))
    assert "What you get in exchange is kept for you until then." in page(order)
    settle(receive(asked), EXCHANGE)
    assert words(order)[0] == "Exchange being packed"
    assert "Settled. What you get in exchange is being packed." in page(order)
    packed = pack_lines(group_id=order.groups.get().pk, actor_id=staff().pk)
    assert words(order)[0] == "Exchange being packed"
    assert "Settled. What you get in exchange is being packed." in page(order)
    unpack(shipment_id=packed.pk, actor_id=staff().pk)
    parcel = ship(order)
    assert words(order)[0] == "On its way"
    assert "Settled. What you get in exchange has been sent." in page(order)
    deliver(parcel)
    assert words(order)[0] == "Delivered"


def test_a_part_that_has_arrived_is_not_on_its_way() -> None:
    order = confirmed({make_variant(): 2})
    deliver(ship(order, 1))
    said = "A part of your order has been sent, the rest follows."
    assert words(order) == ("Partly sent", said)
