"""A paid order that is not sent after all: goods, promotions and money go back, once."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from catalog import waiting
from catalog.models import StockMovement, Waiting
from catalog.tests.builders import make_variant, stock_of
from orders.calling_off import (
    BeingPacked,
    PackedAlready,
    SentAlready,
    call_off,
    call_off_by_customer,
)
from orders.delivery import decide_parcel, mark_lost
from orders.fulfilment import NotPaid, pack_lines, ship_lines, unpack
from orders.models import (
    CallOffReason,
    Coupon,
    CreditReason,
    Invoice,
    InvoiceKind,
    Order,
    OrderEvent,
    OrderStatus,
    ParcelDecision,
    RefundDue,
    Shipment,
)
from orders.placing import place_order
from orders.settlement import confirm
from orders.slips_printed import record_printed
from orders.tests.builders import make_cart, make_checkout, make_order
from orders.tests.life.builders import confirmed, events, send_mails, ship, staff
from orders.tests.life.test_staff import press
from orders.tests.promotions.builders import make_coupon, with_code
from orders.tests.receipts.builders import invoice_of, seal_all, taxed
from orders.tests.test_admin import found, page_of, signed_in
from shop.core.models import OutboxMessage
from tests.racing import race

ASKED = CallOffReason.CUSTOMER_ASKED


def off(order: Order, *, reason: CallOffReason = CallOffReason.OTHER, restock: bool = True) -> bool:
    done = call_off(order_id=order.pk, reason=reason, user_id=staff().pk, restock=restock)
    order.refresh_from_db()
    return done


@pytest.mark.django_db
def test_all_of_a_paid_order_goes_back_once() -> None:
    shirt = make_variant(on_hand=3)
    order = confirmed({shirt: 2})
    seal_all()
    send_mails()
    assert [off(order), off(order)] == [True, False]
    assert (order.status, order.ended_at is not None) == ("cancelled", True)
    assert stock_of(shirt) == (3, 0)
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.paid_at) == (order.total_minor, None)
    event = OrderEvent.objects.get(kind="called_off")
    assert (event.actor, event.user, event.data["reason"]) == ("staff", staff(), "other")
    (letter,) = send_mails()
    assert (order.number in letter.subject, order.total.format() in letter.body) == (True, True)
    client = signed_in()
    assert (found(client, show="to_ship"), found(client, show="to_settle")) == ([], [order.number])


@pytest.mark.django_db
def test_the_sealed_invoice_is_taken_back_to_the_last_unit() -> None:
    order = confirmed({taxed(100_001): 3})
    seal_all()
    off(order)
    seal_all()
    invoice = invoice_of(order)
    paper = Invoice.objects.get(order=order, kind=InvoiceKind.CREDIT_NOTE)
    assert (paper.refers_to, paper.reason) == (invoice, CreditReason.CANCELLED)
    assert (paper.total_minor, paper.base_minor, paper.tax_minor) == (
        invoice.total_minor,
        invoice.base_minor,
        invoice.tax_minor,
    )
    assert paper.refund_due == RefundDue.objects.get()


@pytest.mark.django_db
def test_a_coupon_can_be_used_again_and_who_waits_is_next() -> None:
    shirt = make_variant(on_hand=1)
    coupon = make_coupon(max_uses=1)
    checkout = make_checkout(with_code(make_cart({shirt: 1})))
    order = place_order(checkout=checkout, reserve_until=timezone.now() + timedelta(minutes=30))
    waiting.join(
        variant_id=shirt.public_id,
        quantity=1,
        email="dewi@example.com",
        language="id",
        is_own=True,
    )
    confirm(order_id=order.pk)
    off(order)
    assert Coupon.objects.get(pk=coupon.pk).uses == 0
    assert Waiting.objects.get().state == "offered"
    assert stock_of(shirt) == (1, 1)


@pytest.mark.django_db
def test_what_is_missing_or_damaged_is_not_put_back_on_sale() -> None:
    shirt = make_variant(on_hand=6)
    off(confirmed({shirt: 2}), restock=False)
    for reason in ("not_there", "damaged"):
        order, client = confirmed({shirt: 2}), signed_in()
        press(client, order, "call-off", reason=reason, restock="1")
        event = OrderEvent.objects.get(order=order, kind="called_off")
        assert (event.data["reason"], event.data["restocked"]) == (reason, False)
    assert stock_of(shirt) == (0, 0)
    assert not StockMovement.objects.filter(kind="returned").exists()


@pytest.mark.django_db
def test_what_is_packed_is_unpacked_first_and_what_has_left_is_too_late() -> None:
    shirt = make_variant(on_hand=5)
    order, sent = confirmed({shirt: 2}), confirmed({shirt: 2})
    parcel = pack_lines(group_id=order.groups.get().pk, actor_id=staff().pk)
    with pytest.raises(PackedAlready):
        off(order)
    unpack(shipment_id=parcel.pk, actor_id=staff().pk)
    assert off(order)
    ship(sent, 1)
    with pytest.raises(SentAlready):
        off(sent)
    with pytest.raises(NotPaid):
        off(make_order())
    sent.refresh_from_db()
    assert (sent.status, stock_of(shirt)) == ("confirmed", (3, 0))
    assert RefundDue.objects.count() == 1


@pytest.mark.django_db
def test_what_was_to_be_sent_again_can_be_called_off() -> None:
    shirt = make_variant(on_hand=2)
    order = confirmed({shirt: 1})
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    with pytest.raises(SentAlready):
        off(order)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=staff().pk)
    off(order)
    # One is lost, and the one in its place is back.
    assert (order.status, stock_of(shirt)) == ("cancelled", (1, 0))


@pytest.mark.django_db
def test_an_order_that_cost_nothing_owes_nothing() -> None:
    order = confirmed()
    order.lines.update(unit_price_minor=0, total_minor=0)
    Order.objects.filter(pk=order.pk).update(subtotal_minor=0, shipping_minor=0, total_minor=0)
    order.groups.update(shipping_minor=0)
    order.refresh_from_db()
    client, path = signed_in(), f"/en/orders/{order.token}/"
    asked = [Client().get(path).text, client.get(page_of(order)).text]
    send_mails()
    done = press(client, order, "call-off", reason="customer_asked").text
    assert ("Yes, cancel it" in asked[0], "Called off" in done) == (True, True)
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.paid_at is not None) == (0, True)
    assert found(client, show="to_settle") == []
    (letter,) = send_mails()
    # Of no money nobody says that it goes back.
    for text in (*asked, done, Client().get(path).text, letter.body):
        for words in (
            "Rp0 back",
            "Rp0 are owed",
            "Rp0 owed",
            "money is owed",
            "its money goes back",
        ):
            assert words not in text, words


@pytest.mark.django_db
def test_staff_call_off_with_a_button_and_what_was_scanned_is_not_sent() -> None:
    shirt = make_variant(on_hand=3)
    order = confirmed({shirt: 1})
    client = signed_in()
    assert "Call the order off" in client.get(page_of(order)).text
    text = press(client, order, "call-off", reason="customer_asked", restock="1").text
    assert "Called off. Its money is owed now" in text
    assert f"{order.total.format()} have to be given back" in text
    assert "Call the order off" not in text
    # Nothing invites anybody to pack it.
    assert "Packing slip" not in text
    assert 'data-label="To send">0<' in text
    assert stock_of(shirt) == (3, 0)
    scanned = client.post(
        "/admin/orders/order/scan/", {"number": order.number, "tracking_number": "JP1"}
    )
    assert "do not send it" in scanned.text
    assert not Shipment.objects.exists()


@pytest.mark.django_db
def test_who_means_to_stop_a_payment_does_not_call_off_what_has_been_paid_meanwhile() -> None:
    order = confirmed({make_variant(on_hand=1): 1})
    path = f"/en/orders/{order.token}/"
    assert "has just arrived" in Client().post(f"{path}cancel/", follow=True).text
    order.refresh_from_db()
    assert (order.status, RefundDue.objects.count()) == ("confirmed", 0)
    assert 'name="paid"' in Client().get(path).text


@pytest.mark.django_db
def test_the_customer_cancels_a_paid_order_until_somebody_packs() -> None:
    shirt = make_variant(on_hand=5)
    mine, packed, printed = (confirmed({shirt: 1}) for _ in "123")
    pack_lines(group_id=packed.groups.get().pk, actor_id=staff().pk)
    record_printed(order_pks=[printed.pk], user_id=staff().pk)
    for order in (packed, printed):
        path = f"/en/orders/{order.token}/"
        assert "Yes, cancel it" not in Client().get(path).text
        text = Client().post(f"{path}cancel/", {"paid": "1"}, follow=True).text
        assert "being packed or on its way" in text
        with pytest.raises(BeingPacked):
            call_off_by_customer(order_id=order.pk)
    path = f"/en/orders/{mine.token}/"
    assert f"we send you {mine.total.format()} back" in Client().get(path).text
    for _twice in "12":
        text = Client().post(f"{path}cancel/", {"paid": "1"}, follow=True).text
    for words in ("Cancelled", "before anything of it was sent", "We send you Rp161.000 back"):
        assert words in text, words
    assert "Back to the cart" not in text
    assert "Money that still reaches us" not in text
    mine.refresh_from_db()
    event = OrderEvent.objects.get(kind="called_off")
    assert (mine.status, event.actor, event.data["reason"]) == ("cancelled", "customer", ASKED)
    assert stock_of(shirt) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_two_hands_call_off_once_and_nothing_of_it_is_sent() -> None:
    for _round in range(3):
        shirt = make_variant(on_hand=3)
        order = confirmed({shirt: 2})
        staff()
        send = partial(
            ship_lines,
            group_id=order.groups.get().pk,
            courier="JNE",
            tracking_number="JP1",
            actor_id=staff().pk,
        )
        with transaction.atomic():
            OutboxMessage.objects.all().delete()
        done = race([partial(off, Order.objects.get(pk=order.pk))] * 3 + [send])
        order.refresh_from_db()
        is_sent = isinstance(done[3], Shipment)
        assert done[:3].count(True) == (0 if is_sent else 1), done
        refused = [each for each in done if isinstance(each, Exception)]
        assert {type(each) for each in refused} <= ({SentAlready} if is_sent else {NotPaid}), done
        assert order.status == (OrderStatus.CONFIRMED if is_sent else OrderStatus.CANCELLED)
        assert stock_of(shirt) == ((1, 0) if is_sent else (3, 0))
        assert RefundDue.objects.filter(order=order).count() == (0 if is_sent else 1)
        assert events(order).count("called_off") == (0 if is_sent else 1)
