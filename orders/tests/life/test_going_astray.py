"""What was taken for granted and was not so: assumed, lost, brought back, corrected."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.tests.builders import make_variant
from orders.closing import close_due
from orders.courier_news import record_courier_news
from orders.delivery import (
    TooLateToUndo,
    assume_delivered,
    decide_parcel,
    mark_delivered,
    mark_lost,
    mark_returned_to_sender,
    undo_astray,
)
from orders.fulfilment import correct_tracking
from orders.models import (
    CourierStatus,
    Order,
    OrderEvent,
    OrderNote,
    ParcelDecision,
    RefundDue,
    Shipment,
)
from orders.tests.life.builders import (
    ask_return,
    confirmed,
    delivered,
    events,
    long_ago,
    send_mails,
    ship,
    staff,
)
from orders.tests.life.test_parcels import STRETCH, goods
from orders.tests.life.test_staff import press
from orders.tests.test_admin import page_of, signed_in
from shop.core.errors import InvalidTransition

pytestmark = pytest.mark.django_db


def assumed() -> tuple[Order, Shipment]:
    """An order whose parcel has arrived because nobody said otherwise."""
    order = confirmed()
    parcel = ship(order, number="JP1")
    long_ago(order, 22)
    assume_delivered(within=STRETCH)
    parcel.refresh_from_db()
    assert parcel.is_assumed
    return order, parcel


def news(status: CourierStatus, parcel: Shipment) -> None:
    assert parcel.shipped_at is not None
    record_courier_news(
        courier="JNE",
        tracking_number=parcel.tracking_number,
        status=status,
        at=parcel.shipped_at + timedelta(days=1),
    )
    parcel.refresh_from_db()


def test_an_old_page_takes_back_no_delivery_that_is_none_any_more() -> None:
    order, client = delivered(), signed_in()
    parcel = Shipment.objects.get()
    mark_lost(shipment_id=parcel.pk)
    for decision in (None, ParcelDecision.REFUND):
        if decision:
            decide_parcel(shipment_id=parcel.pk, decision=decision, user_id=staff().pk)
        assert "already moved on" in press(client, order, "undelivered", parcel.pk).text
        parcel.refresh_from_db()
        assert (parcel.status, parcel.decision) == ("lost", decision or "")


@pytest.mark.parametrize("status", [CourierStatus.LOST, CourierStatus.RETURNED_TO_SENDER])
def test_the_courier_corrects_what_was_only_assumed(status: CourierStatus) -> None:
    order, parcel = assumed()
    news(status, parcel)
    assert (parcel.status, parcel.delivered_at, parcel.is_assumed) == (status, None, False)
    assert goods(order) == ("shipped" if status == CourierStatus.LOST else "returned")
    assert order.close_due_at is None
    assert close_due(within=STRETCH) == 0


@pytest.mark.parametrize(
    ("astray", "status"),
    [(mark_lost, "lost"), (mark_returned_to_sender, "returned_to_sender")],
)
def test_what_went_astray_while_its_time_ran_out_is_not_assumed(
    astray: Callable[..., bool], status: str
) -> None:
    parcel = ship(confirmed())
    astray(shipment_id=parcel.pk)
    with pytest.raises(InvalidTransition):
        mark_delivered(
            shipment_id=parcel.pk,
            at=timezone.now(),
            actor=OrderEvent.Actor.SYSTEM,
            is_assumed=True,
        )
    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at, parcel.is_assumed) == (status, None, False)


def test_once_the_courier_confirms_it_it_stays() -> None:
    order, parcel = assumed()
    at = parcel.delivered_at
    news(CourierStatus.DELIVERED, parcel)
    assert (parcel.is_assumed, parcel.delivered_at) == (False, at)
    news(CourierStatus.LOST, parcel)
    assert (parcel.status, goods(order)) == ("delivered", "delivered")


def test_what_is_closed_or_being_returned_no_courier_changes() -> None:
    order, parcel = assumed()
    ask_return(order)
    news(CourierStatus.LOST, parcel)
    assert parcel.status == "delivered"
    with pytest.raises(TooLateToUndo):
        mark_lost(shipment_id=parcel.pk, user_id=staff().pk)
    closed, parcel = assumed()
    long_ago(closed, 15)
    close_due(within=STRETCH)
    news(CourierStatus.LOST, parcel)
    assert parcel.status == "delivered"


def test_a_parcel_that_never_came_is_made_good_after_the_end() -> None:
    order = delivered()
    long_ago(order, 15)
    assert close_due(within=STRETCH) == 1
    parcel, client = Shipment.objects.get(), signed_in()
    assert "The customer says that it never came" in client.get(page_of(order)).text
    press(client, order, "never-came", parcel.pk, note="Menelepon: tidak pernah sampai")
    assert OrderNote.objects.get().text == "Menelepon: tidak pernah sampai"
    assert events(order)[-1] == "parcel_lost_after_all"
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    order.refresh_from_db()
    assert (order.status, RefundDue.objects.get().amount_minor) == ("closed", order.total_minor)


def test_what_came_back_goes_out_again_until_it_is_decided() -> None:
    order = confirmed()
    parcel = ship(order)
    for mark in (mark_lost, mark_returned_to_sender):
        mark(shipment_id=parcel.pk)
        for _twice in "12":
            undo_astray(shipment_id=parcel.pk, user_id=staff().pk)
        assert goods(order) == "shipped"
    assert events(order).count("parcel_on_its_way") == 2
    mark_returned_to_sender(shipment_id=parcel.pk)
    # "Delivered" then means: to us.
    parcel.refresh_from_db()
    news(CourierStatus.DELIVERED, parcel)
    assert parcel.status == "returned_to_sender"
    assert mark_delivered(shipment_id=parcel.pk, at=parcel.created_at, user_id=staff().pk)
    assert goods(order) == "delivered"


def test_each_change_of_a_number_is_told_once_also_back_to_one_of_before() -> None:
    parcel = ship(confirmed({make_variant(): 1}), number="JP1")
    send_mails()

    def correct(number: str) -> None:
        correct_tracking(
            shipment_id=parcel.pk, courier="JNE", tracking_number=number, actor_id=staff().pk
        )

    told = []
    for number in ("JP2", "JP2", "JP1", "JP2"):
        correct(number)
        told.append([number in letter.body for letter in send_mails()])
    assert told == [[True], [], [True], [True]]
    correct("JP3")
    correct("JP4")
    # The first was wrong before it was told: only the last is true.
    (letter,) = send_mails()
    assert "JP4" in letter.body
