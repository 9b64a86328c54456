"""The app cancels an unpaid order and returns what has arrived."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Variant
from catalog.tests.builders import make_variant, stock_of
from orders.fulfilment import pack_lines
from orders.models import Order, OrderStatus, RefundDue, Return, ReturnOutcome
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    delivered,
    receive,
    settle,
    ship,
    staff,
    two_sizes,
)
from orders.tests.life.test_going_astray import assumed
from shop.api.tests.client import App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid

pytestmark = pytest.mark.django_db


def cancelled(order: Order, *, token: str = "", **said: bool) -> Any:
    path = f"/orders/{order.number}/cancel"
    return App().post(path, said or None, x_order_token=token or order.token)


def returned(order: Order, variant: Variant, *, key: str = "", **said: Any) -> Any:
    line = {"variant": str(variant.public_id), "quantity": 1} | said.pop("line", {})
    body = {"lines": [line], "outcome": "refund", "reason": "too_small"} | said
    headers = {"idempotency_key": key} if key else {}
    path = f"/orders/{order.number}/returns"
    return App("en").post(path, body, x_order_token=order.token, **headers)


def test_an_unpaid_order_is_cancelled_once() -> None:
    shirt = make_variant(on_hand=2)
    order = make_order(lines={shirt: 2})
    for _twice in "12":
        answer = answer_of(cancelled(order), 200)
        assert_valid("/orders/{number}/cancel", "post", "200", answer)
        assert answer["status"] == "cancelled"
    assert stock_of(shirt) == (2, 0)


def test_a_paid_order_is_cancelled_until_somebody_packs() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    # An app that means to stop its payment learns that it has arrived.
    problem_of(cancelled(order), 409, "paid_already")
    assert RefundDue.objects.count() == 0
    answer = answer_of(cancelled(order, is_paid=True), 200)
    assert_valid("/orders/{number}/cancel", "post", "200", answer)
    assert (answer["status"], RefundDue.objects.get().order) == ("cancelled", order)


def test_a_sent_order_and_a_strangers_are_refused() -> None:
    sent, unpaid = make_order(status=OrderStatus.CONFIRMED), make_order()
    ship(sent)
    problem_of(cancelled(sent, is_paid=True), 409, "being_packed")
    problem_of(cancelled(unpaid, token="wrong"), 404, "order_not_found")
    unpaid.refresh_from_db()
    assert unpaid.status == "pending"


def test_what_arrived_is_exchanged_and_seen_with_the_order() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    exchange = {"exchange_for": str(large.public_id)}
    answer = answer_of(returned(order, medium, outcome="exchange", line=exchange), 201)
    assert_valid("/orders/{number}/returns", "post", "201", answer)
    assert (answer["state"], answer["refund"]) == ("requested", None)
    assert answer["lines"][0]["exchange_for"] == str(large.public_id)
    shown = answer_of(App().get(f"/orders/{order.number}", x_order_token=order.token), 200)
    assert_valid("/orders/{number}", "get", "200", shown)
    assert [each["id"] for each in shown["returns"]] == [answer["id"]]
    assert shown["can_return"] is False
    (parcel,) = shown["groups"][0]["shipments"]
    assert parcel["lines"] == [{"variant": str(medium.public_id), "quantity": 1}]


def test_the_same_key_is_the_same_return() -> None:
    shirt = make_variant()
    order, key = delivered({shirt: 2}), str(uuid4())
    first, second = (answer_of(returned(order, shirt, key=key), 201) for _ in "12")
    assert first == second
    assert Return.objects.count() == 1


def test_what_cannot_be_returned_says_why_and_changes_nothing() -> None:
    shirt = make_variant()
    waiting = confirmed({shirt: 1})
    ship(waiting)
    problem_of(returned(waiting, shirt), 409, "not_returnable")
    order = delivered({shirt: 1})
    problem_of(returned(order, make_variant()), 404, "not_bought")
    other = {"exchange_for": str(make_variant().public_id)}
    wrong = returned(order, shirt, outcome="exchange", line=other)
    problem_of(wrong, 422, "exchange_not_offered")
    problem_of(returned(order, shirt, reason="bored"), 400, "validation_error")
    assert Return.objects.count() == 0


def test_it_is_kept_after_all_until_the_answer() -> None:
    shirt = make_variant()
    order = delivered({shirt: 2})
    first = answer_of(returned(order, shirt), 201)
    path = f"/orders/{order.number}/returns/{first['id']}"
    for _twice in "12":
        answer = answer_of(App().delete(path, x_order_token=order.token), 200)
        assert answer["state"] == "cancelled"
    second = answer_of(returned(order, shirt), 201)
    approve(Return.objects.get(public_id=second["id"]))
    path = f"/orders/{order.number}/returns/{second['id']}"
    problem_of(App().delete(path, x_order_token=order.token), 409, "invalid_transition")


def seen(order: Order) -> dict[str, Any]:
    shown = answer_of(App("en").get(f"/orders/{order.number}", x_order_token=order.token), 200)
    assert_valid("/orders/{number}", "get", "200", shown)
    return shown


def test_the_app_knows_what_can_be_cancelled_and_what_comes_back() -> None:
    unpaid, paid, packed = make_order(), confirmed(), confirmed()
    pack_lines(group_id=packed.groups.get().pk, actor_id=staff().pk)
    assert [seen(order)["can_cancel"] for order in (unpaid, paid, packed)] == [True, True, False]
    assert seen(paid)["refunds"] == []
    answer_of(cancelled(paid, is_paid=True), 200)
    due, answer = RefundDue.objects.get(), seen(paid)
    (refund,) = answer["refunds"]
    said = refund["amount"]["amount"], refund["paid_on"], refund["reference"], refund["reason"]
    assert (answer["can_cancel"], said) == (False, (due.amount_minor, None, "", ""))
    RefundDue.objects.update(
        paid_at=timezone.now(), paid_on=timezone.localdate(), paid_reference="BCA 4711"
    )
    (refund,) = seen(paid)["refunds"]
    assert refund["paid_on"] == timezone.localdate().isoformat()
    assert (refund["reference"], refund["owed_since"][-1]) == ("BCA 4711", "Z")


def test_the_app_reads_why_it_is_less_and_what_was_only_assumed() -> None:
    order, _parcel = assumed()
    assert seen(order)["groups"][0]["shipments"][0]["is_assumed"] is True
    came = receive(ask_return(order))
    settle(came, ReturnOutcome.REFUND, amount_minor=1_000, reason="Sudah dipakai")
    answer = seen(order)
    assert answer["returns"][0]["refund_reason"] == "Sudah dipakai"
    (refund,) = answer["refunds"]
    assert (refund["amount"]["amount"], refund["reason"]) == (1_000, "Sudah dipakai")
    with CaptureQueriesContext(connection) as one:
        seen(order)
    second = receive(ask_return(other := delivered({make_variant(): 3})))
    for goods_return in (second, receive(ask_return(other))):
        settle(goods_return, ReturnOutcome.REFUND)
    with CaptureQueriesContext(connection) as two:
        assert len(seen(other)["refunds"]) == 2
    assert len(two) == len(one)
