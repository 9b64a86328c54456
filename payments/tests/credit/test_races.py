"""Many at once: a card pays as much as is on it, once, and what comes back comes back once."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import transaction
from psycopg.errors import LockNotAvailable
from pytest_django import Settings

from accounts.tests.builders import make_owner
from catalog.tests.builders import make_variant
from orders.carts import get_cart
from orders.models import OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart
from payments.checkout import Placed
from payments.credit.balance import NoSuchCard, balance_of
from payments.credit.expiring import expire_credit
from payments.credit.granting import Granted, adjust, approve_grant, issue_gift_card
from payments.credit.guessing import TooManyGuesses
from payments.credit.moving import CreditChanged
from payments.credit.spending import GiftCardRefused
from payments.models import CreditAccount, CreditMovement, Refund
from payments.tests.credit.builders import buy, check_books, make_card
from shop.core.money import Money
from tests.racing import race, start, wait_until_waiting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("gateway_down"),
]
ORDERS = int(os.environ.get("DRILL_CARD_ORDERS", "6"))
ROUNDS = int(os.environ.get("DRILL_CARD_ROUNDS", "1"))


def test_a_card_in_many_orders_at_once_pays_what_is_on_it_and_no_more(settings: Settings) -> None:
    """`make drill-cards` asks for a hundred orders at once, fifty times."""
    settings.CREDIT_APPROVAL_ABOVE = {}
    # All come from one network, and a code that is being looked up counts until it was right.
    settings.GIFT_CARD_GUESSES_PER_HOUR = 1000
    for number in range(ROUNDS):
        _use_one_card(orders=ORDERS, winners=ORDERS // 3, of_round=number)


def _use_one_card(*, orders: int, winners: int, of_round: int) -> None:
    variant = make_variant(on_hand=orders + 2)
    # Unlike the others its order is paid by nothing: it says what one costs.
    first = buy(cart=make_cart({variant: 1}), email=f"first{of_round}@example.com").order
    total = first.total_minor
    card = make_card(winners * total + 1_000)
    carts = [make_cart({variant: 1}) for _each in range(orders)]

    def purchase(place: int) -> Placed:
        email = f"buyer{of_round}-{place}@example.com"
        return buy(card.code, cart=carts[place], email=email, method="dana")

    results = race([partial(purchase, place) for place in range(orders)])
    placed = [each for each in results if isinstance(each, Placed)]
    refused = [each for each in results if isinstance(each, Exception)]
    expected = (CreditChanged, GiftCardRefused)
    assert [
        each for each in refused if not isinstance(each, expected) and not has_waited(each)
    ] == []
    paid = [each for each in placed if each.order.status == OrderStatus.CONFIRMED]
    assert len(paid) == winners
    # What is left is the part of one more, in the race or after it.
    if len(placed) == winners:
        placed.append(
            buy(card.code, cart=make_cart({variant: 1}), email=f"last{of_round}@example.com")
        )
    assert (len(placed), card.balance) == (winners + 1, 0)
    used = CreditMovement.objects.filter(account=card.pk, kind="redeem")
    assert -sum(used.values_list("amount_minor", flat=True)) == winners * total + 1_000
    check_books()


def has_waited(refusal: Exception) -> bool:
    """Of very many at once some wait too long: they are told to come again."""
    return isinstance(refusal.__cause__, LockNotAvailable)


def test_an_order_ended_by_many_at_once_gives_back_once() -> None:
    card = make_card(100_000)
    order = buy(card.code).order
    race([lambda: close_unpaid(order_id=order.pk)] * 4)
    assert card.balance == 100_000
    assert Refund.objects.count() == 1
    check_books()


def test_corrections_at_once_never_take_more_than_there_is() -> None:
    card, owner = make_card(100_000), make_owner()

    def correct() -> object:
        return adjust(account_id=card.pk, amount_minor=-60_000, note="Salah", user_id=owner.pk)

    results = race([correct] * 4)
    assert sum(not isinstance(each, Exception) for each in results) == 1
    assert card.balance == 40_000


def test_a_grant_approved_by_many_at_once_is_one_card() -> None:
    grant = issue_gift_card(
        amount=Money(2_000_000, "IDR"), note="Hadiah", user_id=make_owner().pk
    ).grant
    users = [make_owner().pk for _each in range(4)]
    results = race([partial(approve_grant, grant_id=grant.pk, user_id=pk) for pk in users])
    assert sum(bool(each.code) for each in results if isinstance(each, Granted)) == 1
    assert not [each for each in results if isinstance(each, Exception)]
    assert CreditAccount.objects.get().balance_minor == 2_000_000


def test_a_card_that_lapses_in_many_loops_lapses_once() -> None:
    card = make_card(100_000)
    CreditAccount.objects.update(expires_at="2026-01-01T00:00Z", expiry_due_at="2026-01-01T00:00Z")
    results = race([lambda: expire_credit(account_id=card.pk)] * 4)
    assert sorted(map(str, results)) == ["False"] * 3 + ["True"]
    assert CreditMovement.objects.filter(kind="expire").count() == 1


def test_guesses_that_come_at_once_are_counted_one_by_one(settings: Settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 3

    def guess() -> object:
        return balance_of("2345-6789-ABCD-EFGH", network="10.0.0.2")

    results = race([guess] * 10)
    assert sum(isinstance(each, NoSuchCard) for each in results) == 3
    assert sum(isinstance(each, TooManyGuesses) for each in results) == 7


def test_carts_that_change_cards_with_each_other_do_not_wait_for_each_other_for_ever() -> None:
    owner = make_owner()
    cards = [make_card(50_000), make_card(50_000)]
    carts = [make_cart({make_variant(on_hand=9): 1}) for _each in cards]
    for card, cart in zip(cards, carts, strict=True):
        buy(card.code, cart=cart, email=f"buyer{cart.pk}@example.com")
        adjust(account_id=card.pk, amount_minor=50_000, note="Lagi", user_id=owner.pk)

    def change(place: int) -> Placed:
        code, cart = cards[1 - place].code, get_cart(token=carts[place].token)
        return buy(code, cart=cart, email=f"buyer{cart.pk}@example.com")

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            CreditAccount.objects.select_for_update(no_key=True).get(pk=cards[1].pk)
            # The second card is wanted by whoever has it, then by whoever has the first.
            second = start(pool, partial(change, 1))
            wait_until_waiting(1)
            first = start(pool, partial(change, 0))
            wait_until_waiting(2)
        results = [each.result(timeout=30) for each in (first, second)]
    assert [type(each) for each in results] == [Placed, Placed]
    assert [card.balance for card in cards] == [50_000, 50_000]
    check_books()
