"""From a bank's file to a paid order: each line once, and all of its money in its place."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.builders import make_staff
from catalog.tests.builders import make_variant, stock_of
from orders.models import Order, OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from payments.books import differences
from payments.gateways.base import Refused, RemotePayment, RemoteState
from payments.gateways.registry import gateway
from payments.models import (
    AttemptState,
    BankStatement,
    LineState,
    PaymentException,
    PaymentReceipt,
    StatementLine,
)
from payments.paid import payments_of
from payments.polling import poll
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.invariants import check_invariants
from payments.tests.test_admin import signed_in
from payments.tests.test_receipts import balances, open_exceptions, status_of
from payments.tests.transfers.builders import await_transfer, csv_of, only_line, take
from payments.transfers.booking import NoSuchOrder, book_line, book_line_to_order, set_aside
from payments.transfers.forgetting import forget_payers
from payments.transfers.importing import NothingNew
from payments.transfers.matching import Fit, propose
from tests.racing import race

Disposition = PaymentReceipt.Disposition


def fit_of(line: StatementLine) -> tuple[Fit, list[int]]:
    [proposal] = propose([line])
    return proposal.fit, [attempt.pk for attempt in proposal.attempts]


@pytest.mark.django_db
def test_the_exact_amount_pays_the_order_and_its_last_digits_are_the_shops() -> None:
    shirt = make_variant(on_hand=3)
    attempt = await_transfer(make_order(lines={shirt: 1}, pay_within=timedelta(days=1)))
    line = only_line(attempt.amount_minor)
    assert fit_of(line) == (Fit.EXACT, [attempt.pk])
    assert book_line(line_id=line.pk, attempt_id=attempt.pk, user_id=None)

    order = Order.objects.get()
    receipt = PaymentReceipt.objects.get()
    assert (order.status, receipt.disposition) == (OrderStatus.CONFIRMED, Disposition.APPLIED)
    assert (receipt.suffix_minor, stock_of(shirt)) == (attempt.suffix_minor, (2, 0))
    # The clearing account of transfers is empty again: the money is on the bank's.
    assert balances() == {
        "bank:main": attempt.amount_minor,
        "sales": -order.subtotal_minor,
        "shipping_income": -order.shipping_minor,
        "transfer_suffix": -attempt.suffix_minor,
    }
    assert payment_status(order=order) == PaymentStatus.PAID
    assert [payment.amount for payment in payments_of(order)] == [order.total]
    assert (open_exceptions(), list(differences())) == ([], [])
    check_invariants()


@pytest.mark.django_db
def test_the_gateway_of_transfers_says_what_the_statements_say() -> None:
    attempt = await_transfer()
    api = gateway("bank_transfer")
    asked = api.fetch(attempt.gateway_ref, timeout=5)
    assert isinstance(asked, RemotePayment)
    assert (asked.state, asked.captures) == (RemoteState.PENDING, [])
    line = only_line(attempt.amount_minor)
    book_line(line_id=line.pk, attempt_id=attempt.pk, user_id=None)
    paid = api.find(attempt.reference, timeout=5)
    assert isinstance(paid, RemotePayment)
    assert (paid.state, [one.amount for one in paid.captures]) == (
        RemoteState.SUCCEEDED,
        [attempt.amount],
    )
    assert isinstance(api.cancel(attempt.gateway_ref, timeout=5), Refused)
    # Heard of again by whatever way, it is the same money.
    poll(attempt_id=attempt.pk)
    assert PaymentReceipt.objects.count() == 1


@pytest.mark.django_db
def test_the_same_file_and_one_that_overlaps_bring_no_line_twice() -> None:
    statement = take(csv_of([10_001, 10_001, 20_002]))
    assert statement.lines.count() == 3
    with pytest.raises(NothingNew) as refused:
        take(csv_of([10_001, 10_001, 20_002]))
    assert refused.value.extra == {"known": 3}
    assert BankStatement.objects.count() == 1
    longer = take(csv_of([10_001, 10_001, 20_002, 30_003]))
    assert (longer.known, [line.amount_minor for line in longer.lines.all()]) == (3, [30_003])


@pytest.mark.django_db(transaction=True)
def test_a_file_that_two_read_in_at_once_is_there_once() -> None:
    content = csv_of([10_001, 20_002, 30_003])
    results = race([partial(take, content)] * 4)
    assert [type(result) for result in results].count(NothingNew) == 3, results
    assert StatementLine.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_line_that_two_book_at_once_is_booked_once() -> None:
    attempt = await_transfer()
    line = only_line(attempt.amount_minor)
    booked = race([partial(book_line, line_id=line.pk, attempt_id=attempt.pk, user_id=None)] * 4)
    assert sorted(booked, key=bool) == [False, False, False, True]
    aside = race([partial(set_aside, line_id=line.pk, user_id=None)] * 2)
    assert aside == [False, False]
    assert PaymentReceipt.objects.count() == 1
    assert StatementLine.objects.get().state == LineState.BOOKED
    check_invariants()


@pytest.mark.django_db(transaction=True)
def test_a_line_set_aside_and_booked_at_once_is_one_of_them() -> None:
    for _ in range(3):
        line = only_line(77_000, balance=1_000_000 + StatementLine.objects.count())
        before = PaymentReceipt.objects.count()
        done = race(
            [
                partial(book_line, line_id=line.pk, attempt_id=None, user_id=None),
                partial(set_aside, line_id=line.pk, user_id=None),
            ]
        )
        line.refresh_from_db()
        assert sorted(done, key=bool) == [False, True]
        booked = PaymentReceipt.objects.count() - before
        assert (line.state, booked) in [(LineState.BOOKED, 1), (LineState.SET_ASIDE, 0)]


@pytest.mark.django_db
def test_money_after_the_end_is_matched_while_it_can_be_only_one_orders() -> None:
    attempt = await_transfer()
    close_unpaid(order_id=attempt.order_id)
    attempt.state = AttemptState.EXPIRED
    attempt.save(update_fields=["state"])
    line = only_line(attempt.amount_minor)
    assert fit_of(line) == (Fit.LATE, [attempt.pk])
    book_line(line_id=line.pk, attempt_id=attempt.pk, user_id=None)
    assert status_of(attempt.order) == OrderStatus.CONFIRMED
    # The same amount once more: staff are asked, and what they book is money paid twice.
    again = only_line(attempt.amount_minor, balance=9_000_000)
    again.statement = line.statement
    again.save(update_fields=["statement"])
    assert fit_of(again) == (Fit.DOUBTFUL, [attempt.pk])
    book_line(line_id=again.pk, attempt_id=attempt.pk, user_id=None)
    assert open_exceptions() == ["duplicate"]
    assert balances()["customer_funds"] == -attempt.amount_minor
    assert "gateway_clearing:bank_transfer" not in balances()
    check_invariants()


@pytest.mark.django_db
def test_a_line_before_the_order_or_long_after_it_is_not_its_money() -> None:
    attempt = await_transfer()
    today = timezone.localdate()
    before = only_line(attempt.amount_minor, on=today - timedelta(days=1))
    after = only_line(attempt.amount_minor, on=today + timedelta(days=16))
    assert [one.fit for one in propose([before, after])] == [Fit.NONE, Fit.NONE]


@pytest.mark.django_db
def test_one_payment_is_not_sure_to_be_meant_by_two_lines() -> None:
    attempt = await_transfer()
    lines = list(take(csv_of([attempt.amount_minor] * 2)).lines.order_by("position"))
    assert [one.fit for one in propose(lines)] == [Fit.EXACT, Fit.DOUBTFUL]


@pytest.mark.django_db
def test_the_total_without_its_digits_is_asked_about_and_pays_in_full() -> None:
    attempt = await_transfer()
    line = only_line(attempt.order.total_minor)
    assert fit_of(line) == (Fit.NO_SUFFIX, [attempt.pk])
    book_line(line_id=line.pk, attempt_id=attempt.pk, user_id=None)
    assert status_of(attempt.order) == OrderStatus.CONFIRMED
    assert PaymentReceipt.objects.get().suffix_minor == 0
    assert (open_exceptions(), list(differences())) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize(("off", "trouble"), [(-5_000, "partial"), (5_000, "surplus")])
def test_too_little_and_too_much_go_by_the_rules_of_all_money(off: int, trouble: str) -> None:
    attempt = await_transfer()
    line = only_line(attempt.amount_minor + off)
    assert fit_of(line) == (Fit.NONE, [])
    book_line_to_order(line_id=line.pk, number=attempt.order.number.lower(), user_id=None)
    assert open_exceptions() == [trouble]
    assert "transfer_suffix" not in balances()
    check_invariants()


@pytest.mark.django_db
def test_money_of_an_order_that_was_to_be_paid_otherwise_finds_its_place() -> None:
    attempt = make_attempt()
    line = only_line(attempt.amount_minor)
    with pytest.raises(NoSuchOrder):
        book_line_to_order(line_id=line.pk, number="AAAA-AAAA", user_id=None)
    line.refresh_from_db()
    assert (line.state, PaymentReceipt.objects.count()) == (LineState.NEW, 0)
    assert book_line_to_order(line_id=line.pk, number=attempt.order.number, user_id=None)
    assert not book_line_to_order(line_id=line.pk, number=attempt.order.number, user_id=None)
    assert status_of(attempt.order) == OrderStatus.CONFIRMED
    check_invariants()


@pytest.mark.django_db
def test_late_money_for_what_is_sold_keeps_its_digits_too() -> None:
    shirt = make_variant(on_hand=1)
    attempt = await_transfer(make_order(lines={shirt: 1}, pay_within=timedelta(days=1)))
    close_unpaid(order_id=attempt.order_id)
    pay(make_attempt(make_order(lines={shirt: 1})))
    line = only_line(attempt.amount_minor)
    book_line(line_id=line.pk, attempt_id=attempt.pk, user_id=None)
    late = PaymentReceipt.objects.get(order=attempt.order)
    assert (late.disposition, late.suffix_minor) == (Disposition.UNFULFILLABLE, 0)
    # All of it goes back, by hand.
    assert balances()["refunds_payable"] == -attempt.amount_minor
    assert list(differences()) == []


@pytest.mark.django_db
def test_nobodys_money_is_booked_and_owned_and_says_where_it_is_written() -> None:
    line = only_line(55_000)
    book_line(line_id=line.pk, attempt_id=None, user_id=None)
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.note) == (
        "unmatched",
        f"bank statement {line.statement_id}, line {line.position}",
    )
    assert balances() == {"bank:main": 55_000, "customer_funds": -55_000}
    assert list(differences()) == []
    check_invariants()


@pytest.mark.django_db
def test_the_same_money_told_differently_in_another_file_is_asked_about() -> None:
    first = only_line(55_000)
    second = only_line(55_000, balance=3_000_000)
    assert fit_of(first)[0] == Fit.NONE
    assert fit_of(second)[0] == Fit.TWIN


@pytest.mark.django_db
def test_who_paid_is_forgotten_after_its_time_and_the_line_is_still_known() -> None:
    old, new = only_line(55_000), only_line(66_000)
    StatementLine.objects.filter(pk=old.pk).update(read_at=timezone.now() - timedelta(days=91))
    assert (forget_payers(), forget_payers()) == (1, 0)
    words = dict(StatementLine.objects.values_list("pk", "description"))
    assert (words[old.pk], "BUDI" in words[new.pk]) == ("", True)
    with pytest.raises(NothingNew):
        take(csv_of([55_000]))


@pytest.mark.django_db
def test_a_payment_by_card_of_surplus_then_exact_transfer_is_a_duplicate() -> None:
    attempt = await_transfer()
    dana = make_attempt(attempt.order, seq=2)
    pay(dana, make_capture(attempt.order.total_minor - 1_000))
    line = only_line(attempt.amount_minor)
    book_line(line_id=line.pk, attempt_id=attempt.pk, user_id=None)
    receipt = PaymentReceipt.objects.get(attempt=attempt)
    assert receipt.disposition == Disposition.SURPLUS
    assert balances()["customer_funds"] == -(attempt.order.total_minor - 1_000)
    assert payment_status(order=attempt.order) == PaymentStatus.OVERPAID
    check_invariants()


# --- in the admin ---------------------------------------------------------------------------------


def upload(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("mutasi.csv", content, content_type="text/csv")
    return client.post("/admin/payments/bankstatement/add/", {"file": file})


@pytest.mark.django_db
def test_staff_read_a_file_in_look_through_it_and_book_what_is_sure() -> None:
    attempt = await_transfer()
    client = signed_in()
    answer = upload(client, csv_of([attempt.amount_minor, 77_000, 88_000]))
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert PaymentReceipt.objects.count() == 0
    for words in (attempt.order.number, "BUDI SANTOSO", "exact amount", "No payment asks for"):
        assert words in page.text, words

    known, nobodys, own = StatementLine.objects.order_by("position")
    form = {
        f"line-{known.pk}": attempt.pk,
        f"line-{nobodys.pk}": "none",
        f"line-{own.pk}": "aside",
    }
    for _twice in range(2):
        done = client.post(answer["Location"], form, follow=True)
        assert done.status_code == 200
    assert "All lines of this file are decided." in done.text
    assert status_of(attempt.order) == OrderStatus.CONFIRMED
    assert PaymentReceipt.objects.count() == 2
    own.refresh_from_db()
    assert (own.state, own.receipt) == (LineState.SET_ASIDE, None)


@pytest.mark.django_db
def test_what_was_not_proposed_cannot_be_chosen() -> None:
    attempt, line = make_attempt(), only_line(77_000)
    page = f"/admin/payments/bankstatement/{line.statement_id}/change/"
    for choice in (attempt.pk, "x", "-1"):
        signed_in().post(page, {f"line-{line.pk}": choice})
    line.refresh_from_db()
    assert (line.state, PaymentReceipt.objects.count()) == (LineState.NEW, 0)
    wrong = signed_in().post(page, {f"order-{line.pk}": "AAAA-AAAA"}, follow=True)
    assert "There is no order AAAA-AAAA" in wrong.text


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_refused_with_its_line() -> None:
    answer = upload(signed_in(), b"Tanggal,Keterangan,Jumlah\n05/11,A,lots\n")
    assert answer.status_code == 200
    assert "Line 2 of the file cannot be read" in answer.text
    assert not BankStatement.objects.exists()


@pytest.mark.django_db
def test_who_may_only_look_neither_reads_in_nor_books() -> None:
    line = only_line(77_000)
    looker = signed_in(make_staff("payments.view_bankstatement"))
    page = f"/admin/payments/bankstatement/{line.statement_id}/change/"
    assert looker.get(page).status_code == 200
    assert looker.post(page, {f"line-{line.pk}": "none"}).status_code == 403
    assert upload(looker, csv_of([1_000])).status_code == 403
    assert (BankStatement.objects.count(), PaymentReceipt.objects.count()) == (1, 0)
    assert signed_in(make_staff("orders.view_order")).get(page).status_code == 403


@pytest.mark.django_db
def test_a_long_statement_is_shown_in_as_many_queries_as_a_short_one() -> None:
    client = signed_in()
    counts = []
    for amounts in ([11_000], list(range(20_000, 20_040))):
        statement = take(csv_of(amounts, balance=len(amounts)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"/admin/payments/bankstatement/{statement.pk}/change/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
