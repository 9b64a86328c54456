"""Cards in the gateway's list: a payment has another id than the page it was made on."""

import pytest

from orders.models import OrderStatus
from orders.tests.builders import make_order
from payments.gateways.base import RemotePayment
from payments.gateways.registry import gateway
from payments.models import PaymentAttempt, PaymentException, Refund
from payments.tests.builders import make_attempt
from payments.tests.gateway_builders import make_request
from payments.tests.invariants import check_invariants
from tests.reconciling.builders import (
    Books,
    balances,
    clearing,
    make_due,
    match_all,
    reconcile,
    rows,
    troubles,
)

pytestmark = pytest.mark.django_db


def paid_by_card(books: Books) -> PaymentAttempt:
    """Nothing has told the shop."""
    order = make_order()
    reference = f"{order.number}-A1"
    request = make_request("card", minor=order.total_minor, reference=reference)
    page = gateway("xendit").create(request, timeout=5)
    assert isinstance(page, RemotePayment), page
    books.world.control("sessions/card", reference_id=reference)
    return make_attempt(order, method="card", gateway_ref=page.gateway_ref)


def test_a_card_of_which_nothing_told_the_shop_is_found_with_its_fee(books: Books) -> None:
    attempt = paid_by_card(books)
    books.settle()
    reconcile()
    attempt.refresh_from_db()
    attempt.order.refresh_from_db()
    assert (attempt.state, attempt.order.status) == ("succeeded", OrderStatus.CONFIRMED)
    [row] = rows()
    assert (row.channel, row.receipt is not None) == ("CARDS", True)
    assert row.kept_minor > 0
    assert clearing() == attempt.amount_minor - row.kept_minor
    assert balances()["gateway_fee"] + balances()["ppn_in"] == row.kept_minor
    assert troubles() == []
    check_invariants()


def test_what_was_given_back_to_a_card_in_the_dashboard_is_found_in_the_list(books: Books) -> None:
    attempt = paid_by_card(books)
    reconcile()
    [payment] = rows()
    books.tick()
    books.world.control(
        "refunds/create",
        payment_request_id=payment.gateway_ref,
        amount=40_000,
        outcome="succeeded",
    )
    reconcile()
    make_due()
    match_all()
    refund = Refund.objects.get()
    assert (refund.order, refund.amount_minor, refund.state) == (
        attempt.order,
        40_000,
        "succeeded",
    )
    assert troubles() == [PaymentException.Kind.FOREIGN_REFUND]
    check_invariants()
