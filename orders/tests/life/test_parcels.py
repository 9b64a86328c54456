"""What becomes of parcels: packed, sent, arrived, lost, brought back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import StockMovement
from catalog.tests.builders import make_variant, stock_of
from orders.courier_news import match_kept_news, record_courier_news
from orders.delivery import (
    AlreadyDecided,
    NoneLeftToResend,
    NotThisParcels,
    TooLateToUndo,
    assume_delivered,
    decide_parcel,
    mark_delivered,
    mark_lost,
    mark_returned_to_sender,
    undo_delivered,
)
from orders.fulfilment import (
    AlreadyShipped,
    NothingToCorrect,
    NothingToShip,
    correct_tracking,
    pack_lines,
    ship_packed,
    unpack,
    unshipped,
)
from orders.models import (
    SHIPMENT_TRANSITIONS,
    CourierNews,
    CourierStatus,
    Order,
    OrderEvent,
    ParcelDecision,
    RefundDue,
    Shipment,
    ShipmentStatus,
)
from orders.status import fulfilment_status, out_of_step
from orders.tests.life.builders import (
    ask_return,
    confirmed,
    deliver,
    delivered,
    events,
    long_ago,
    send_mails,
    ship,
    staff,
)
from shop.core.errors import InvalidTransition
from tests.racing import race

pytestmark = pytest.mark.django_db
STRETCH = timedelta(seconds=5)


def goods(order: Order) -> str:
    """The stored status, which must be the derived one."""
    order.refresh_from_db()
    assert order.fulfilment == fulfilment_status(order=order)
    return str(order.fulfilment)


def test_only_the_steps_of_the_table_can_be_taken() -> None:
    for before in ShipmentStatus:
        for after in ShipmentStatus:
            shipment = Shipment(status=before)
            if after in SHIPMENT_TRANSITIONS[before]:
                shipment.move_to(after)
                assert shipment.status == after
            else:
                with pytest.raises(InvalidTransition):
                    shipment.move_to(after)
                assert shipment.status == before


def test_the_database_knows_the_states_and_that_what_left_has_a_number() -> None:
    shipment = ship(confirmed())
    for wrong in ({"status": "teleported"}, {"tracking_number": ""}, {"decision": "resend"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Shipment.objects.filter(pk=shipment.pk).update(**wrong)


def test_the_goods_follow_their_parcels() -> None:
    order = confirmed({make_variant(): 2})
    assert goods(order) == "unfulfilled"
    first = ship(order, 1)
    assert goods(order) == "partially_shipped"
    deliver(first)
    assert goods(order) == "partially_shipped"
    second = ship(order)
    assert goods(order) == "shipped"
    deliver(second)
    assert goods(order) == "delivered"
    assert list(out_of_step()) == []


def test_a_status_that_was_changed_by_hand_is_found() -> None:
    order = delivered()
    Order.objects.filter(pk=order.pk).update(fulfilment="shipped")
    assert [(found.pk, right) for found, right in out_of_step()] == [(order.pk, "delivered")]


def test_what_is_packed_waits_to_be_sent_and_can_be_unpacked() -> None:
    order = confirmed({make_variant(): 2})
    group = order.groups.get()
    line = order.lines.get()
    user = staff().pk
    pack_lines(group_id=group.pk, actor_id=user, quantities={line.pk: 1})
    parcel = pack_lines(group_id=group.pk, actor_id=user)
    assert (parcel.status, parcel.tracking_number, goods(order)) == ("packed", "", "unfulfilled")
    with pytest.raises(NothingToShip):
        pack_lines(group_id=group.pk, actor_id=user)
    unpack(shipment_id=parcel.pk, actor_id=user)
    assert unshipped(group) == {line.pk: 1}
    left = Shipment.objects.get()
    for _twice in "12":
        ship_packed(shipment_id=left.pk, courier="JNE", tracking_number="JP1", actor_id=user)
    assert goods(order) == "partially_shipped"
    assert events(order)[2:] == ["packed", "packed", "unpacked", "shipped"]
    assert len(send_mails()) == 2  # confirmed, shipped
    with pytest.raises(InvalidTransition):
        unpack(shipment_id=left.pk, actor_id=user)


def test_a_wrong_number_is_corrected_and_the_customer_told_once_more() -> None:
    order = confirmed({make_variant(): 2})
    parcel = ship(order, 1, number="JP1")
    other = ship(order, number="JP2")
    send_mails()
    user = staff().pk
    for _twice in "12":
        correct_tracking(
            shipment_id=parcel.pk, courier="JNE", tracking_number=" JP9 ", actor_id=user
        )
    (letter,) = send_mails()
    assert "JP9" in letter.body
    assert events(order).count("tracking_corrected") == 1
    with pytest.raises(AlreadyShipped):
        correct_tracking(shipment_id=other.pk, courier="JNE", tracking_number="JP9", actor_id=user)
    packed = pack_lines(group_id=confirmed().groups.get().pk, actor_id=user)
    with pytest.raises(NothingToCorrect):
        correct_tracking(shipment_id=packed.pk, courier="JNE", tracking_number="X", actor_id=user)


def test_what_has_arrived_is_recorded_once_with_who_said_so() -> None:
    order = confirmed()
    parcel = ship(order)
    send_mails()
    user = staff()
    assert mark_delivered(shipment_id=parcel.pk, at=timezone.now(), user_id=user.pk)
    assert not mark_delivered(shipment_id=parcel.pk, at=timezone.now(), user_id=user.pk)
    event = OrderEvent.objects.get(kind="delivered")
    assert (event.actor, event.user) == ("staff", user)
    (letter,) = send_mails()
    assert letter.to == ["siti@example.com"]
    assert send_mails() == []


def test_no_parcel_arrives_before_it_left_or_tomorrow() -> None:
    parcel = ship(confirmed())
    mark_delivered(shipment_id=parcel.pk, at=timezone.now() - timedelta(days=9))
    parcel.refresh_from_db()
    assert parcel.delivered_at == parcel.shipped_at
    other = ship(confirmed())
    mark_delivered(shipment_id=other.pk, at=timezone.now() + timedelta(days=9))
    other.refresh_from_db()
    assert other.delivered_at is not None
    assert other.delivered_at <= timezone.now()


def test_a_wrong_delivered_is_taken_back_unless_something_followed_from_it() -> None:
    order = delivered()
    parcel = Shipment.objects.get()
    user = staff().pk
    assert undo_delivered(shipment_id=parcel.pk, user_id=user)
    assert not undo_delivered(shipment_id=parcel.pk, user_id=user)
    assert goods(order) == "shipped"
    assert order.close_due_at is None
    deliver(parcel)
    ask_return(order)
    with pytest.raises(TooLateToUndo):
        undo_delivered(shipment_id=parcel.pk, user_id=user)
    assert goods(order) == "delivered"


def test_a_parcel_without_news_has_arrived_after_three_weeks() -> None:
    order = confirmed()
    parcel = ship(order)
    assert assume_delivered(within=STRETCH) == 0
    long_ago(order, 20.9)
    assert assume_delivered(within=STRETCH) == 0
    long_ago(order, 0.2)
    assert assume_delivered(within=STRETCH) == 1
    assert assume_delivered(within=STRETCH) == 0
    parcel.refresh_from_db()
    assert (parcel.status, goods(order)) == ("delivered", "delivered")
    assert OrderEvent.objects.get(kind="delivered_assumed").actor == "system"


def test_it_is_given_longer_where_the_courier_promised_no_sooner() -> None:
    order = confirmed()
    order.groups.update(eta_max_days=30)
    parcel = ship(order)
    assert parcel.shipped_at is not None
    assert parcel.delivery_due_at == parcel.shipped_at + timedelta(days=37)


def test_a_lost_parcel_is_sent_again_from_stock() -> None:
    shirt = make_variant(on_hand=5)
    order = confirmed({shirt: 2})
    parcel = ship(order)
    send_mails()
    user = staff().pk
    assert mark_lost(shipment_id=parcel.pk, user_id=user)
    assert not mark_lost(shipment_id=parcel.pk, user_id=user)
    assert (goods(order), send_mails()) == ("shipped", [])
    for _twice in "12":
        decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=user)
    assert (goods(order), stock_of(shirt)) == ("unfulfilled", (1, 0))
    assert unshipped(order.groups.get()) == {order.lines.get().pk: 2}
    (letter,) = send_mails()
    assert parcel.tracking_number in letter.body
    deliver(ship(order))
    assert goods(order) == "delivered"
    with pytest.raises(AlreadyDecided):
        decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=user)


def test_what_is_sold_out_cannot_be_sent_again() -> None:
    shirt = make_variant(on_hand=2)
    order = confirmed({shirt: 2})
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    with pytest.raises(NoneLeftToResend):
        decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=staff().pk)
    parcel.refresh_from_db()
    assert (parcel.decision, goods(order), stock_of(shirt)) == ("", "shipped", (0, 0))


def test_the_money_for_a_lost_order_is_owed_with_its_shipping() -> None:
    order = confirmed({make_variant(price=100_000): 2})
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    for _twice in "12":
        decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.currency) == (order.total_minor, "IDR")
    assert goods(order) == "returned"


def test_of_what_came_back_only_what_staff_say_is_on_sale_again() -> None:
    shirt = make_variant(price=100_000, on_hand=5)
    order = confirmed({shirt: 2})
    parcel = ship(order)
    mark_returned_to_sender(shipment_id=parcel.pk)
    assert (goods(order), stock_of(shirt)) == ("returned", (3, 0))
    item = shirt.stock_items.get().pk
    refund, user = ParcelDecision.REFUND, staff().pk
    with pytest.raises(NotThisParcels):
        decide_parcel(shipment_id=parcel.pk, decision=refund, user_id=user, restock={item: 3})
    assert stock_of(shirt) == (3, 0)
    for _twice in "12":
        decide_parcel(shipment_id=parcel.pk, decision=refund, user_id=user, restock={item: 1})
    assert stock_of(shirt) == (4, 0)
    movement = StockMovement.objects.get(kind="returned")
    assert (movement.quantity, movement.actor_id) == (1, user)
    # It was carried, so its shipping is not given back.
    assert RefundDue.objects.get().amount_minor == 200_000


def test_what_came_back_is_sent_again_as_it_is() -> None:
    shirt = make_variant(on_hand=2)
    order = confirmed({shirt: 2})
    parcel = ship(order)
    mark_returned_to_sender(shipment_id=parcel.pk)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=staff().pk)
    assert (goods(order), stock_of(shirt)) == ("unfulfilled", (0, 0))


def news(number: str, status: str, *, hours: int = 0, courier: str = "jne") -> bool:
    return record_courier_news(
        courier=courier,
        tracking_number=number,
        status=CourierStatus(status),
        at=timezone.now().replace(microsecond=0) + timedelta(hours=hours),
        raw_reference="evt-1",
    )


def test_the_courier_says_that_it_arrived() -> None:
    order = confirmed()
    parcel = ship(order, number="Jp1")
    at = parcel.shipped_at
    assert at is not None

    def say() -> bool:
        return record_courier_news(
            courier="jne", tracking_number="JP1", status=CourierStatus.DELIVERED, at=at
        )

    assert say()
    assert not say()
    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at) == ("delivered", at)
    assert OrderEvent.objects.get(kind="delivered").actor == "courier"
    assert CourierNews.objects.count() == 1


@pytest.mark.parametrize("late", ["in_transit", "lost", "returned_to_sender"])
def test_nothing_that_comes_after_delivered_takes_it_back(late: str) -> None:
    order = confirmed()
    parcel = ship(order, number="JP1")
    news("JP1", "delivered", hours=-1)
    news("JP1", late)
    parcel.refresh_from_db()
    assert (parcel.status, goods(order)) == ("delivered", "delivered")


def test_what_was_thought_lost_can_still_arrive() -> None:
    parcel = ship(confirmed(), number="JP1")
    news("JP1", "lost", hours=-1)
    news("JP1", "delivered")
    parcel.refresh_from_db()
    assert parcel.status == "delivered"


def test_news_of_an_unknown_number_wait_for_it() -> None:
    assert not news("JP7", "delivered")
    other = ship(confirmed(), number="JP7X")
    assert match_kept_news() == 0
    parcel = ship(confirmed(), number="jp7")
    assert match_kept_news() == 1
    assert match_kept_news() == 0
    for each, status in ((parcel, "delivered"), (other, "shipped")):
        each.refresh_from_db()
        assert each.status == status


def test_another_couriers_number_is_another_number() -> None:
    parcel = ship(confirmed(), number="JP1")
    assert not news("JP1", "delivered", courier="sicepat")
    parcel.refresh_from_db()
    assert parcel.status == "shipped"


@pytest.mark.django_db(transaction=True)
def test_two_hands_decide_about_one_lost_parcel() -> None:
    shirt = make_variant(on_hand=10)
    parcel = ship(confirmed({shirt: 2}))
    mark_lost(shipment_id=parcel.pk)
    user = staff().pk

    def resend() -> bool:
        return decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=user)

    assert sorted(map(str, race([resend] * 4))) == ["False", "False", "False", "True"]
    assert stock_of(shirt) == (6, 0)


@pytest.mark.django_db(transaction=True)
def test_two_packers_pack_the_same_goods_once() -> None:
    order = confirmed({make_variant(): 2})
    group, user = order.groups.get(), staff().pk

    def pack() -> Shipment:
        return pack_lines(group_id=group.pk, actor_id=user)

    done = race([pack] * 4)
    assert sum(isinstance(each, Shipment) for each in done) == 1
    assert sum(isinstance(each, NothingToShip) for each in done) == 3
    assert unshipped(group) == {}
