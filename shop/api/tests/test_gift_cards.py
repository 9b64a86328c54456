"""Gift cards in the API: quoted, agreed, taken once."""

import json

import pytest

from catalog.tests.builders import make_variant
from payments.credit.codes import hashed
from payments.models import CreditMovement, PaymentAttempt
from payments.tests.credit.builders import Card, make_card
from shop.api.tests.client import App, Json, answer_of, problem_of
from shop.core.models import IdempotencyRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_down")]


def asked(app: App, card: Card, minor: int) -> Json:
    cart = app.filled_cart(make_variant(on_hand=9))
    credit = {"gift_card_codes": [card.code.lower()], "expected_amount": minor}
    return app.order_body(cart, credit=credit)


def test_a_quote_says_what_a_card_pays_and_what_is_left() -> None:
    app, card = App(), make_card(100_000)
    body = app.order_body(app.filled_cart(make_variant()))
    path = f"/carts/{body['cart']}/shipping-quotes"
    query = {"address": {"region": body["address"]["region"], "country": "ID"}}
    assert answer_of(app.post(path, query), 200)["credit"] is None
    query["credit"] = {"gift_card_codes": [card.code]}
    quote = answer_of(app.post(path, query), 200)
    total = body["expected_total"]["amount"]
    assert quote["totals"]["total"]["amount"] == total
    assert quote["credit"]["amount"]["amount"] == 100_000
    assert quote["credit"]["to_pay"]["amount"] == total - 100_000
    assert [each["last_four"] for each in quote["credit"]["gift_cards"]] == [card.code[-4:]]
    assert card.balance == 100_000


def test_the_payment_is_of_the_rest_and_the_same_request_takes_nothing_again() -> None:
    app, card = App(), make_card(100_000)
    body = asked(app, card, 100_000)
    first = answer_of(app.place(body, key="same-key"), 201)
    again = answer_of(app.place(body, key="same-key"), 201)
    assert first == again
    total = body["expected_total"]["amount"]
    assert first["totals"]["total"]["amount"] == total
    assert first["payment"]["amount"]["amount"] == total - 100_000
    assert (card.balance, CreditMovement.objects.filter(kind="redeem").count()) == (0, 1)
    kept = json.dumps(list(IdempotencyRecord.objects.values()), default=str)
    assert card.code not in kept
    assert hashed(card.code) not in kept


def test_with_nothing_left_to_pay_no_method_is_needed() -> None:
    app, card = App(), make_card(1_000_000)
    body = asked(app, card, 0)
    body["credit"]["expected_amount"] = body["expected_total"]["amount"]
    del body["payment"]
    placed = answer_of(app.place(body), 201)
    assert (placed["status"], placed["payment"]) == ("confirmed", None)
    assert not PaymentAttempt.objects.exists()


def test_an_unknown_code_and_another_sum_than_agreed_change_nothing() -> None:
    app, card = App(), make_card(100_000)
    problem_of(app.place(asked(app, card, 90_000)), 409, "credit_changed")
    body = asked(app, card, 100_000)
    body["credit"]["gift_card_codes"] = ["2345 6789 ABCD EFGH"]
    refused = problem_of(app.place(body), 422, "gift_card_refused")
    assert "2345" not in json.dumps(refused)
    assert card.balance == 100_000
