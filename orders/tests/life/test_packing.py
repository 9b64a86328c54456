"""What packers hold in their hands is right: the slip, the number, the shelf."""

import pytest
from django.db import connection
from django.urls import reverse

from catalog.tests.builders import make_variant, stock_of
from orders.delivery import undo_delivered
from orders.models import OrderContact, Shipment
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    deliver,
    delivered,
    send_mails,
    ship,
    staff,
)
from orders.tests.life.test_staff import press
from orders.tests.test_admin import signed_in

pytestmark = pytest.mark.django_db


def slip_of(pk: int) -> str:
    return str(signed_in().get(f"{reverse('admin:orders_order_slips')}?ids={pk}").text)


def test_a_slip_has_the_whole_address_and_the_recipients_own_number() -> None:
    order = confirmed()
    OrderContact.objects.filter(order=order).update(
        rt="05", rw="02", village="Braga", recipient_phone="+6281999999999"
    )
    slip = slip_of(order.pk)
    missing = [word for word in ("RT 05", "RW 02", "Braga", "+6281999999999") if word not in slip]
    assert missing == []


def test_what_is_not_paid_has_no_slip() -> None:
    order = make_order()
    assert order.number not in slip_of(order.pk)


def test_what_came_back_goes_to_the_shelf_that_was_chosen_whatever_its_key() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('catalog_stockitem', 'id'), 100000)")
    shirt = make_variant(on_hand=3)
    order = delivered({shirt: 1})
    asked = ask_return(order)
    approve(asked)
    line = asked.lines.get()
    typed = {"units": "1", "condition": "as_new", "restock": str(shirt.stock_items.get().pk)}
    form = {f"{name}-{line.pk}": value for name, value in typed.items()}
    press(signed_in(), order, "receive", asked.pk, **form)
    assert stock_of(shirt) == (3, 0)
    assert asked.lines.get().restocked_quantity == 1


def test_the_next_slip_is_no_tracking_number() -> None:
    order, other = confirmed(), confirmed()
    scanned = {"number": order.number, "tracking_number": other.number.lower()}
    answer = signed_in().post(reverse("admin:orders_order_scan"), scanned)
    assert answer.status_code == 422
    assert not Shipment.objects.exists()


def test_a_delivery_that_was_taken_back_is_told_again_when_it_is_true() -> None:
    shipment = ship(confirmed())
    send_mails()
    deliver(shipment)
    assert len(send_mails()) == 1
    undo_delivered(shipment_id=shipment.pk, user_id=staff().pk)
    assert send_mails() == []
    deliver(shipment)
    assert len(send_mails()) == 1
