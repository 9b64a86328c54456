"""Where money is transferred to: said by the customer, sealed, told, forgotten."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.builders import make_owner
from orders.calling_off import call_off_by_customer
from orders.models import Order, OrderEvent
from orders.tests.life.builders import send_mails, staff
from orders.tests.test_admin import signed_in
from payments.models import PayoutAccount, Refund
from payments.refunds import accounts
from payments.refunds.accounts import (
    NAMED_AT_MOST,
    Account,
    NothingToTransfer,
    TooManyAccounts,
    account_of,
    name_account,
    prune_accounts,
)
from payments.refunds.transfers import record_transferred
from payments.tests.refunds.test_planning import paid
from shop.core.sealed import CannotUnseal, seal, unseal
from tests.racing import race

pytestmark = pytest.mark.django_db
TYPED = {"bank": "BCA", "number": "123-456 7890", "holder": "Siti Aminah"}
ACCOUNT = Account("BCA", "1234567890", "Siti Aminah")


def cancelled(method: str = "bca_va") -> Order:
    order = paid(method=method)
    call_off_by_customer(order_id=order.pk)
    send_mails()
    return order


def page_of(order: Order) -> str:
    return f"/en/orders/{order.token}/money-back/"


def transfer() -> None:
    refund = Refund.objects.get()
    record_transferred(
        refund_id=refund.pk, paid_on=timezone.localdate(), reference="T1", user_id=staff().pk
    )


def test_the_customer_says_where_and_is_told_so(client: Client) -> None:
    order = cancelled()
    page = client.get(page_of(order)).text
    assert order.total.format() in page
    assert "Where shall we send it?" in page
    answer = client.post(page_of(order), TYPED, follow=True)
    assert "We transfer it to BCA ••••7890, Siti Aminah." in answer.text
    assert account_of(order) == ACCOUNT
    (letter,) = send_mails()
    assert "BCA ••••7890" in letter.body
    assert "1234567890" not in letter.body
    assert OrderEvent.objects.filter(order=order, kind="payout_account_named").count() == 1
    shop = signed_in().get(f"/admin/orders/order/{order.pk}/change/").text
    assert "1234567890" in shop


def test_an_account_that_is_none_is_refused_and_nothing_is_kept(client: Client) -> None:
    order = cancelled()
    for number in ("1234", "12345678901234567890123", "BCA 123"):
        answer = client.post(page_of(order), TYPED | {"number": number})
        assert answer.status_code == 422, number
    assert "An account number has 5 to 20 digits" in answer.text
    assert not PayoutAccount.objects.exists()


def test_where_nothing_is_transferred_nobody_asks_for_an_account(client: Client) -> None:
    order = cancelled("dana")
    page = client.get(page_of(order)).text
    assert "DANA" in page
    assert "It is about to be sent." in page
    assert 'name="number"' not in page
    with pytest.raises(NothingToTransfer):
        name_account(order_id=order.pk, account=ACCOUNT)
    client.post(page_of(order), TYPED)
    assert not PayoutAccount.objects.exists()


def test_after_the_transfer_the_account_stands(client: Client) -> None:
    order = cancelled()
    name_account(order_id=order.pk, account=ACCOUNT)
    transfer()
    client.post(page_of(order), TYPED | {"number": "9999999999"})
    assert account_of(order) == ACCOUNT
    page = client.get(page_of(order)).text
    assert "Sent on" in page
    assert "T1" in page


def test_the_database_alone_does_not_tell_the_account() -> None:
    order = cancelled()
    name_account(order_id=order.pk, account=ACCOUNT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(one)::text FROM payments_payoutaccount AS one")
        (text,) = cursor.fetchone()
    assert bytes(PayoutAccount.objects.get().sealed).hex() in text
    assert b"1234567890" not in bytes(PayoutAccount.objects.get().sealed)


def test_keys_are_changed_without_losing_what_is_sealed(settings: Settings) -> None:
    settings.DATA_KEYS = ["old"]
    sealed = seal({"bank": "BCA"})
    settings.DATA_KEYS = ["new", "old"]
    assert unseal(sealed) == {"bank": "BCA"}
    settings.DATA_KEYS = ["new"]
    with pytest.raises(CannotUnseal):
        unseal(sealed)


def test_without_its_key_the_page_asks_for_the_account_again(
    settings: Settings, client: Client
) -> None:
    order = cancelled()
    name_account(order_id=order.pk, account=ACCOUNT)
    settings.DATA_KEYS = ["lost"]
    assert "Where shall we send it?" in client.get(page_of(order)).text


def test_an_account_is_forgotten_some_time_after_its_refund(settings: Settings) -> None:
    settings.PAYOUT_ACCOUNT_DAYS = 30
    order = cancelled()
    name_account(order_id=order.pk, account=ACCOUNT)
    long_ago = timezone.now() - timedelta(days=31)
    PayoutAccount.objects.update(given_at=long_ago)
    assert prune_accounts() == 0
    transfer()
    assert prune_accounts() == 0
    Refund.objects.update(ended_at=long_ago)
    assert prune_accounts() == 1
    assert not PayoutAccount.objects.exists()


def test_accounts_cannot_be_named_without_end_in_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    order = cancelled()
    for _each in range(NAMED_AT_MOST):
        name_account(order_id=order.pk, account=ACCOUNT)
    with pytest.raises(TooManyAccounts):
        name_account(order_id=order.pk, account=Account("BRI", "99999", "Budi"))
    assert account_of(order) == ACCOUNT
    # Staff, and its buyer a day later, can put right what somebody else did.
    name_account(order_id=order.pk, account=Account("BNI", "88888", "Siti"), user_id=staff().pk)
    monkeypatch.setattr(accounts, "NAMED_WITHIN", timedelta(0))
    name_account(order_id=order.pk, account=Account("BRI", "99999", "Siti"))
    assert account_of(order) == Account("BRI", "99999", "Siti")


@pytest.mark.django_db(transaction=True)
def test_of_accounts_named_at_once_one_stands() -> None:
    order = cancelled()
    make_owner(email="siapa@example.com")
    named = [Account("BCA", f"100000000{digit}", "Siti") for digit in range(4)]
    race([partial(name_account, order_id=order.pk, account=one) for one in named])
    assert account_of(order) in named
    assert PayoutAccount.objects.count() == 1
