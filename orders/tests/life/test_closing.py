"""An order closes by itself, once nothing of it is open any more."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.tests.builders import make_variant
from orders import closing
from orders.closing import close_due, close_order
from orders.delivery import decide_parcel, mark_lost
from orders.models import Order, OrderEvent, ParcelDecision, Shipment
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    delivered,
    long_ago,
    receive,
    send_mails,
    ship,
    staff,
)
from tests.racing import race

pytestmark = pytest.mark.django_db
STRETCH = timedelta(seconds=5)
WINDOW = settings.RETURN_WINDOW.days


def status(order: Order) -> str:
    order.refresh_from_db()
    return str(order.status)


def test_it_closes_once_the_time_to_return_it_is_over() -> None:
    order = delivered()
    assert close_due(within=STRETCH) == 0
    long_ago(order, WINDOW - 0.1)
    assert (close_due(within=STRETCH), status(order)) == (0, "confirmed")
    long_ago(order, 0.2)
    send_mails()
    assert (close_due(within=STRETCH), status(order)) == (1, "closed")
    assert close_due(within=STRETCH) == 0
    assert OrderEvent.objects.get(kind="closed").actor == "system"
    assert send_mails() == []


def test_the_last_parcel_counts() -> None:
    order = confirmed({make_variant(): 2})
    ship(order, 1)
    Shipment.objects.update(status="delivered", delivered_at=Shipment.objects.get().shipped_at)
    long_ago(order, 100)
    assert close_order(order_id=order.pk) is False
    assert status(order) == "confirmed"


def test_an_open_return_keeps_it_open() -> None:
    order = delivered()
    asked = ask_return(order)
    long_ago(order, WINDOW + 1)
    assert (close_due(within=STRETCH), close_order(order_id=order.pk)) == (0, False)
    approve(asked)
    assert close_order(order_id=order.pk) is False
    receive(asked)
    assert close_order(order_id=order.pk) is False
    assert status(order) == "confirmed"


def test_a_parcel_that_nobody_has_decided_about_keeps_it_open() -> None:
    order = confirmed()
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    assert close_order(order_id=order.pk) is False
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    long_ago(order, WINDOW + 1)
    assert (close_due(within=STRETCH), status(order)) == (1, "closed")


def test_what_began_after_the_claim_is_seen_under_the_lock() -> None:
    order = delivered()
    long_ago(order, WINDOW + 1)
    undone = Shipment.objects.get()
    undone.status = "shipped"
    undone.save()
    Order.objects.filter(pk=order.pk).update(fulfilment="shipped")
    assert close_order(order_id=order.pk) is False
    order.refresh_from_db()
    assert (order.status, order.close_due_at) == ("confirmed", None)


def test_many_are_closed_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 2)
    shirt = make_variant()
    orders = [delivered({shirt: 1}) for _ in range(5)]
    for order in orders:
        long_ago(order, WINDOW + 1)
    assert close_due(within=STRETCH) == 5
    assert {status(order) for order in orders} == {"closed"}


def test_closing_one_takes_few_statements() -> None:
    order = delivered()
    long_ago(order, WINDOW + 1)
    with CaptureQueriesContext(connection) as seen:
        assert close_order(order_id=order.pk)
    assert len(seen) <= 7


@pytest.mark.django_db(transaction=True)
def test_two_workers_close_an_order_once() -> None:
    order = delivered()
    long_ago(order, WINDOW + 1)

    def close() -> bool:
        return close_order(order_id=order.pk)

    assert sorted(map(str, race([close] * 4))) == ["False", "False", "False", "True"]
    assert OrderEvent.objects.filter(kind="closed").count() == 1
