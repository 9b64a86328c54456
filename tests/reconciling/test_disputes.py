"""What was charged back is contested at the desk, and comes back by the gateway's list alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from orders.calling_off import call_off_by_customer
from orders.models import OrderEvent
from orders.tests.life.builders import send_mails
from payments.books import differences
from payments.desk.counting import to_answer_soon
from payments.desk.disputing import contest, decide
from payments.desk.owning import take_exception
from payments.models import (
    Dispute,
    DisputeState,
    GatewayTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.reconciling.matching import record
from payments.tasks import tell_untaken
from payments.tests.desk.builders import (
    LIST,
    clerk,
    do,
    refused,
    said,
    signed_in,
    state,
    steps,
    the_one,
)
from payments.tests.invariants import check_invariants
from tests.racing import wait_until_blocked, wait_until_waiting
from tests.reconciling.builders import (
    Books,
    balances,
    make_due,
    match_all,
    read_all,
    reconcile,
    troubles,
)

pytestmark = pytest.mark.django_db


def right() -> bool:
    check_invariants()
    return [str(each) for each in differences()] == []


def charged_back(books: Books, amount: int | None = None) -> PaymentAttempt:
    attempt = books.booked()
    books.settle()
    take_back(books, amount)
    reconcile()
    return attempt


def take_back(books: Books, amount: int | None = None) -> None:
    part = {} if amount is None else {"amount": amount}
    payment = PaymentReceipt.objects.get().payment_id
    books.world.control("transactions/charge-back", payment_id=payment, **part)


def give_back(books: Books, amount: int | None = None) -> None:
    """The gateway's own list shows the money again."""
    books.tick()
    part = {} if amount is None else {"amount": amount}
    payment = PaymentReceipt.objects.get().payment_id
    books.world.control("transactions/return", payment_id=payment, **part)


def lost() -> tuple[int, int]:
    """In the books, and of the receipt."""
    return balances().get("chargeback_loss", 0), PaymentReceipt.objects.get().taken_back_minor


def contested(client: Client) -> None:
    day = timezone.localdate() + timedelta(days=2)
    answer = do(client, "contest", words="Sent, see the waybill.", answer_by=day.isoformat())
    assert said(answer) == ["Contested. The morning's mail reminds of the day."]


def test_a_contested_charge_back_is_won_when_the_money_is_there(books: Books) -> None:
    total = charged_back(books).amount_minor
    staff = signed_in(clerk())
    before = state()
    assert refused(do(staff, "contest", words="Sent.", answer_by="2026-02-31"), before)
    assert refused(do(staff, "contest", words="Sent.", answer_by="2020-01-01"), before)
    assert refused(do(staff, "won", words="They said so."), before)
    contested(staff)
    day = timezone.localdate() + timedelta(days=2)
    assert f"to be answered by {day.day} {day:%b %Y}" in staff.get(LIST).text
    assert refused(do(staff, "close", words="Done."), state())
    do(staff, "won", words="They said so.")
    # Nobody's word is money.
    assert (Dispute.objects.get().state, lost()) == ("won", (total, total))
    assert "Won; the money is not here yet." in staff.get(LIST).text
    assert refused(do(staff, "close", words="Done."), state())
    give_back(books)
    for _twice in "12":
        reconcile()
        make_due()
        match_all()
        assert (lost(), the_one().resolution) == ((0, 0), "won: the money is here")
    assert steps() == ["contested", "won"]
    assert OrderEvent.objects.filter(kind="dispute_returned").count() == 1
    assert "nothing is lost" in staff.get(f"{LIST}{the_one().pk}/change/").text
    assert right()


def test_what_comes_back_in_parts_of_an_order_called_off_is_owed_in_parts(books: Books) -> None:
    attempt = charged_back(books)
    call_off_by_customer(order_id=attempt.order_id)
    assert Refund.objects.count() == 0
    parts = [30_000, 50_000, attempt.amount_minor - 80_000]
    for number, part in enumerate(parts, 1):
        give_back(books, part)
        reconcile()
        make_due()
        match_all()
        refunds = Refund.objects.order_by("pk").values_list("state", "amount_minor")
        assert list(refunds) == [("draft", one) for one in parts[:number]]
        assert balances()["refunds_payable"] == -sum(parts[:number])
        assert right()
    assert "chargeback_loss" not in balances()


@pytest.mark.parametrize("outcome", ["lost", "accept"])
def test_what_was_given_up_is_won_all_the_same_when_the_money_comes(
    books: Books, outcome: str
) -> None:
    total = charged_back(books).amount_minor
    staff = signed_in(clerk())
    contested(staff)
    do(staff, outcome, words="The bank says no.")
    assert (the_one().resolution, lost()) == ("The bank says no.", (total, total))
    give_back(books)
    reconcile()
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.returned_at is None, lost()) == ("won", False, (0, 0))
    assert right()


