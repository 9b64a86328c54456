"""Staff issue gift cards and credit, correct and block them; large sums take two people."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.tests.builders import make_owner
from payments.credit.codes import ALPHABET, LENGTH, hashed, new_code, split
from payments.credit.expiring import claim_due_credit, expire_credit
from payments.credit.granting import (
    BalanceTooLow,
    NoteMissing,
    NothingToIssue,
    OwnGrant,
    adjust,
    approve_grant,
    block,
    issue_gift_card,
    reject_grant,
    replace_code,
    unblock,
)
from payments.credit.guessing import TooManyGuesses
from payments.credit.spending import GiftCardRefused
from payments.models import CardGuess, CreditAccount, CreditGrant, CreditMovement
from payments.tests.credit.builders import (
    balances,
    buy,
    check_books,
    make_card,
    make_credit,
    make_customer,
)
from shop.core.models import OutboxMessage
from shop.core.money import Money
from tests.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_down")]
LARGE = Money(1_000_001, "IDR")


def test_a_code_has_eighty_random_bits_and_none_that_look_alike() -> None:
    code = new_code()
    assert len(ALPHABET) ** LENGTH >= 2**80
    assert not set("01OI") & set(ALPHABET)
    assert (len(code), code.count("-")) == (19, 3)
    assert split(f" {code.lower()} ,{code.replace('-', ' ')}") == [code.replace("-", "")]


def test_only_a_keyed_hash_of_the_code_is_kept() -> None:
    card = make_card()
    account = card.account
    assert (account.last_four, account.code_hash) == (card.code[-4:], hashed(card.code))
    plain = card.code.replace("-", "")
    tables: list[Any] = [*apps.get_app_config("payments").get_models(), OutboxMessage]
    kept = " ".join(str(list(table.objects.values_list())) for table in tables)
    assert str(account.public_id) in kept
    assert card.code not in kept
    assert plain not in kept


def test_what_is_issued_is_owed_and_was_given_away() -> None:
    make_card(100_000)
    make_credit(make_customer(), 50_000)
    assert balances() == {"goodwill": 150_000, "gift_cards": -100_000, "store_credit": -50_000}
    assert set(CreditMovement.objects.values_list("kind", flat=True)) == {"issue"}
    check_books()


def test_more_than_the_limit_waits_for_a_second_person() -> None:
    first, second = make_owner(), make_owner()
    granted = issue_gift_card(amount=LARGE, note="Hadiah", user_id=first.pk)
    assert (granted.grant.state, granted.code, CreditAccount.objects.count()) == ("draft", "", 0)
    with pytest.raises(OwnGrant):
        approve_grant(grant_id=granted.grant.pk, user_id=first.pk)
    approved = approve_grant(grant_id=granted.grant.pk, user_id=second.pk)
    assert len(approved.code) == 19
    assert CreditAccount.objects.get().balance_minor == LARGE.minor
    again = approve_grant(grant_id=granted.grant.pk, user_id=second.pk)
    assert (again.code, CreditAccount.objects.count()) == ("", 1)
    check_books()
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditGrant.objects.update(decided_by=first)


def test_what_is_rejected_is_never_issued() -> None:
    grant = issue_gift_card(amount=LARGE, note="Hadiah", user_id=make_owner().pk).grant
    reject_grant(grant_id=grant.pk, user_id=grant.requested_by_id)
    assert approve_grant(grant_id=grant.pk, user_id=make_owner().pk).grant.state == "rejected"
    assert not CreditAccount.objects.exists()


def test_a_correction_has_a_reason_and_never_takes_more_than_there_is() -> None:
    card = make_card(100_000)
    owner = make_owner()
    with pytest.raises(NoteMissing):
        adjust(account_id=card.pk, amount_minor=-10_000, note=" ", user_id=owner.pk)
    with pytest.raises(NothingToIssue):
        adjust(account_id=card.pk, amount_minor=0, note="Salah", user_id=owner.pk)
    with pytest.raises(BalanceTooLow):
        adjust(account_id=card.pk, amount_minor=-100_001, note="Salah", user_id=owner.pk)
    assert card.balance == 100_000
    adjust(account_id=card.pk, amount_minor=-40_000, note="Salah ketik", user_id=owner.pk)
    assert card.balance == 60_000
    moved = CreditMovement.objects.get(kind="adjust")
    assert (moved.amount_minor, moved.reason, moved.actor) == (-40_000, "Salah ketik", owner)
    check_books()


def test_the_balance_cannot_be_negative_in_the_database_nor_history_be_changed() -> None:
    make_card()
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditAccount.objects.update(balance_minor=-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditMovement.objects.update(amount_minor=1)


def test_a_blocked_card_pays_nothing_until_it_is_unblocked() -> None:
    card = make_card(1_000_000)
    assert (block(account_id=card.pk), block(account_id=card.pk)) == (True, False)
    with pytest.raises(GiftCardRefused):
        buy(card.code)
    unblock(account_id=card.pk)
    assert buy(card.code).order.status == "confirmed"


def test_a_new_code_ends_the_old_one() -> None:
    card = make_card(1_000_000)
    code = replace_code(account_id=card.pk)
    with pytest.raises(GiftCardRefused):
        buy(card.code)
    assert buy(code).order.status == "confirmed"


def test_what_is_left_when_its_time_is_over_lapses_once() -> None:
    card = make_card(100_000, expires_at=timezone.now() + timedelta(days=1))
    assert claim_due_credit() == []
    past = timezone.now() - timedelta(seconds=1)
    CreditAccount.objects.update(expires_at=past, expiry_due_at=past)
    assert claim_due_credit() == [card.pk]
    assert (expire_credit(account_id=card.pk), expire_credit(account_id=card.pk)) == (True, False)
    assert card.balance == 0
    assert balances() == {"goodwill": 100_000, "credit_breakage": -100_000}
    assert card.account.expiry_due_at is None
    check_books()


def test_wrong_codes_are_counted_by_network_and_hour(settings: Settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 3
    card = make_card(1_000_000)
    wrong = "2345-6789-ABCD-EFGH"
    for _guess in range(3):
        with pytest.raises(GiftCardRefused):
            buy(wrong)
    with pytest.raises(TooManyGuesses) as caught:
        buy(card.code)
    assert 0 < caught.value.retry_after <= 3600
    CardGuess.objects.update(times=0)
    for _use in range(4):
        buy(card.code, email=f"siti{_use}@example.com")
    assert CardGuess.objects.get().times == 0
    assert "10.0.0.1" not in str(CardGuess.objects.values_list())


def test_many_small_grants_of_one_person_within_a_day_are_one_large_one() -> None:
    first, second = make_owner(), make_owner(email="kedua@example.com")
    part = Money(400_000, "IDR")

    def issue(user: User, amount: Money = part) -> str:
        return issue_gift_card(amount=amount, note="x", user_id=user.pk).grant.state

    assert [issue(first) for _card in "123"] == ["done", "done", "draft"]
    assert issue(first, Money(200_000, "IDR")) == "done"
    assert issue(first, Money(1, "IDR")) == "draft"
    # Neither what another has granted counts, nor what a second person approved.
    assert issue(second) == "done"
    CreditGrant.objects.filter(state="done", requested_by=first).update(
        requested_at=timezone.now() - timedelta(hours=24, minutes=1)
    )
    draft = CreditGrant.objects.filter(state="draft").earliest("pk")
    approve_grant(grant_id=draft.pk, user_id=second.pk)
    assert issue(first, Money(1_000_000, "IDR")) == "done"


@pytest.mark.django_db(transaction=True)
def test_of_small_grants_at_once_no_more_than_the_limit_is_issued_alone() -> None:
    user = make_owner()
    part = Money(400_000, "IDR")
    race([partial(issue_gift_card, amount=part, note="x", user_id=user.pk)] * 4)
    states = CreditGrant.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["done", "done", "draft", "draft"]
