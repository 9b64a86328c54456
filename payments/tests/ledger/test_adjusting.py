"""What nothing else explains is moved by hand: once, with a reason, large amounts by two people."""

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.builders import make_owner, make_staff
from orders.tests.life.builders import staff
from orders.tests.test_admin import signed_in
from payments.ledger.adjusting import AlreadyAdjusted, post_adjustment
from payments.models import (
    GatewayTransaction,
    LedgerAdjustment,
    LedgerEntry,
    LedgerTransaction,
    PaymentException,
)
from payments.reconciling.matching import match_transaction
from payments.tests.refunds.test_planning import right
from shop.core.money import Money
from tests.racing import race

pytestmark = pytest.mark.django_db
TYPED = {"debit": "suspense", "credit": "gateway_fee", "amount": "5.000", "reason": "Fee of March"}


def unexplained() -> PaymentException:
    """A gateway gave us Rp5.000 and did not say why."""
    now = timezone.now()
    row = GatewayTransaction.objects.create(
        gateway="xendit",
        transaction_id="txn-1",
        kind="adjustment",
        kind_given="ADJUSTMENT_ADD",
        state="succeeded",
        is_incoming=True,
        amount_minor=5_000,
        fee_minor=0,
        fee_tax_minor=0,
        currency="IDR",
        created_at=now,
        updated_at=now,
    )
    match_transaction(transaction_id=row.pk)
    return PaymentException.objects.get(kind="unexplained")


def balances() -> dict[str, int]:
    sums = LedgerEntry.objects.values_list("account_id").annotate(total=Sum("amount_minor"))
    return {code: total for code, total in sums.order_by("account_id") if total}


def ask(client: Client, exception: PaymentException, **typed: str) -> Any:
    url = reverse("admin:payments_ledgeradjustment_ask", args=[exception.pk])
    return client.post(url, TYPED | typed, follow=True)


def decide(client: Client, name: str) -> Any:
    adjustment = LedgerAdjustment.objects.latest("pk")
    url = reverse("admin:payments_ledgeradjustment_decide", args=[adjustment.pk, name])
    return client.post(url, follow=True)


def test_what_lies_in_suspense_is_moved_to_where_it_belongs() -> None:
    exception, client = unexplained(), signed_in(staff())
    page = client.get(reverse("admin:payments_ledgeradjustment_ask", args=[exception.pk])).text
    assert 'value="suspense" selected' in page
    assert 'value="5000"' in page
    for _twice in "12":
        assert "Booked: Rp" in ask(client, exception).text
    assert balances() == {"gateway_clearing:xendit": 5_000, "gateway_fee": -5_000}
    assert LedgerTransaction.objects.filter(kind="adjustment").count() == 1
    exception.refresh_from_db()
    assert (exception.resolution, exception.resolved_at is None) == ("Fee of March", False)
    assert "Something else was booked" in ask(client, exception, amount="4.000").text
    assert balances()["gateway_fee"] == -5_000
    assert right()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"credit": "suspense"}, "two different accounts"),
        ({"credit": "customer_funds"}, "Select a valid choice"),
        ({"amount": "0"}, "an amount above 0"),
        ({"reason": " "}, "required"),
    ],
    ids=["same", "not-listed", "nothing", "no-reason"],
)
def test_what_makes_no_sense_books_nothing(typed: dict[str, str], words: str) -> None:
    exception, client = unexplained(), signed_in(staff())
    answer = ask(client, exception, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert balances() == {"gateway_clearing:xendit": 5_000, "suspense": -5_000}
    assert not LedgerAdjustment.objects.exists()


def test_a_large_amount_waits_for_a_second_person(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 4_999}
    exception, first = unexplained(), signed_in(staff())
    second = signed_in(make_owner(email="kedua@example.com"))
    assert "only when a second person approves" in ask(first, exception).text
    assert "somebody else has to approve it" in decide(first, "approve").text
    assert "suspense" in balances()
    decide(first, "reject")
    ask(first, exception)
    for _twice in "12":
        decide(second, "approve")
    assert balances() == {"gateway_clearing:xendit": 5_000, "gateway_fee": -5_000}
    states = LedgerAdjustment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["rejected", "posted"]
    with pytest.raises(IntegrityError, match="adjustment_two_persons"), transaction.atomic():
        LedgerAdjustment.objects.filter(state="posted").update(decided_by=staff())
    assert right()


def test_who_may_only_look_books_nothing() -> None:
    exception = unexplained()
    client = signed_in(make_staff("payments.view_ledgeradjustment"))
    assert ask(client, exception).status_code == 403
    assert "suspense" in balances()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_explain_the_same_one_does() -> None:
    exception = unexplained()
    move = partial(
        post_adjustment,
        exception_id=exception.pk,
        debit="suspense",
        amount=Money(5_000, "IDR"),
        reason="x",
        user_id=staff().pk,
    )
    calls = [partial(move, credit=code) for code in ("gateway_fee", "bank:main") * 2]
    done = race(calls)
    assert sum(isinstance(one, AlreadyAdjusted) for one in done) == 2
    assert sum(isinstance(one, LedgerAdjustment) for one in done) == 2
    assert LedgerTransaction.objects.filter(kind="adjustment").count() == 1
    assert "suspense" not in balances()
