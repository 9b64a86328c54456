"""The main path of the mobile app, and every way in which it is refused."""

from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from catalog.models import Price
from catalog.tests.builders import make_product, make_variant, stock_of
from orders.models import Order
from payments.models import AttemptState, PaymentAttempt
from payments.polling import poll
from payments.tests.simulated import Simulator
from shop.api import repeats
from shop.api.tests.client import App, Json, answer_of, problem_of
from shop.core.models import IdempotencyRecord
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_list_of_products_to_a_paid_order(gateway_up: Simulator) -> None:
    app = App()
    make_variant(product=make_product("Kemeja Linen"), price=149_000, on_hand=3)
    (card,) = answer_of(app.get("/products"), 200)["results"]
    product = answer_of(app.get(f"/products/{card['slug']}"), 200)
    (variant,) = product["variants"]
    assert variant["price"] == {"amount": 149_000, "currency": "IDR", "formatted": "Rp149.000"}

    cart = answer_of(app.post("/carts"), 201)["token"]
    filled = answer_of(app.put(f"/carts/{cart}/lines/{variant['id']}", {"quantity": 2}), 200)
    assert (filled["subtotal"]["amount"], filled["item_count"]) == (298_000, 2)

    body = app.order_body(cart)
    total = body["expected_total"]["amount"]
    methods = answer_of(app.get(f"/payment-methods?total={total}"), 200)["results"]
    assert [method["method"] for method in methods] == ["ovo", "dana", "bca_va", "qris"]

    order = answer_of(app.place(body), 201)
    assert order["status"] == "pending"
    assert order["totals"]["total"]["formatted"] == "Rp310.000"
    assert [line["quantity"] for line in order["lines"]] == [2]
    assert (order["payment"]["state"], order["payment"]["method"]) == ("pending", "dana")
    assert order["payment"]["amount"] == order["totals"]["total"]
    assert "WEB_URL" in [action["descriptor"] for action in order["payment"]["actions"]]

    attempt = PaymentAttempt.objects.get()
    gateway_up.pay(attempt.gateway_ref)
    poll(attempt_id=attempt.pk)
    paid = answer_of(app.get(f"/orders/{order['number']}", x_order_token=order["token"]), 200)
    assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")
    assert paid["fulfilment_status"] == "unfulfilled"
    assert paid["payment"]["state"] == "succeeded"
    assert paid["contact"]["email"] == "siti@example.com"
    assert [group["courier"] for group in paid["groups"]] == ["JNE"]
    assert [event["text"] for event in paid["history"]] == ["Pembayaran diterima", "Pesanan dibuat"]


@pytest.mark.parametrize("method", ["ovo", "bca_va"])
def test_the_other_methods_are_asked_for_too(gateway_up: Simulator, method: str) -> None:
    payment = App().placed(method=method)["payment"]
    assert (payment["state"], payment["method"]) == ("pending", method)