def test_money_that_comes_back_before_anybody_has_looked(books: Books) -> None:
    """Also where the list shows it before what was taken."""
    attempt = books.booked()
    books.settle()
    take_back(books)
    give_back(books)
    reconcile()
    assert (Dispute.objects.get().state, lost()) == ("won", (0, 0))
    assert not PaymentException.objects.filter(resolved_at=None).exists()
    staff = signed_in(clerk())
    case = PaymentException.objects.get(kind="chargeback")
    answer = staff.get(f"{LIST}{case.pk}/do/contest/")
    assert "This cannot be done about this exception" in answer.text
    # It is taken once more: another case, and the first stays won.
    books.tick()
    take_back(books)
    reconcile()
    assert lost() == (attempt.amount_minor, attempt.amount_minor)
    opened = PaymentException.objects.filter(kind="chargeback", resolved_at=None)
    assert opened.exclude(pk=case.pk).count() == opened.count() == 1
    assert right()


def test_a_movement_that_is_called_off_opens_it_again(books: Books) -> None:
    total = charged_back(books).amount_minor
    give_back(books)
    reconcile()
    assert the_one().resolved_at is not None
    GatewayTransaction.objects.filter(kind="chargeback", is_incoming=True).update(state="failed")
    make_due()
    match_all()
    assert (the_one().resolved_at, lost()) == (None, (total, total))
    assert (Dispute.objects.get().state, Dispute.objects.get().returned_at) == ("won", None)
    # It had been won, they said: now it is lost for good.
    do(signed_in(clerk()), "lost", words="They changed their mind.")
    assert (Dispute.objects.get().state, the_one().resolution) == (
        "lost",
        "They changed their mind.",
    )
    assert right()


def test_of_two_parts_that_one_is_won_whose_amount_comes_back(books: Books) -> None:
    attempt = charged_back(books, 30_000)
    books.tick()
    take_back(books, 50_000)
    reconcile()
    give_back(books, 20_000)
    reconcile()
    assert (Dispute.objects.count(), lost()) == (0, (60_000, 60_000))
    give_back(books, 30_000)
    reconcile()
    [dispute] = Dispute.objects.select_related("exception__transaction")
    assert dispute.exception.transaction is not None
    assert dispute.exception.transaction.amount_minor == 50_000
    assert (lost(), troubles()) == ((30_000, 30_000), ["chargeback", "chargeback"])
    assert attempt.amount_minor > 80_000
    assert right()


def closing(work: Callable[..., Any]) -> Callable[..., Any]:
    """In a thread, on a connection of its own."""

    def run(**named: Any) -> Any:
        try:
            return work(**named)
        finally:
            connection.close()

    return run


@pytest.mark.django_db(transaction=True)
def test_the_list_and_a_word_at_once_are_one_outcome(books: Books) -> None:
    charged_back(books)
    user, case = clerk(), the_one()
    contest(exception_id=case.pk, words="Sent.", answer_by=timezone.localdate(), user_id=user.pk)
    give_back(books)
    read_all()
    row = GatewayTransaction.objects.get(is_incoming=True, kind="chargeback")

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            PaymentException.objects.select_for_update(no_key=True).get(pk=case.pk)
            first = pool.submit(closing(record), transaction_id=row.pk, seen=row.updated_at)
            wait_until_blocked()
            word = {"outcome": DisputeState.LOST, "words": "No.", "user_id": user.pk}
            second = pool.submit(closing(decide), exception_id=case.pk, **word)
            wait_until_waiting(2)
        first.result(timeout=30)
        assert second.result(timeout=30) is False
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.returned_at is None, lost()) == ("won", False, (0, 0))
    assert steps() == ["contested"]
    assert right()


def test_a_day_that_is_near_is_told_in_the_morning(books: Books) -> None:
    attempt = charged_back(books)
    owner, other = clerk(), clerk()
    contested(signed_in(owner))
    take_exception(exception_id=the_one().pk, user_id=owner.pk)
    tell_untaken()
    letters = {letter.to[0]: letter for letter in send_mails()}
    assert other.email not in letters
    # The way to what is open: nothing is nobody's.
    for words in (attempt.order.number, "?state=open"):
        assert words in letters[owner.email].body
    Dispute.objects.update(answer_by=timezone.localdate() + timedelta(days=4))
    assert to_answer_soon(timezone.localdate()) == []
