"""What customers see and do on the page of their order."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.tests.builders import make_variant
from orders.delivery import decide_parcel, mark_lost
from orders.models import Order, OrderStatus, ParcelDecision, Return, ReturnOutcome
from orders.returns.settling import settle_return
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    deliver,
    delivered,
    receive,
    ship,
    staff,
    two_sizes,
)

pytestmark = pytest.mark.django_db


def page(order: Order) -> str:
    return Client().get(f"/en/orders/{order.token}/").text


def form_of(order: Order) -> str:
    return f"/en/orders/{order.token}/return/"


def sent(order: Order, *, token: str = "", **typed: Any) -> Any:
    """The form filled in and sent, by default one unit for money."""
    client = Client()
    first = client.get(form_of(order)).text
    found = re.search(r'name="token" value="([^"]+)"', first)
    line = order.lines.order_by("pk").first()
    assert line is not None
    data = {
        "token": token or (found[1] if found else ""),
        "outcome": "refund",
        "reason": "too_small",
        "note": "",
        f"units-{line.pk}": "1",
    }
    return client.post(form_of(order), data | typed, follow=True)


def test_each_parcel_stands_on_its_own_with_what_is_in_it() -> None:
    order = confirmed({make_variant(): 3})
    assert "Parcel" not in page(order)
    deliver(ship(order, 1, number="JP1"))
    ship(order, number="JP2")
    text = page(order)
    for words in ("Parcel 1 of 2", "Parcel 2 of 2", "Arrived", "On its way to you"):
        assert words in text, words
    assert "awb=JP2" in text
    assert "awb=JP1" not in text
    assert text.index("1 × ") < text.index("2 × ")
    assert "JP1 has arrived" in text


def test_what_is_only_packed_is_not_shown() -> None:
    order = confirmed()
    ship(order)
    order.groups.get().shipments.update(status="packed")
    assert "Tracking number" not in page(order)


def test_a_lost_parcel_says_what_becomes_of_it() -> None:
    order = confirmed()
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    assert "Lost on its way; we will write to you" in page(order)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    assert "Did not arrive. We send you Rp161.000 back." in page(order)


def test_a_return_is_asked_for_without_an_account_or_a_script() -> None:
    order = delivered({make_variant(): 2})
    assert "Return or exchange something" in page(order)
    text = sent(order, note="Sempit").text
    goods_return = Return.objects.get()
    assert (goods_return.note, goods_return.requested_by) == ("Sempit", None)
    for words in ("We have your request", f"Return {goods_return.number}", "do not send anything"):
        assert words in text, words
    Client().post(f"/en/orders/{order.token}/returns/{goods_return.public_id}/end/")
    goods_return.refresh_from_db()
    assert goods_return.state == "cancelled"


def test_an_exchange_offers_what_there_is() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    line = order.lines.get()
    text = Client().get(form_of(order)).text
    assert "Terakota, L" in text
    sent(order, outcome="exchange", **{f"exchange-{line.pk}": str(large.public_id)})
    goods_return = Return.objects.get()
    assert goods_return.lines.get().exchange_variant == large
    settle_return(
        return_id=receive(goods_return).pk, outcome=ReturnOutcome.EXCHANGE, user_id=staff().pk
    )
    text = page(order)
    assert "in exchange for Terakota, M" in text
    assert "What you get in exchange is being packed." in text


def test_the_same_form_twice_is_one_return() -> None:
    order = delivered({make_variant(): 2})
    token = "0e4f7a52-3f0c-4a8e-9d53-5a7a44d5d1aa"
    for _twice in "12":
        sent(order, token=token)
    assert Return.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"outcome": "exchange"}, "cannot be had in exchange"),
        ({"reason": ""}, "This field is required"),
        ({"units": "0"}, "Choose at least one item"),
        ({"units": "9"}, "less than or equal to 2"),
        ({"token": "x"}, "valid UUID"),
    ],
)
def test_a_form_filled_in_wrongly_says_so_and_changes_nothing(
    wrong: dict[str, str], words: str
) -> None:
    order = delivered({make_variant(): 2})
    units = wrong.pop("units", "1")
    answer = sent(order, **{f"units-{order.lines.get().pk}": units}, note="Halo", **wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Halo" in answer.text
    assert Return.objects.count() == 0


def test_what_has_not_arrived_offers_no_return() -> None:
    order = confirmed()
    ship(order)
    assert "Return or exchange something" not in page(order)
    assert "Nothing of this order can be returned now" in Client().get(form_of(order)).text
    assert sent(order).status_code == 422
    assert Return.objects.count() == 0


def test_an_approved_return_says_where_to_send_it(settings: Settings) -> None:
    settings.RETURN_ADDRESS = "RONA, Jl. Merdeka 1\nPekalongan"
    order = delivered()
    goods_return = approve(ask_return(order), answer="Terima kasih")
    text = page(order)
    for words in ("RONA, Jl. Merdeka 1<br>Pekalongan", "Terima kasih", goods_return.number):
        assert words in text, words
    answer = Client().post(
        f"/en/orders/{order.token}/returns/{goods_return.public_id}/end/", follow=True
    )
    assert "already moved on" in answer.text
    goods_return.refresh_from_db()
    assert goods_return.state == "approved"


def test_a_return_is_reached_only_through_its_order() -> None:
    mine, other = delivered(), delivered()
    goods_return = ask_return(other)
    Client().post(f"/en/orders/{mine.token}/returns/{goods_return.public_id}/end/")
    goods_return.refresh_from_db()
    assert goods_return.state == "requested"


def test_only_what_is_not_being_packed_offers_to_be_cancelled() -> None:
    assert "Yes, cancel it" in page(make_order())
    assert "Yes, cancel it" not in page(delivered())
    text = page(make_order(status=OrderStatus.CANCELLED))
    assert "Back to the cart" in text


def test_the_page_costs_the_same_for_one_parcel_and_for_five() -> None:
    small, large = confirmed({make_variant(): 1}), confirmed({make_variant(): 5})
    deliver(ship(small))
    for _each in range(5):
        deliver(ship(large, 1))
    ask_return(small)
    for _each in range(3):
        ask_return(large)
    page(small)
    with CaptureQueriesContext(connection) as one:
        page(small)
    with CaptureQueriesContext(connection) as five:
        page(large)
    assert len(five) == len(one)