def test_the_same_request_again_gives_the_same_bytes(gateway_up: Simulator) -> None:
    app = App()
    variant = make_variant(on_hand=3)
    body = app.order_body(app.filled_cart(variant))
    first = app.place(body, key="k-1")
    attempt = PaymentAttempt.objects.get()
    gateway_up.pay(attempt.gateway_ref)
    assert poll(attempt_id=attempt.pk).state == AttemptState.SUCCEEDED
    # The order has moved on since; its first answer has not.
    again = app.place(dict(reversed(body.items())), key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert stock_of(variant) == (2, 0)
    assert Order.objects.count() == PaymentAttempt.objects.count() == 1


def test_what_is_kept_for_a_repeat_names_nobody(gateway_up: Simulator) -> None:
    App().placed()
    kept = str(IdempotencyRecord.objects.get(scope__startswith="api:orders").response)
    for personal in ("siti", "Siti", "Braga", "6281234567890"):
        assert personal not in kept


def test_the_same_request_at_the_same_time_is_one_order(gateway_up: Simulator) -> None:
    app = App()
    variant = make_variant(on_hand=3)
    body = app.order_body(app.filled_cart(variant))
    answers = race([partial(App().place, body, key="k-1")] * 4)
    assert {one.status_code for one in answers if isinstance(one, HttpResponse)} == {201}
    assert len({one.content for one in answers if isinstance(one, HttpResponse)}) == 1
    assert stock_of(variant) == (3, 1)


def test_another_body_under_the_same_key_is_refused(gateway_up: Simulator) -> None:
    app = App()
    body = app.order_body(app.filled_cart(make_variant()))
    answer_of(app.place(body, key="k-1"), 201)
    other = body | {"email": "budi@example.com"}
    problem_of(app.place(other, key="k-1"), 422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_an_order_without_a_key_is_refused(gateway_up: Simulator) -> None:
    app = App()
    body = app.order_body(app.filled_cart(make_variant()))
    problem_of(app.post("/orders", body), 400, "idempotency_key_missing")
    problem_of(app.place(body, key="schlüssel"), 400, "idempotency_key_invalid")
    problem_of(app.place(body, key="x" * 256), 400, "idempotency_key_invalid")
    assert Order.objects.count() == 0


def test_a_repeat_is_told_to_wait_while_the_gateway_is_being_asked(
    gateway_up: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App()
    body = app.order_body(app.filled_cart(make_variant()))
    answer_of(app.place(body, key="k-1"), 201)
    # As the first request leaves it if it dies before the gateway has answered.
    IdempotencyRecord.objects.update(response=None, response_status=None)
    PaymentAttempt.objects.update(state=AttemptState.SUBMITTING)
    monkeypatch.setattr(repeats, "PATIENCE", 0.2)
    waiting = app.place(body, key="k-1")
    problem_of(waiting, 409, "still_working")
    assert waiting.headers["Retry-After"] == "1"
    PaymentAttempt.objects.update(state=AttemptState.UNKNOWN)
    assert answer_of(app.place(body, key="k-1"), 201)["payment"]["state"] == "unknown"


def test_a_changed_price_is_told_and_nothing_happens(gateway_up: Simulator) -> None:
    app = App("en")
    variant = make_variant(price=149_000, on_hand=3)
    body = app.order_body(app.filled_cart(variant))
    Price.objects.update(amount_minor=159_000)
    problem = problem_of(app.place(body, key="k-1"), 409, "price_changed")
    assert problem["total"] == {"amount": 171_000, "currency": "IDR"}
    assert "Rp171.000" in problem["detail"]
    assert (Order.objects.count(), stock_of(variant)) == (0, (3, 0))
    # The key is still free for the corrected order.
    answer_of(app.place(body | {"expected_total": problem["total"]}, key="k-1"), 201)


def test_other_goods_than_those_shown_are_not_ordered(gateway_up: Simulator) -> None:
    app = App()
    first, second = make_variant(price=149_000), make_variant(price=149_000)
    body = app.order_body(app.filled_cart(first))
    seen = answer_of(app.get(f"/carts/{body['cart']}"), 200)["version"]
    for variant, quantity in ((second, 1), (first, 0)):
        path = f"/carts/{body['cart']}/lines/{variant.public_id}"
        answer_of(app.put(path, {"quantity": quantity}), 200)
    problem_of(app.place(body | {"cart_version": seen}), 409, "cart_changed")
    assert not Order.objects.exists()
    shown = answer_of(app.get(f"/carts/{body['cart']}"), 200)["version"]
    answer_of(app.place(body | {"cart_version": shown}), 201)


def test_what_is_sold_out_is_named(gateway_up: Simulator) -> None:
    app = App()
    variant = make_variant(on_hand=1)
    slow = app.order_body(app.filled_cart(variant))
    app.placed(variant=variant)
    problem = problem_of(app.place(slow), 409, "out_of_stock")
    assert problem["variant_ids"] == [str(variant.public_id)]
    assert stock_of(variant) == (1, 1)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"cart": "5d0c5c9e-6b0f-4a55-9d5c-2f1f0f8f9a11"}, 404, "cart_not_found"),
        ({"shipping": [{"group": "1-1", "option": "ojek:now"}]}, 422, "shipping_not_offered"),
        ({"payment": {"method": "cheque"}}, 422, "method_not_offered"),
        ({"phone": "12"}, 422, "invalid_phone"),
        ({"expected_total": {"amount": 1, "currency": "USD"}}, 422, "method_not_offered"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_changes_nothing(
    gateway_up: Simulator, change: Json, status: int, code: str
) -> None:
    app = App()
    variant = make_variant(on_hand=3)
    body = app.order_body(app.filled_cart(variant)) | change
    problem_of(app.place(body), status, code)
    assert (Order.objects.count(), stock_of(variant)) == (0, (3, 0))


def test_an_empty_cart_cannot_be_ordered(gateway_up: Simulator) -> None:
    app = App()
    variant = make_variant()
    cart = app.filled_cart(variant)
    body = app.order_body(cart)
    assert answer_of(app.delete(f"/carts/{cart}/lines/{variant.public_id}"), 200)["lines"] == []
    problem_of(app.place(body), 409, "empty_cart")


def test_with_the_gateway_away_the_order_stands_and_is_paid_later(
    gateway_down: None, simulator: Simulator, settings: Any
) -> None:
    app = App()
    order = app.placed()
    assert (order["status"], order["payment"]["state"]) == ("pending", "failed")
    settings.XENDIT_URL = simulator.url
    path, token = f"/orders/{order['number']}/payments", order["token"]
    payment = answer_of(app.post(path, {"method": "bca_va"}, x_order_token=token), 201)
    assert (payment["state"], payment["method"]) == ("pending", "bca_va")


def test_paying_again_with_the_same_key_is_one_payment(gateway_up: Simulator) -> None:
    app = App()
    order = app.placed()
    path = f"/orders/{order['number']}/payments"
    headers = {"x_order_token": order["token"], "idempotency_key": "again-1"}
    first = app.post(path, {"method": "bca_va", "details": {}}, **headers)
    PaymentAttempt.objects.filter(method="bca_va").update(state=AttemptState.FAILED)
    again = app.post(path, {"method": "bca_va", "details": {}}, **headers)
    assert (first.status_code, first.content) == (201, again.content)
    assert PaymentAttempt.objects.count() == 2
    other = app.post(path, {"method": "ovo", "details": {}}, **headers)
    problem_of(other, 422, "idempotency_key_reused")


def test_a_refused_payment_leaves_its_key_free(gateway_up: Simulator) -> None:
    app = App()
    order = app.placed()
    path = f"/orders/{order['number']}/payments"
    headers = {"x_order_token": order["token"], "idempotency_key": "again-1"}
    problem_of(app.post(path, {"method": "cheque"}, **headers), 422, "method_not_offered")
    assert PaymentAttempt.objects.count() == 1
    answer_of(app.post(path, {"method": "ovo"}, **headers), 201)
    assert set(PaymentAttempt.objects.values_list("method", flat=True)) == {"dana", "ovo"}


def test_an_order_opens_to_its_token_only(gateway_up: Simulator) -> None:
    app = App()
    order, other = app.placed(), app.placed()
    path = f"/orders/{order['number']}"
    refusals = [
        app.get(path),
        app.get(path, x_order_token=""),
        app.get(path, x_order_token=other["token"]),
        app.get(path, x_order_token="ünknown"),
        app.get("/orders/2222-2222", x_order_token=order["token"]),
        app.post(f"{path}/payments", {"method": "ovo"}, x_order_token=other["token"]),
    ]
    for refusal in refusals:
        problem_of(refusal, 404, "order_not_found")
    assert len({refusal.content for refusal in refusals}) == 1
    assert PaymentAttempt.objects.count() == 2


def test_a_longer_order_takes_no_more_queries(gateway_up: Simulator) -> None:
    def queries(lines: int) -> int:
        app = App()
        variants = [make_variant() for _ in range(lines)]
        cart = app.filled_cart(variants[0])
        for variant in variants[1:]:
            answer_of(app.put(f"/carts/{cart}/lines/{variant.public_id}", {"quantity": 1}), 200)
        order = answer_of(app.place(app.order_body(cart)), 201)
        with CaptureQueriesContext(connection) as seen:
            answer_of(app.get(f"/carts/{cart}"), 200)
            answer_of(app.get(f"/orders/{order['number']}", x_order_token=order["token"]), 200)
        return len(seen)

    assert queries(1) == queries(5)
