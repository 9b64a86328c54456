"""The app shows money that goes back, and says which account it is to go to."""

from typing import Any

import pytest

from orders.models import Order
from payments.models import PayoutAccount
from payments.tests.refunds.test_accounts import cancelled
from shop.api.tests.client import App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid

pytestmark = pytest.mark.django_db
PATH = "/orders/{number}/money-back"


def ask(order: Order, *, token: str = "") -> Any:
    return App("en").get(f"/orders/{order.number}/money-back", x_order_token=token or order.token)


def name(order: Order, **changes: Any) -> Any:
    body = {"bank": "BCA", "number": "123 456-7890", "holder": "Siti Aminah"} | changes
    return App("en").put(f"/orders/{order.number}/money-back", body, x_order_token=order.token)


def test_the_app_names_an_account_and_never_sees_it_whole_again() -> None:
    order = cancelled()
    before = answer_of(ask(order), 200)
    assert_valid(PATH, "get", "200", before)
    assert (before["awaits_account"], before["account"]) == (True, None)
    [refund] = before["refunds"]
    assert refund["amount"]["amount"] == order.total_minor
    assert (refund["channel"], refund["state"]) == ("bank_transfer", "awaiting_transfer")
    after = answer_of(name(order), 200)
    assert_valid(PATH, "put", "200", after)
    assert after["account"] == {"bank": "BCA", "ends_in": "7890", "holder": "Siti Aminah"}
    assert not after["awaits_account"]


def test_what_is_no_account_is_refused_and_nothing_is_kept() -> None:
    order = cancelled()
    problem_of(name(order, number="12x45"), 422, "not_an_account_number")
    problem_of(name(order, swift="CENAIDJA"), 400, "unknown_field")
    problem_of(name(cancelled("dana")), 409, "nothing_to_transfer")
    assert not PayoutAccount.objects.exists()


def test_only_who_has_the_orders_token_sees_its_money() -> None:
    problem_of(ask(cancelled(), token="x" * 32), 404, "order_not_found")
