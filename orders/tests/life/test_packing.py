"""What packers hold in their hands is right: the slip, the number, the shelf."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.tests.builders import make_staff
from catalog.tests.builders import make_variant, stock_of
from orders.admin import slips as module
from orders.calling_off import call_off_by_customer
from orders.delivery import decide_parcel, mark_lost, undo_delivered
from orders.fulfilment import pack_lines
from orders.models import Order, OrderContact, ParcelDecision, ReturnOutcome, Shipment
from orders.settlement import confirm
from orders.slips_printed import record_printed
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    deliver,
    delivered,
    events,
    receive,
    send_mails,
    settle,
    ship,
    staff,
    two_sizes,
)
from orders.tests.life.test_staff import press
from orders.tests.test_admin import signed_in
from tests.racing import start, wait_until_blocked

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
    slips(signed_in(), ids=str(order.pk), do="print")
    confirm(order_id=order.pk)
    assert call_off_by_customer(order_id=order.pk)


def test_who_may_not_send_sees_slips_and_prints_none() -> None:
    order = confirmed()
    client = signed_in(make_staff("orders.view_order"))
    text = slips(client, ids=str(order.pk))
    assert (order.number in text, 'value="print"' in text) == (True, False)
    typed = {"ids": str(order.pk), "do": "print"}
    assert client.post(reverse("admin:orders_order_slips"), typed).status_code == 403
    assert "slip_printed" not in events(order)


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


def scan(order: Order, number: str) -> str:
    typed = {"number": order.number, "tracking_number": number}
    answer = signed_in().post(reverse("admin:orders_order_scan"), typed, follow=True)
    return str(answer.text)


def test_a_packed_parcel_is_sent_by_scanning_its_order() -> None:
    order = confirmed({make_variant(): 2})
    group = order.groups.get()
    packed = pack_lines(group_id=group.pk, actor_id=staff().pk)
    assert "2 × " in scan(order, "")
    assert f"{order.number} sent with {packed.courier}, JP1" in scan(order, "JP1")
    packed.refresh_from_db()
    assert (packed.status, packed.tracking_number) == ("shipped", "JP1")
    assert "has been sent already" in scan(order, "JP2")
    assert Shipment.objects.count() == 1


def test_of_several_parcels_none_is_taken_for_all() -> None:
    order = confirmed({make_variant(): 2})
    line = order.lines.get()
    pack_lines(group_id=line.group_id, actor_id=staff().pk, quantities={line.pk: 1})
    assert "Several parcels of this order" in scan(order, "JP1")
    assert Shipment.objects.get().status == "packed"


def slips(client: Client, **typed: str) -> str:
    return str(client.post(reverse("admin:orders_order_slips"), typed).text)


def test_more_slips_than_a_page_holds_say_so_and_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_SLIPS", 2)
    shirt = make_variant()
    orders = [confirmed({shirt: 1}) for _ in range(5)]
    client = signed_in()
    chosen = {"action": "print_slips", "_selected_action": [order.pk for order in orders]}
    text = client.post("/admin/orders/order/", chosen).text
    shown: list[list[bool]] = []
    for left in (3, 1, 0):
        shown.append([f"<h2>{order.number}</h2>" in text for order in orders])
        assert ("The next" in text) == bool(left)
        if left:
            assert f"{left} more order" in text
        rest = re.search(r'name="rest" value="([\d,]*)"', text)
        assert rest is not None
        text = slips(client, do="next", rest=rest[1])
    assert [sum(page) for page in shown] == [2, 2, 1]
    assert [any(column) for column in zip(*shown, strict=True)] == [True] * 5


def test_too_many_slips_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHOSEN", 1)
    orders = [confirmed(), confirmed()]
    chosen = {"action": "print_slips", "_selected_action": [order.pk for order in orders]}
    text = signed_in().post("/admin/orders/order/", chosen, follow=True).text
    assert "choose fewer of them" in text


def test_a_slip_that_was_printed_before_says_so() -> None:
    first, second = confirmed(), confirmed()
    client = signed_in()
    ids = f"{first.pk},{second.pk}"
    assert "Reprint" not in slips(client, ids=str(first.pk), do="print")
    assert slips(client, ids=ids).count("Reprint") == 1
    text = slips(client, ids=ids, do="print", size="a4")
    assert (text.count("Reprint"), "data-print-now" in text, 'class="a4"' in text) == (
        1,
        True,
        True,
    )
    assert slips(client, ids=ids, do="print").count("Reprint") == 2
    assert (events(first).count("slip_printed"), events(second).count("slip_printed")) == (3, 2)


def reprints(client: Client, order: Order) -> int:
    return slips(client, ids=str(order.pk), do="print").count("Reprint")


def test_only_goods_that_were_on_a_slip_before_are_a_reprint() -> None:
    medium, large = two_sizes()
    order, client = confirmed({medium: 2}), signed_in()
    assert [reprints(client, order) for _twice in "12"] == [0, 1]
    first = ship(order, 1)
    assert [reprints(client, order) for _twice in "12"] == [0, 1]
    deliver(ship(order))
    # All has left: its slip is only looked up again.
    assert reprints(client, order) == 1
    mark_lost(shipment_id=first.pk)
    decide_parcel(shipment_id=first.pk, decision=ParcelDecision.RESEND, user_id=staff().pk)
    assert [reprints(client, order) for _twice in "12"] == [0, 1]
    deliver(ship(order))
    settle(receive(ask_return(order, exchange_for=large)), ReturnOutcome.EXCHANGE)
    assert [reprints(client, order) for _twice in "12"] == [0, 1]
    pack_lines(group_id=order.groups.get().pk, actor_id=staff().pk)
    assert reprints(client, order) == 1


@pytest.mark.django_db(transaction=True)
def test_two_hands_print_one_slip_first_and_one_again() -> None:
    order, user = confirmed(), staff().pk
    group = order.groups.get().pk
    print_it = partial(record_printed, order_pks=[order.pk], user_id=user)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert print_it() == {}
            again = start(pool, print_it)
            wait_until_blocked()
        assert again.result(timeout=30) == {group: True}
