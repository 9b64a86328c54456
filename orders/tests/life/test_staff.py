"""Staff lead an order through its life with one button each, and tell each other about it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.builders import make_owner, make_staff
from catalog.tests.builders import make_variant, stock_of
from orders.closing import close_due
from orders.delivery import mark_lost, mark_returned_to_sender
from orders.models import Order, OrderNote, OrderStatus, RefundDue, Return, Shipment
from orders.notes import erase_words
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    delivered,
    events,
    long_ago,
    send_mails,
    ship,
    two_sizes,
)
from orders.tests.test_admin import found, page_of, signed_in
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db


def press(
    client: Client, order: Order, name: str, target: int = 0, *, token: str = "", **typed: Any
) -> Any:
    """One press of a button, on a page as it is now, followed to the page that answers."""
    url = reverse("admin:orders_order_do", args=[order.pk, name, target])
    data = {"form_token": token or uuid4().hex, **typed}
    return client.post(url, data, follow=True)


def test_a_parcel_is_packed_sent_and_delivered_with_a_button_each() -> None:
    order = confirmed()
    client = signed_in()
    group = order.groups.get()
    assert "Only pack it for now" in client.get(page_of(order)).text
    press(client, order, "pack", group.pk)
    parcel = Shipment.objects.get()
    assert found(client, show="to_ship") == [order.number]
    press(client, order, "ship-packed", parcel.pk, courier="JNE", tracking_number="JP1")
    assert found(client, show="to_ship") == []
    press(client, order, "correct", parcel.pk, courier="JNE", tracking_number="JP2")
    text = press(client, order, "delivered", parcel.pk).text
    for words in ("Marked as delivered", "corrected from JNE JP1 to JP2", "JP2 has arrived"):
        assert words in text, words
    assert "Not delivered after all" in text
    press(client, order, "undelivered", parcel.pk)
    order.refresh_from_db()
    assert order.fulfilment == "shipped"


def test_a_second_press_of_the_same_button_does_nothing_again() -> None:
    order = confirmed({make_variant(): 2})
    group, client, token = order.groups.get(), signed_in(), uuid4().hex
    for _twice in "12":
        press(client, order, "pack", group.pk, token=token)
    assert Shipment.objects.count() == 1


def test_a_page_without_its_token_books_nothing() -> None:
    order = confirmed()
    answer = press(signed_in(), order, "pack", order.groups.get().pk, token="old")
    assert "The page was too old" in answer.text
    assert Shipment.objects.count() == 0


def test_what_went_astray_is_to_be_settled_until_it_is_decided() -> None:
    shirt = make_variant(on_hand=3)
    order = confirmed({shirt: 1})
    parcel = ship(order)
    client = signed_in()
    assert found(client, show="to_settle") == []
    press(client, order, "came-back", parcel.pk)
    assert found(client, show="to_settle") == [order.number]
    assert 'Returns and trouble <b class="count">1</b>' in client.get("/admin/orders/order/").text
    item = shirt.stock_items.get().pk
    text = press(client, order, "refund", parcel.pk, **{f"restock-{item}": "1"}).text
    assert "have to be given back to the customer by hand" in text
    assert stock_of(shirt) == (3, 0)
    # The money is still to be given back.
    assert found(client, show="to_settle") == [order.number]


def test_a_lost_parcel_is_sent_again_with_a_button() -> None:
    order = confirmed()
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    client = signed_in()
    assert "Decide what becomes of its goods" in client.get(page_of(order)).text
    press(client, order, "resend", parcel.pk)
    assert found(client, show="to_ship") == [order.number]


def test_a_return_goes_its_way_with_a_button_each() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    asked = ask_return(order, exchange_for=large, note="Terlalu sempit")
    line = asked.lines.get()
    client = signed_in()
    text = client.get(page_of(order)).text
    for words in (asked.number, "Too small", "Terlalu sempit", "Terakota, L"):
        assert words in text, words
    press(client, order, "approve", asked.pk, answer="Kirim ke butik")
    item = medium.stock_items.get().pk
    typed = {
        f"units-{line.pk}": "1",
        f"condition-{line.pk}": "as_new",
        f"restock-{line.pk}": str(item),
        f"restock-units-{line.pk}": "1",
    }
    press(client, order, "receive", asked.pk, token="", **typed)
    text = press(client, order, "settle-exchange", asked.pk).text
    assert "In exchange for Terakota, M" in text
    assert (stock_of(medium), stock_of(large)) == ((10, 0), (9, 0))
    assert found(client, show="to_ship") == [order.number]


def test_staff_ask_for_a_late_return_of_a_closed_order() -> None:
    order = delivered()
    long_ago(order, 99)
    close_due(within=timedelta(seconds=5))
    client, user = signed_in(), make_staff("orders.view_order")
    url = reverse("admin:orders_order_return", args=[order.pk])
    line = order.lines.get()
    typed = {"token": str(uuid4()), "outcome": "refund", "reason": "damaged", "note": ""}
    assert client.post(url, typed).status_code == 422
    for _twice in "12":
        text = client.post(url, typed | {f"units-{line.pk}": "1"}, follow=True).text
    assert "The return is asked for" in text
    goods_return = Return.objects.get()
    assert (goods_return.state, goods_return.requested_by is not None) == ("requested", True)
    assert signed_in(user).get(url).status_code == 403


def test_a_refusal_needs_its_reason_and_a_refund_is_owed() -> None:
    order = delivered({make_variant(): 2})
    first, second = ask_return(order), ask_return(order)
    client = signed_in()
    assert "Write to the customer why" in press(client, order, "reject", first.pk).text
    press(client, order, "reject", first.pk, answer="Sudah dipakai")
    press(client, order, "approve", second.pk)
    press(client, order, "receive", second.pk, **{f"units-{second.lines.get().pk}": "1"})
    assert "Give back, at most Rp149.000" in client.get(page_of(order)).text
    typed = {"amount": "Rp100.000", "reason": "Sudah dipakai"}
    refusals = {
        "Write it like 149.000": [{"amount": "banyak"}, {"amount": ""}],
        "No more can be given back": [{"amount": "149.001"}],
        "why it is not the whole amount": [{"reason": ""}],
        "Enter the lower amount": [{"amount": "Rp149.000"}],
    }
    for words, wrongs in refusals.items():
        for wrong in wrongs:
            text = press(client, order, "settle-refund", second.pk, **typed | wrong).text
            assert words in text, wrong
    assert not RefundDue.objects.exists()
    press(client, order, "settle-refund", second.pk, **typed)
    assert set(Return.objects.values_list("state", flat=True)) == {"rejected", "settled"}
    assert RefundDue.objects.get().amount_minor == 100_000


def test_a_button_reaches_only_what_is_of_its_order() -> None:
    mine, other = confirmed(), confirmed()
    parcel = ship(other)
    client = signed_in()
    assert press(client, mine, "delivered", parcel.pk).status_code == 404
    assert press(client, mine, "pack", other.groups.get().pk).status_code == 404
    assert press(client, mine, "approve", 1).status_code == 404
    assert press(client, mine, "explode", 1).status_code == 404
    parcel.refresh_from_db()
    assert parcel.status == "shipped"


def test_who_may_only_look_presses_nothing() -> None:
    order = confirmed()
    client = signed_in(make_staff("orders.view_order"))
    assert press(client, order, "pack", order.groups.get().pk).status_code == 403
    assert client.get(reverse("admin:orders_order_scan")).status_code == 403
    assert "Add the note" not in client.get(page_of(order)).text
    assert Shipment.objects.count() == 0


def test_what_is_no_number_of_units_is_not_taken_for_none() -> None:
    shirt = make_variant(on_hand=3)
    order = delivered({shirt: 2})
    asked = approve(ask_return(order, 2))
    line, item = asked.lines.get().pk, shirt.stock_items.get().pk
    typed = {f"units-{line}": "2", f"restock-{line}": str(item), f"restock-units-{line}": "2x"}
    assert (
        "“2x” is no number of units" in press(signed_in(), order, "receive", asked.pk, **typed).text
    )
    asked.refresh_from_db()
    assert (asked.state, stock_of(shirt)) == ("approved", (1, 0))


def test_notes_stand_between_the_events_with_their_author() -> None:
    order = confirmed()
    owner = make_owner()
    client, token = signed_in(owner), uuid4().hex
    for _twice in "12":
        text = press(client, order, "note", token=token, note="Minta dikirim Senin").text
    assert text.count("Minta dikirim Senin") == 1
    assert owner.email in text
    assert OrderNote.objects.count() == 1
    assert "Write the note first" in press(client, order, "note", note=" ").text
    assert "Minta dikirim" not in Client().get(f"/orders/{order.token}/").text


def test_peoples_words_can_be_erased() -> None:
    order = delivered()
    ask_return(order, note="Siti, 0812 3456")
    client = signed_in()
    press(client, order, "note", note="Siti menelepon")
    for _twice in "12":
        erase_words(order_id=order.pk)
    text = client.get(page_of(order)).text
    assert "Siti menelepon" not in text
    assert "0812 3456" not in text
    assert "words of this note have been erased" in text


def test_mails_are_read_and_sent_once_more() -> None:
    order = confirmed()
    parcel = ship(order, number="JP1")
    send_mails()
    client, token = signed_in(), uuid4().hex
    assert "Parcel sent" in client.get(page_of(order)).text
    shown = client.get(reverse("admin:orders_order_mail", args=[order.pk, f"shipped-{parcel.pk}"]))
    assert "JP1" in shown.text
    assert "siti@example.com" in shown.text
    for _twice in "12":
        press(client, order, "mail", token=token, mail=f"shipped-{parcel.pk}")
    (letter,) = send_mails()
    assert "JP1" in letter.body
    assert events(order)[-1] == "mail_sent_again"
    text = press(client, order, "mail", mail="shipped-999").text
    assert "no longer true of the order" in text
    assert not OutboxMessage.objects.filter(done_at=None).exists()


def test_a_mail_that_stopped_being_true_is_not_sent() -> None:
    order = confirmed()
    parcel = ship(order)
    send_mails()
    press(signed_in(), order, "mail", mail=f"shipped-{parcel.pk}")
    mark_returned_to_sender(shipment_id=parcel.pk)
    assert send_mails() == []


def test_the_chat_begins_with_the_order_in_its_language() -> None:
    order = confirmed(language="id")
    text = signed_in().get(page_of(order)).text
    link = re.search(r'https://wa\.me/6281234567890\?text=([^"]+)', text)
    assert link is not None
    assert order.number in link[1]


def test_the_orders_before_and_after_are_a_click_away() -> None:
    shirt = make_variant()
    first, middle, last = (confirmed({shirt: 1}) for _ in "123")
    text = signed_in().get(page_of(middle)).text
    assert f'href="{page_of(first)}" rel="next"' in text
    assert f'href="{page_of(last)}" rel="prev"' in text


def test_packing_slips_of_chosen_orders() -> None:
    shirt = make_variant(sku="KK-M")
    orders = [confirmed({shirt: 2}) for _ in "12"]
    client = signed_in()
    chosen = {"action": "print_slips", "_selected_action": [order.pk for order in orders]}
    answer = client.post("/admin/orders/order/", chosen, follow=True)
    text = answer.text
    assert text.count('class="slip"') == 2
    for words in (orders[0].number, orders[1].number, "KK-M", "Jl. Braga No. 12", "2 ×"):
        assert words in text, words
    assert 'class="a6"' in text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_slips_cost_the_same_for_one_order_and_for_ten() -> None:
    shirt = make_variant(on_hand=50)
    orders = [confirmed({shirt: 1}) for _ in range(10)]
    client = signed_in()
    url = reverse("admin:orders_order_slips")
    client.get(url, {"ids": str(orders[0].pk)})
    with CaptureQueriesContext(connection) as one:
        client.get(url, {"ids": str(orders[0].pk)})
    with CaptureQueriesContext(connection) as ten:
        client.get(url, {"ids": ",".join(str(order.pk) for order in orders)})
    assert len(ten) == len(one)


def scan(client: Client, **typed: str) -> Any:
    return client.post(reverse("admin:orders_order_scan"), typed, follow=True)


def test_packers_scan_order_and_parcel_without_a_mouse() -> None:
    order = confirmed()
    client = signed_in()
    first = scan(client, number=order.number.lower(), tracking_number="")
    assert "Siti Aminah" in first.text
    assert re.search(r'name="tracking_number"[^>]*autofocus', first.text)
    second = scan(client, number=order.number, tracking_number="JP1")
    assert f"{order.number} sent with JNE, JP1" in second.text
    assert re.search(r'name="number"[^>]*autofocus', second.text)
    again = scan(client, number=order.number, tracking_number="JP1")
    assert "has been sent already" in again.text
    assert Shipment.objects.get().tracking_number == "JP1"


@pytest.mark.parametrize(
    ("status", "words"), [(None, "No order has this number"), ("pending", "is not confirmed")]
)
def test_what_cannot_be_sent_says_why(status: str | None, words: str) -> None:
    number = make_order(status=OrderStatus(status)).number if status else "AAAA-AAAA"
    answer = scan(signed_in(), number=number, tracking_number="JP1")
    assert (answer.status_code, words in answer.text) == (422, True)
    assert Shipment.objects.count() == 0


def test_each_tab_reads_an_index_of_its_own() -> None:
    """With sequential reads forbidden, the plan names the index that the tab was given."""
    shirt = make_variant()
    for status in OrderStatus:
        make_order(status=status, lines={shirt: 1})
    tabs = {
        "to_ship": "order_to_ship",
        "sent": "order_sent",
        "ended": "order_ended",
    }
    client = signed_in()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        for tab, index in tabs.items():
            rows = client.get("/admin/orders/order/", {"show": tab}).context["cl"].queryset
            assert index in rows[:50].explain(), tab
