"""Money first, order second, beside T20 to T35 in `scenarios/`."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.tests.builders import make_variant, stock_of
from orders.emails import write_ended
from orders.models import CartLine, Order, OrderStatus
from orders.placing import place_order
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart, make_checkout, make_order
from payments.ledger.posting import Unbalanced, post
from payments.models import (
    AttemptState,
    LedgerEntry,
    LedgerTransaction,
    PaymentException,
    PaymentReceipt,
    PostingKind,
    Refund,
)
from payments.receipts import book_receipt
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.invariants import check_invariants
from shop.core.models import OutboxMessage
from shop.core.money import Money
from tests.racing import race

Disposition = PaymentReceipt.Disposition


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def balances() -> dict[str, int]:
    rows = LedgerEntry.objects.values("account").annotate(total=Sum("amount_minor"))
    return {row["account"]: row["total"] for row in rows if row["total"]}


def open_exceptions() -> list[str]:
    return list(PaymentException.objects.filter(resolved_at=None).values_list("kind", flat=True))


@pytest.mark.django_db
def test_paid_in_full_the_order_is_confirmed_and_its_stock_sold() -> None:
    mug = make_variant(price=149_000, on_hand=3)
    order = make_order(lines={mug: 2})
    attempt = make_attempt(order)
    receipt = pay(attempt)

    attempt.refresh_from_db()
    assert (receipt.disposition, attempt.state) == (Disposition.APPLIED, AttemptState.SUCCEEDED)
    assert status_of(order) == OrderStatus.CONFIRMED
    assert stock_of(mug) == (1, 0)
    assert balances() == {
        "gateway_clearing:xendit": order.total_minor,
        "sales": -298_000,
        "shipping_income": -order.shipping_minor,
    }
    assert payment_status(order=order) == PaymentStatus.PAID
    assert OutboxMessage.objects.get().key == f"order-confirmed:{order.pk}"
    assert not CartLine.objects.exists()
    check_invariants()


@pytest.mark.django_db
def test_a_payment_is_booked_and_its_order_confirmed_in_eight_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    mug, cup = make_variant(on_hand=3), make_variant(on_hand=3)
    attempt = make_attempt(make_order(lines={mug: 1, cup: 1}))
    # Find it, lock order and attempt, book, confirm, sell the stock; the transaction's two.
    with django_assert_num_queries(8):
        pay(attempt)
    assert (stock_of(mug), stock_of(cup)) == ((2, 0), (2, 0))


@pytest.mark.django_db(transaction=True)
def test_the_same_money_told_by_many_at_once_is_booked_once() -> None:
    mug = make_variant(on_hand=3)
    attempt = make_attempt(make_order(lines={mug: 1}))
    capture = make_capture(attempt.amount_minor)
    results = race([partial(pay, attempt, capture)] * 8)
    assert all(isinstance(result, PaymentReceipt) for result in results)
    assert (PaymentReceipt.objects.count(), stock_of(mug)) == (1, (2, 0))
    assert OutboxMessage.objects.count() == 1
    check_invariants()


@pytest.mark.django_db
def test_late_money_that_takes_over_a_newer_order_stops_its_payment_and_says_so() -> None:
    cart = make_cart({make_variant(on_hand=1): 1})
    attempts = []
    for _ in range(2):
        until = timezone.now() + timedelta(minutes=30)
        order = place_order(checkout=make_checkout(cart), reserve_until=until)
        attempts.append(make_attempt(order))
    late, newer = attempts
    pay(late)
    newer.refresh_from_db()
    assert (status_of(late.order), status_of(newer.order)) == ("confirmed", "cancelled")
    assert newer.cancel_requested_at is not None
    assert newer.next_poll_at == newer.cancel_requested_at
    keys = set(OutboxMessage.objects.values_list("key", flat=True))
    assert keys == {
        f"order-confirmed:{late.order_id}",
        f"order-cancelled:{newer.order_id}",
    }
    letter = write_ended(newer.order_id)
    assert letter is not None
    assert letter.context == {"paid_instead": late.order.number}


# Breaks them: what went back is written into the column alone, as no refund does.
@pytest.mark.breaks_books
@pytest.mark.django_db
def test_late_money_is_booked_even_where_its_refund_cannot_begin() -> None:
    """Part of it has gone back on the gateway's own pages, which the ledger counts otherwise."""
    mug = make_variant(on_hand=1)
    late = make_order(lines={mug: 1})
    attempt = make_attempt(late)
    part = pay(attempt, make_capture(50_000))
    PaymentReceipt.objects.filter(pk=part.pk).update(refunded_minor=50_000)
    close_unpaid(order_id=late.pk)
    pay(make_attempt(make_order(lines={mug: 1})))
    receipt = pay(attempt)
    assert receipt.disposition == Disposition.UNFULFILLABLE
    assert open_exceptions() == ["partial", "unfulfillable"]
    assert Refund.objects.count() == 0


@pytest.mark.django_db
def test_too_little_money_waits_for_the_rest() -> None:
    order = make_order()
    attempt = make_attempt(order)
    part = pay(attempt, make_capture(1_000))
    assert (part.disposition, status_of(order)) == (Disposition.PARTIAL, OrderStatus.PENDING)
    assert payment_status(order=order) == PaymentStatus.PARTIALLY_PAID
    assert open_exceptions() == ["partial"]
    check_invariants()

    pay(attempt, make_capture(order.total_minor - 1_000))
    assert status_of(order) == OrderStatus.CONFIRMED
    assert open_exceptions() == []


@pytest.mark.django_db
def test_money_under_a_reference_of_nobody_is_booked_and_owned() -> None:
    receipt = book_receipt(gateway="xendit", reference="NOBODY-A1", capture=make_capture(5_000))
    assert (receipt.order, receipt.disposition) == (None, Disposition.UNMATCHED)
    assert balances() == {"gateway_clearing:xendit": 5_000, "customer_funds": -5_000}
    assert open_exceptions() == ["unmatched"]
    check_invariants()


@pytest.mark.django_db
def test_an_unbalanced_posting_is_refused_by_the_code() -> None:
    order = make_order()
    with pytest.raises(Unbalanced):
        post(
            kind=PostingKind.SALE,
            key="sale:x",
            occurred_at=order.placed_at,
            entries=[("sales", Money(1, "IDR")), ("customer_funds", Money(-2, "IDR"))],
        )
    assert LedgerTransaction.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("amounts", [[5], [5, -4], []])
def test_an_unbalanced_posting_is_refused_by_the_database(amounts: list[int]) -> None:
    order = make_order()

    def book() -> None:
        posting = LedgerTransaction.objects.create(
            kind="sale", external_key="x", occurred_at=order.placed_at
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(transaction=posting, account_id="sales", amount_minor=minor, currency="IDR")
            for minor in amounts
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match=r"sum to zero|no entries"), transaction.atomic():
        book()
    assert LedgerTransaction.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["payments_ledgerentry", "payments_ledgertransaction"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_books_cannot_be_changed(table: str, verb: str) -> None:
    pay(make_attempt())
    before = LedgerEntry.objects.count()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format(table))
    assert LedgerEntry.objects.count() == before
