"""An order that is paid at the door, from its placement to its end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.tests.builders import make_variant, stock_of
from orders.calling_off import call_off
from orders.delivery import decide_parcel, mark_lost, mark_returned_to_sender
from orders.emails import write_called_off, write_confirmed, write_shipped
from orders.fulfilment import SentWhole
from orders.models import (
    CallOffReason,
    Invoice,
    Order,
    OrderEvent,
    OrderStatus,
    ParcelDecision,
    RefundDue,
    ReturnOutcome,
)
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart, make_contact, make_order
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship, staff
from orders.tests.receipts.builders import seal_all
from payments.books import differences
from payments.cancelling import cancel_by_customer
from payments.checkout import (
    MethodNotOffered,
    PaymentClosed,
    offer_again,
    offer_methods,
    pay_again,
    place_and_pay,
)
from payments.cod.risk import CodNotOffered, Purchase, Why, why_not
from payments.models import AttemptState, LedgerTransaction, PaymentAttempt, PaymentReceipt, Refund
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_attempt, pay
from payments.tests.cod.builders import attempt_of, make_cod, sent
from payments.tests.test_admin import signed_in, url_of
from payments.tests.test_checkout import order_form
from payments.tests.test_receipts import balances, open_exceptions
from shop.core.models import OutboxMessage
from shop.core.money import Money
from tests.racing import race, wait_until_blocked

TOTAL = Money(161_000, "IDR")


def codes(purchase: Purchase | None) -> list[str]:
    return [spec.code for spec in offer_methods(total=TOTAL, purchase=purchase)]


# --- placing --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_is_confirmed_at_once_and_nothing_is_sold_yet() -> None:
    shirt = make_variant(on_hand=3)
    order = make_cod({shirt: 1})
    assert (order.status, order.collect_minor) == (OrderStatus.CONFIRMED, order.total_minor)
    assert stock_of(shirt) == (2, 0)
    assert (attempt_of(order).state, attempt_of(order).next_poll_at) == ("pending", None)
    assert (balances(), payment_status(order=order)) == ({}, PaymentStatus.UNPAID)
    assert [one.key for one in OutboxMessage.objects.all()] == [f"order-confirmed:{order.pk}"]
    letter = write_confirmed(order.pk)
    assert letter is not None
    assert letter.order.to_collect == order.total
    assert seal_all()
    assert list(differences()) == []


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_order() -> None:
    shirt = make_variant(on_hand=3)
    form = order_form(make_cart({shirt: 1}), method="cod")
    race([partial(place_and_pay, **form)] * 4)
    assert (Order.objects.count(), stock_of(shirt)) == (1, (2, 0))
    assert OrderEvent.objects.filter(kind="confirmed_to_collect").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_placed_order_that_is_to_be_paid_at_the_door_after_all_is_confirmed_once() -> None:
    shirt = make_variant(on_hand=3)
    order = make_order(lines={shirt: 1})
    first = make_attempt(order)
    results = race([partial(pay_again, order=order, method="cod", details={})] * 4)
    assert sorted(type(result).__name__ for result in results) == [
        "PaymentAttempt",
        *["PaymentClosed"] * 3,
    ]
    first.refresh_from_db()
    order.refresh_from_db()
    assert (order.status, order.collect_minor) == (OrderStatus.CONFIRMED, order.total_minor)
    assert first.cancel_requested_at is not None
    assert stock_of(shirt) == (2, 0)
    assert OrderEvent.objects.filter(kind="confirmed_to_collect").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_order_that_ends_at_that_moment_is_not_confirmed() -> None:
    shirt = make_variant(on_hand=3)
    order = make_order(lines={shirt: 1})

    def choose() -> None:
        try:
            pay_again(order=order, method="cod", details={})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert close_unpaid(order_id=order.pk)
            chosen = pool.submit(choose)
            wait_until_blocked()
        assert isinstance(chosen.exception(), PaymentClosed)
    order.refresh_from_db()
    assert (order.status, order.collect_minor) == (OrderStatus.EXPIRED, 0)
    assert stock_of(shirt) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_one_person_does_not_get_more_orders_at_once_than_are_allowed(settings: Settings) -> None:
    settings.COD_MAX_OPEN = 1
    shirt = make_variant(on_hand=9)
    forms = [order_form(make_cart({shirt: 1}), method="cod") for _ in range(4)]
    results = race([partial(place_and_pay, **form) for form in forms])
    assert [type(result) for result in results].count(CodNotOffered) == 3, results
    assert stock_of(shirt) == (8, 0)


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_is_offered_only_where_more_than_the_total_is_known(settings: Settings) -> None:
    assert "cod" not in codes(None)
    assert "cod" in codes(Purchase(TOTAL, country="ID"))
    settings.COD_IS_OFFERED = False
    assert "cod" not in codes(Purchase(TOTAL, country="ID"))
    with pytest.raises(MethodNotOffered):
        make_cod()


@pytest.mark.django_db
def test_the_rules_of_risk(settings: Settings) -> None:
    settings.COD_MAX_TOTAL = 161_000
    settings.COD_COURIERS = ["J&T Express", "JNE"]
    settings.COD_PROVINCES = ["32"]
    home: dict[str, Any] = {"country": "ID", "province": "32", "couriers": ["jnt"]}
    assert why_not(Purchase(TOTAL, **home)) is None
    cases: list[tuple[dict[str, Any], Why]] = [
        ({"total": Money(161_001, "IDR")}, Why.TOTAL),
        ({"parcels": 2}, Why.PARCELS),
        ({"is_part_paid": True}, Why.PART),
        ({"country": "SG"}, Why.PLACE),
        ({"province": "51"}, Why.PLACE),
        ({"couriers": ["SiCepat"]}, Why.COURIER),
    ]
    for changed, why in cases:
        assert why_not(Purchase(**{"total": TOTAL, **home, **changed})) == why


@pytest.mark.django_db
def test_what_the_page_could_not_know_placement_refuses_and_changes_nothing(
    settings: Settings,
) -> None:
    settings.COD_PROVINCES = ["51"]
    shirt = make_variant(on_hand=3)
    with pytest.raises(CodNotOffered) as refused:
        make_cod({shirt: 1})
    assert str(refused.value) == "no cash on delivery: place"
    assert (Order.objects.count(), stock_of(shirt)) == (0, (3, 0))


@pytest.mark.django_db
def test_who_did_not_take_a_parcel_is_not_offered_it_again_for_a_time() -> None:
    order = make_cod()
    parcel = sent(order)
    mark_returned_to_sender(shipment_id=parcel.pk)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    with pytest.raises(CodNotOffered):
        make_cod()
    # Nor at that address under another name.
    with pytest.raises(CodNotOffered):
        make_cod(email="ani@example.com")
    parcel.refresh_from_db()
    parcel.shipped_at = timezone.now() - timedelta(days=181)
    parcel.save(update_fields=["shipped_at"])
    assert make_cod().collect_minor


@pytest.mark.django_db
def test_staff_take_it_from_a_buyer_on_the_order_page() -> None:
    order = make_cod()
    page = url_of(order)
    client = signed_in()
    assert "No cash on delivery for this buyer any more" in client.get(page).text
    token = client.get(page).context["form_token"]
    for _twice in range(2):
        client.post(f"/admin/orders/order/{order.pk}/do/ban-cod/0/", {"form_token": token})
    assert "is not offered cash on delivery any more" in client.get(page).text
    with pytest.raises(CodNotOffered):
        make_cod()
    # A neighbour may still have it.
    neighbour = make_contact("ani@example.com", "081200000001")
    form = order_form(make_cart(), method="cod", contact=neighbour)
    assert place_and_pay(**form).order.collect_minor


@pytest.mark.django_db
def test_an_unpaid_order_is_offered_it_and_a_second_one_beyond_the_limit_is_not(
    settings: Settings,
) -> None:
    settings.COD_MAX_OPEN = 1
    first, second = make_order(), make_order()
    assert "cod" in [spec.code for spec in offer_again(order=first, rest=first.total)]
    pay_again(order=first, method="cod", details={})
    assert "cod" not in [spec.code for spec in offer_again(order=second, rest=second.total)]
    with pytest.raises(CodNotOffered):
        pay_again(order=second, method="cod", details={})
    second.refresh_from_db()
    assert (second.status, second.collect_minor) == (OrderStatus.PENDING, 0)
    assert PaymentAttempt.objects.filter(order=second).count() == 0


@pytest.mark.django_db
def test_the_app_asks_with_the_country_and_the_parcels(client: Client) -> None:
    def listed(**query: Any) -> list[str]:
        answer = client.get("/api/v1/payment-methods", {"total": 161_000} | query)
        return [one["method"] for one in answer.json()["results"]]

    assert "cod" not in listed()
    assert "cod" in listed(country="ID")
    assert "cod" not in listed(country="ID", parcels=2)
    assert "cod" not in listed(country="SG")


# --- sending --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_leaves_is_sold_and_the_courier_owes_its_money() -> None:
    order = make_cod()
    parcel = sent(order)
    assert balances() == {
        "cod_receivable": order.total_minor,
        "sales": -order.subtotal_minor,
        "shipping_income": -order.shipping_minor,
    }
    letter = write_shipped(parcel.pk)
    assert letter is not None
    assert letter.context["to_collect"] == order.total
    assert payment_status(order=order) == PaymentStatus.UNPAID
    assert list(differences()) == []


@pytest.mark.django_db
def test_it_leaves_in_one_parcel() -> None:
    order = make_cod({make_variant(on_hand=3): 2})
    with pytest.raises(SentWhole):
        ship(order, 1)
    assert balances() == {}
    ship(order, 2)
    assert balances()["cod_receivable"] == order.total_minor


@pytest.mark.django_db
def test_the_slip_says_what_to_collect_and_the_page_what_to_have_ready() -> None:
    order = make_cod()
    slip = signed_in().get(f"/admin/orders/order/slips/?ids={order.pk}").text
    assert f"COD: collect {order.total.format()}" in slip
    page = Client().get(f"/en/orders/{order.token}/").text
    assert f"Please have {order.total.format()} in cash ready for the courier." in page
    assert "Payment received" not in page
    assert "we send you" not in page


@pytest.mark.django_db
def test_called_off_before_it_leaves_nothing_is_owed_back() -> None:
    shirt = make_variant(on_hand=3)
    order = make_cod({shirt: 1})
    seal_all()
    assert cancel_by_customer(order_id=order.pk, seen_paid=True)
    order.refresh_from_db()
    assert (order.status, order.collect_minor) == (OrderStatus.CANCELLED, 0)
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.uncollected_minor) == (0, order.total_minor)
    assert not Refund.objects.exists()
    assert (balances(), stock_of(shirt)) == ({}, (3, 0))
    assert attempt_of(order).state == AttemptState.CANCELLED
    # The invoice that was written at the sale is taken back.
    assert Invoice.objects.get(kind="credit_note").total_minor == order.total_minor
    letter = write_called_off(order.pk)
    assert letter is not None
    assert letter.context["refund"] is None
    assert list(differences()) == []


@pytest.mark.django_db
def test_staff_call_it_off_too() -> None:
    order = make_cod()
    call_off(order_id=order.pk, reason=next(iter(CallOffReason)), user_id=staff().pk)
    assert (balances(), Refund.objects.count()) == ({}, 0)
    assert list(differences()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("astray", [mark_lost, mark_returned_to_sender])
def test_what_comes_back_or_is_lost_is_asked_of_nobody_any_more(astray: Any) -> None:
    order = make_cod()
    parcel = sent(order)
    seal_all()
    astray(shipment_id=parcel.pk)
    assert balances()["cod_receivable"] == order.total_minor
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    order.refresh_from_db()
    assert (order.collect_minor, balances()) == (0, {})
    assert (RefundDue.objects.get().amount_minor, Refund.objects.count()) == (0, 0)
    assert attempt_of(order).state == AttemptState.CANCELLED
    page = Client().get(f"/en/orders/{order.token}/").text
    assert "The money for parcel" not in page
    assert list(differences()) == []


@pytest.mark.django_db
def test_what_is_sent_again_is_sold_once_and_still_to_be_paid() -> None:
    order = make_cod()
    parcel = sent(order)
    mark_returned_to_sender(shipment_id=parcel.pk)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.RESEND, user_id=staff().pk)
    sent(order)
    assert LedgerTransaction.objects.filter(kind="sale").count() == 1
    assert balances()["cod_receivable"] == order.collect_minor == order.total_minor
    assert list(differences()) == []


@pytest.mark.django_db
def test_a_return_after_delivery_is_owed_as_usual() -> None:
    order = make_cod()
    deliver(sent(order))
    order.refresh_from_db()
    settle(receive(ask_return(order), restock_item=None), ReturnOutcome.REFUND)
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.uncollected_minor) == (149_000, 0)
    assert Refund.objects.get().amount_minor == 149_000
    order.refresh_from_db()
    assert order.collect_minor == order.total_minor
    assert list(differences()) == []


@pytest.mark.django_db
def test_money_by_another_way_for_it_is_money_too_much() -> None:
    order = make_order()
    dana = make_attempt(order)
    pay_again(order=order, method="cod", details={})
    pay(dana)
    order.refresh_from_db()
    assert order.collect_minor == order.total_minor
    assert (open_exceptions(), PaymentReceipt.objects.get().disposition) == (
        ["duplicate"],
        "duplicate",
    )
    assert list(differences()) == []
