"""What the gateway lists, what we have booked, and what the ledger says."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from orders.calling_off import call_off_by_customer
from orders.models import Order, OrderStatus, RefundDue
from payments.books import differences
from payments.ledger.settling import posted_sums
from payments.models import (
    GatewayTransaction,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.reconciling.asking import MOST_TRIES
from payments.reconciling.matching import match_transaction, record
from payments.refunds.exceptions import refund_exception
from payments.refunds.planning import MoreThanReceived, hold_back
from payments.refunds.sending import follow_refund
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.invariants import check_invariants
from tests.racing import wait_until_blocked, wait_until_waiting
from tests.reconciling.builders import (
    Books,
    balances,
    clearing,
    make_due,
    match_all,
    read_all,
    reconcile,
    rows,
    troubles,
)

pytestmark = pytest.mark.django_db


def right() -> bool:
    return [str(each) for each in differences()] == []


# --- payments ------------------------------------------------------------------------------------
def test_an_attempt_whose_answer_was_lost_learns_the_gateways_id(books: Books) -> None:
    attempt = books.paid()
    type(attempt).objects.update(gateway_ref="", state="unknown")
    reconcile()
    learnt = attempt.gateway_ref
    attempt.refresh_from_db()
    assert (attempt.gateway_ref, attempt.state) == (learnt, "succeeded")


def test_money_under_a_reference_that_is_not_ours_is_booked_and_somebody_asked(
    books: Books,
) -> None:
    created = books.world.create("DANA", reference_id="POS-7")
    books.world.control("pay", payment_request_id=created["payment_request_id"])
    reconcile()
    assert (troubles(), clearing()) == (["unmatched"], 149_000)
    assert rows()[0].receipt == PaymentReceipt.objects.get()
    assert right()


def test_what_is_only_listed_is_never_booked(books: Books) -> None:
    stray = books.world.control("transactions/add", amount=75_000, reference_id="POS-7")
    for _twice in "12":
        reconcile()
        make_due()
        match_all()
        assert (troubles(), balances()) == (["unmatched"], {})
    exception = PaymentException.objects.get()
    assert exception.transaction == rows()[0]
    assert stray["product_id"] in exception.note
    assert "POS-7" in exception.note
    assert right()


def test_both_payments_of_one_request_are_found(books: Books) -> None:
    """T35: the gateway shows the newest of them only, where it is asked for the request."""
    attempt = books.paid()
    books.world.control("pay", payment_request_id=attempt.gateway_ref, force_duplicate=True)
    reconcile()
    assert sorted(PaymentReceipt.objects.values_list("disposition", flat=True)) == [
        "applied",
        "duplicate",
    ]
    assert (troubles(), clearing()) == (["duplicate"], 2 * attempt.amount_minor)
    assert right()


def test_an_amount_that_differs_is_told_once(books: Books) -> None:
    attempt = books.booked()
    # What a gateway that corrects itself would list.
    read_all()
    GatewayTransaction.objects.update(amount_minor=attempt.amount_minor - 1_000)
    for _twice in "12":
        make_due()
        match_all()
    exception = PaymentException.objects.get()
    assert (exception.kind, exception.order) == ("amount_differs", attempt.order)
    assert clearing() == attempt.amount_minor
    check_invariants()


def test_while_the_gateway_does_not_answer_nothing_is_concluded(
    books: Books, settings: Settings
) -> None:
    attempt = books.paid()
    read_all()
    url, settings.XENDIT_URL = settings.XENDIT_URL, "http://127.0.0.1:9"
    for _try in range(MOST_TRIES + 2):
        make_due()
        match_all()
    assert (troubles(), balances()) == ([], {})
    [row] = rows()
    assert row.next_match_at is not None
    settings.XENDIT_URL = url
    make_due()
    match_all()
    attempt.order.refresh_from_db()
    assert attempt.order.status == OrderStatus.CONFIRMED


# --- what is taken back --------------------------------------------------------------------------
@pytest.mark.parametrize("settled", [True, False], ids=["reversed", "voided"])
def test_money_that_the_gateway_takes_back_takes_its_fee_along(
    books: Books,
    settled: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """T45: REVERSED after settlement, VOIDED before it."""
    attempt = books.booked()
    if settled:
        books.settle()
    reconcile()
    books.tick()
    payment_id = PaymentReceipt.objects.get().payment_id
    books.world.control("transactions/reverse", payment_id=payment_id)
    reconcile()
    assert clearing() == 0
    assert balances()["chargeback_loss"] == attempt.amount_minor
    assert "gateway_fee" not in balances()
    [row] = rows()
    assert row.postings == 1 + settled
    assert (troubles(), PaymentException.objects.get().order) == (["chargeback"], attempt.order)
    assert right()


@pytest.mark.parametrize("first", ["charge-back", "reverse"])
def test_a_payment_that_is_reversed_and_charged_back_is_lost_once(books: Books, first: str) -> None:
    attempt = books.booked()
    total = attempt.amount_minor
    payment_id = PaymentReceipt.objects.get().payment_id
    books.settle()
    reconcile()
    read_all()
    if first == "charge-back":
        books.world.control("transactions/charge-back", payment_id=payment_id)
        reconcile()
        assert balances()["chargeback_loss"] == total
        GatewayTransaction.objects.filter(kind="payment").update(state="reversed")
    else:
        GatewayTransaction.objects.filter(kind="payment").update(state="reversed")
        make_due()
        match_all()
        assert balances()["chargeback_loss"] == total
        charge_back_here(rows()[0])
    make_due()
    for _twice in "12":
        match_all()
        make_due()
    match_all()
    assert balances()["chargeback_loss"] == total
    assert set(troubles()) == {"chargeback", "amount_differs"}
    assert right()


@pytest.mark.django_db(transaction=True)
def test_a_reversal_and_a_charge_back_at_once_wait_for_each_other(books: Books) -> None:
    """Both want the payment's row and its order, which somebody else is just holding."""
    attempt = books.booked()
    books.settle()
    reconcile()
    payment = GatewayTransaction.objects.get(kind="payment")
    GatewayTransaction.objects.filter(pk=payment.pk).update(state="reversed")
    charge_back_here(payment)
    charge_back = GatewayTransaction.objects.get(kind="chargeback")

    def matched(row: GatewayTransaction) -> GatewayTransaction:
        try:
            return record(transaction_id=row.pk, seen=row.updated_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Order.objects.locked().get(pk=attempt.order_id)
            first = pool.submit(matched, charge_back)
            wait_until_blocked()
            second = pool.submit(matched, payment)
            wait_until_waiting(2)
        for each in (first, second):
            assert each.result(timeout=30).next_match_at is None
    assert balances()["chargeback_loss"] == attempt.amount_minor
    assert right()


def charge_back_here(row: GatewayTransaction) -> None:
    """As a page would bring it, of a payment that the gateway has reversed before."""
    GatewayTransaction.objects.create(
        gateway=row.gateway,
        transaction_id="txn-charge-back",
        kind="chargeback",
        state="succeeded",
        product_id=row.product_id,
        is_incoming=False,
        amount_minor=row.amount_minor,
        fee_minor=0,
        fee_tax_minor=0,
        currency=row.currency,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def test_money_that_was_charged_back_is_not_given_back(books: Books) -> None:
    attempt = books.booked()
    order = attempt.order
    payment_id = PaymentReceipt.objects.get().payment_id
    books.settle()
    books.world.control("transactions/charge-back", payment_id=payment_id)
    reconcile()
    receipt = PaymentReceipt.objects.get()
    assert (receipt.taken_back_minor, receipt.refundable_minor) == (attempt.amount_minor, 0)
    with pytest.raises(MoreThanReceived):
        hold_back(receipt, 1)
    call_off_by_customer(order_id=order.pk)
    # Its payer has the money already: nothing is owed, and nothing is lost.
    assert Refund.objects.count() == 0
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.absent_minor) == (0, attempt.amount_minor)
    assert balances().get("chargeback_loss", 0) == balances().get("refunds_payable", 0) == 0
    assert right()
    # The dispute is won: the money is there again.
    GatewayTransaction.objects.filter(kind="chargeback").update(state="failed")
    make_due()
    match_all()
    assert PaymentReceipt.objects.get().taken_back_minor == 0
    # It is owed after all, once a second person has looked.
    [refund] = Refund.objects.all()
    assert (refund.state, refund.amount_minor) == ("draft", attempt.amount_minor)
    assert balances()["refunds_payable"] == -attempt.amount_minor
    assert "chargeback_loss" not in balances()
    assert right()


# --- refunds -------------------------------------------------------------------------------------
def test_a_refund_of_ours_is_found_in_the_list(books: Books) -> None:
    attempt = books.booked()
    pay(attempt, make_capture(attempt.amount_minor, payment_id="py-again"))
    [refund] = refund_exception(exception_id=PaymentException.objects.get().pk, user_id=None)
    follow_refund(refund_id=refund.pk)
    books.world.control("refunds/settle", reference_id=refund.reference)
    reconcile()
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert [row.refund for row in rows() if row.kind == "refund"] == [refund]


def test_a_refund_from_the_gateways_own_pages_is_found_in_the_list(books: Books) -> None:
    """T44."""
    attempt = books.booked()
    books.world.control(
        "refunds/create",
        payment_request_id=attempt.gateway_ref,
        amount=10_000,
        outcome="succeeded",
    )
    for _twice in "12":
        reconcile()
        make_due()
        match_all()
        refund = Refund.objects.get()
        assert (refund.amount_minor, refund.state) == (10_000, "succeeded")
        assert (troubles(), clearing()) == (["foreign_refund"], attempt.amount_minor - 10_000)
    assert right()


def test_a_refund_of_more_than_we_know_of_is_told_once(books: Books) -> None:
    attempt = books.booked()
    PaymentReceipt.objects.update(refund_pending_minor=attempt.amount_minor)
    books.world.control(
        "refunds/create", payment_request_id=attempt.gateway_ref, outcome="succeeded"
    )
    read_all()
    for _try in range(MOST_TRIES + 1):
        match_all()
        make_due()
    match_all()
    assert troubles() == ["foreign_refund", "unmatched"]


# --- settlement ----------------------------------------------------------------------------------
def test_a_fee_that_is_corrected_is_booked_by_the_difference(books: Books) -> None:
    books.booked()
    books.settle()
    reconcile()
    GatewayTransaction.objects.update(fee_minor=2_000)
    match_transaction(transaction_id=rows()[0].pk)
    assert balances()["gateway_fee"] == 2_000
    assert posted_sums(rows()[0])["gateway_fee"] == 2_000
    assert right()


@pytest.mark.parametrize(
    ("kind", "sign"), [("ADJUSTMENT_ADD", 1), ("ADJUSTMENT_DEDUCT", -1), ("DISBURSEMENT", -1)]
)
def test_what_the_gateway_moves_by_itself_is_in_the_books_until_it_is_explained(
    books: Books, kind: str, sign: int
) -> None:
    books.world.control("transactions/add", type=kind, amount=5_000, reference_id="March")
    reconcile()
    [row] = rows()
    assert row.kind_given == kind
    assert row.kind == ("other" if kind == "DISBURSEMENT" else "adjustment")
    assert clearing() == 5_000 * sign
    assert balances()["suspense"] == -5_000 * sign
    assert troubles() == ["unexplained"]
    assert kind in PaymentException.objects.get().note
    assert right()


def test_a_receipt_of_another_gateway_is_none_of_this_list(books: Books) -> None:
    order = books.booked().order
    other = make_attempt(order, seq=2, gateway="midtrans", method="dana")
    pay(other, make_capture(order.total_minor))
    reconcile("nightly")
    assert troubles() == ["duplicate"]
