"""Gift cards and store credit on the pages: at checkout, on the account, on their own page."""

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.tests.builders import make_product, make_variant
from orders.models import Cart, Order
from orders.tests.builders import make_cart, make_rate
from payments.models import CreditAccount, PaymentAttempt
from payments.tests.credit.builders import make_card, make_credit, make_customer
from shop.pages.tests.test_checkout import COBLONG, PRICE, SHIPPING, filled, hidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def shopper(client: Client) -> Client:
    make_rate()
    variant = make_variant(product=make_product("Kemeja Ubud"), price=PRICE, on_hand=2)
    client.cookies["cart"] = str(make_cart({variant: 1}).token)
    return client


def shown(shopper: Client, **fields: str) -> str:
    return shopper.post("/en/checkout/", {"region": COBLONG, "quote": "1", **fields}).text


def test_a_card_is_shown_to_pay_and_the_button_names_the_rest(shopper: Client) -> None:
    card = make_card(100_000)
    page = shown(shopper, gift_card=card.code)
    assert f"Gift card •••• {card.code[-4:]} pays Rp100.000." in page
    assert "Order and pay Rp171.000" in page
    assert hidden(page, "expected_total") == str(PRICE + SHIPPING)
    answer = shopper.post(
        "/en/checkout/", filled(page, gift_card=card.code, expected_credit="100000")
    )
    order = Order.objects.get()
    assert answer["Location"] == f"/en/pay/{order.token}/"
    assert card.code not in answer["Location"]
    assert PaymentAttempt.objects.get().amount_minor == 171_000
    paying = shopper.get(answer["Location"]).text
    assert "Rp171.000" in paying
    assert "Rp271.000" not in paying


def test_a_card_that_pays_all_of_it_needs_no_method(shopper: Client) -> None:
    card = make_card(500_000)
    page = shown(shopper, gift_card=card.code)
    assert "There is nothing to pay." in page
    assert 'name="method"' not in page
    sent = filled(page, gift_card=card.code, expected_credit=hidden(page, "expected_credit"))
    shopper.post("/en/checkout/", sent | {"method": ""})
    assert Order.objects.get().status == "confirmed"
    assert card.balance == 500_000 - PRICE - SHIPPING


def test_a_card_that_was_not_applied_before_is_shown_first(shopper: Client) -> None:
    card = make_card(100_000)
    page = shown(shopper)
    answer = shopper.post("/en/checkout/", filled(page, gift_card=card.code))
    assert answer.status_code == 409
    assert "check what is still to pay" in answer.text
    assert not Order.objects.exists()
    again = filled(answer.text, gift_card=card.code, expected_credit="100000")
    assert shopper.post("/en/checkout/", again).status_code == 302


def test_a_wrong_code_is_said_beside_the_field_and_orders_nothing(shopper: Client) -> None:
    page = shown(shopper, gift_card="2345-6789-ABCD-EFGH")
    assert "cannot be used" in page
    answer = shopper.post("/en/checkout/", filled(page, gift_card="2345-6789-ABCD-EFGH"))
    assert (answer.status_code, Order.objects.count()) == (422, 0)


def test_store_credit_is_offered_to_who_is_signed_in_alone(shopper: Client) -> None:
    customer = make_customer()
    account = make_credit(customer, 50_000)
    assert "Use my store credit" not in shown(shopper, use_credit="1")
    shopper.force_login(customer)
    Cart.objects.update(customer=customer)
    page = shown(shopper, use_credit="1")
    assert "Store credit pays Rp50.000." in page
    sent = filled(page, use_credit="1", expected_credit="50000")
    assert shopper.post("/en/checkout/", sent).status_code == 302
    account.refresh_from_db()
    assert account.balance_minor == 0
    assert PaymentAttempt.objects.get().amount_minor == PRICE + SHIPPING - 50_000
    own = shopper.get("/en/account/").text
    assert "Store credit" in own
    assert Order.objects.get().number in own


def test_the_balance_of_a_card_is_told_to_who_knows_its_code(client: Client) -> None:
    card = make_card(75_000)
    assert "no-store" in client.get("/en/gift-card/")["Cache-Control"]
    answer = client.post("/en/gift-card/", {"code": card.code.lower()})
    assert "Rp75.000" in answer.text
    assert card.code not in answer.text.replace(f'value="{card.code.lower()}"', "")
    unknown = client.post("/en/gift-card/", {"code": "2345-6789-ABCD-EFGH"})
    CreditAccount.objects.update(state="blocked")
    blocked = client.post("/en/gift-card/", {"code": card.code})
    assert (unknown.status_code, blocked.status_code) == (422, 422)
    for answer in (unknown, blocked):
        assert "There is no gift card with this code, or it is blocked." in answer.text


def test_guessing_is_stopped_for_the_whole_network(client: Client, settings: Settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 2
    for _guess in range(2):
        assert client.post("/en/gift-card/", {"code": "2345"}).status_code == 422
    answer = client.post("/en/gift-card/", {"code": make_card().code})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
