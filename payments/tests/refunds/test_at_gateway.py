"""Refunds that a gateway makes, beside T37 to T45 in `scenarios/`."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from pytest_django import Settings

from orders.calling_off import call_off_by_customer
from orders.models import OrderEvent, RefundDue
from orders.tests.life.builders import send_mails, staff
from payments.gateways.base import RefundReason, RefundRequest
from payments.gateways.registry import gateway
from payments.models import PaymentAttempt, PaymentException, PaymentReceipt, Refund
from payments.polling import LOOKUPS_APART, poll
from payments.refunds import sending
from payments.refunds.deciding import send_by_bank
from payments.refunds.sending import follow_refund
from payments.refunds.transfers import record_transferred
from payments.tests.invariants import check_invariants
from payments.tests.refunds.test_planning import booked, held, refunds_of
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import placed_attempt, turn_money_loop
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _by_hand(gateway_up: Simulator) -> None:
    """Refunds stay pending until the test settles them."""
    gateway_up.switch(refund_delay=0, no_refunds=[], balance=None)


def cancelled(simulator: Simulator) -> PaymentAttempt:
    """Paid by DANA and cancelled by its buyer: its refund is approved."""
    attempt = placed_attempt()
    simulator.pay(attempt.gateway_ref)
    poll(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    call_off_by_customer(order_id=attempt.order_id)
    return attempt


def the_refund() -> Refund:
    return Refund.objects.get()


def make_due() -> None:
    Refund.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())


def at_the_gateway(simulator: Simulator, attempt: PaymentAttempt) -> list[tuple[str, int, str]]:
    listed = [
        one for one in simulator.refunds() if one["payment_request_id"] == attempt.gateway_ref
    ]
    return [(one["reference_id"], one["amount"], one["status"]) for one in listed]


def test_the_money_goes_back_and_its_buyer_is_told(gateway_up: Simulator) -> None:
    attempt = cancelled(gateway_up)
    order, total = attempt.order, attempt.amount_minor
    turn_money_loop()
    refund = the_refund()
    assert refund.state == "pending"
    assert at_the_gateway(gateway_up, attempt) == [(refund.reference, total, "PENDING")]
    gateway_up.settle_refund(refund.reference)
    make_due()
    turn_money_loop()
    refund.refresh_from_db()
    due = RefundDue.objects.get()
    assert (refund.state, due.paid_on) == ("succeeded", timezone.localdate())
    assert held(order) == [(total, 0)]
    assert booked(order) == {}
    assert OrderEvent.objects.get(kind="refund_paid").data["amount"] == total
    letters = [letter for letter in send_mails() if due.amount.format() in letter.body]
    assert refund.reference in letters[-1].body
    check_invariants()


def test_a_refund_that_never_got_there_is_asked_for_under_another_reference(
    gateway_up: Simulator,
) -> None:
    """T39: it did not; two look-ups, far enough apart, say so."""
    attempt = cancelled(gateway_up)
    first = the_refund()
    Refund.objects.update(state="submitting")
    follow_refund(refund_id=first.pk)
    assert (the_refund().state, at_the_gateway(gateway_up, attempt)) == ("unknown", [])
    follow_refund(refund_id=first.pk)
    assert the_refund().state == "unknown"
    Refund.objects.update(first_lookup_at=timezone.now() - LOOKUPS_APART)
    follow_refund(refund_id=first.pk)
    total = attempt.amount_minor
    assert refunds_of(attempt.order) == [
        ("gateway", "failed", total),
        ("gateway", "approved", total),
    ]
    assert held(attempt.order) == [(0, total)]
    turn_money_loop()
    second = Refund.objects.latest("pk")
    assert second.reference == f"{attempt.order.number}-R2"
    assert at_the_gateway(gateway_up, attempt) == [(second.reference, total, "PENDING")]
    check_invariants()


def test_a_refund_whose_loop_died_before_the_gateway_had_it_is_sent_again_within_the_minute(
    gateway_up: Simulator,
) -> None:
    attempt = cancelled(gateway_up)
    first = the_refund()
    waits = []

    def wait() -> None:
        """Until the refund falls due: only the clock of its row goes on."""
        refund = the_refund()
        assert refund.next_try_at is not None
        waited = refund.next_try_at - timezone.now()
        waits.append(waited.total_seconds())
        if refund.first_lookup_at is not None:
            Refund.objects.update(first_lookup_at=refund.first_lookup_at - waited)

    sending.claim_due_refunds()
    Refund.objects.update(state="submitting")
    wait()
    follow_refund(refund_id=first.pk)
    wait()
    follow_refund(refund_id=first.pk)
    assert refunds_of(attempt.order)[0][:2] == ("gateway", "failed")
    second = Refund.objects.latest("pk")
    assert second.next_try_at is not None
    assert second.next_try_at <= timezone.now()
    assert waits[0] > sending.TIMEOUT
    assert LOOKUPS_APART.total_seconds() <= waits[1]
    assert sum(waits) < 50


def test_what_was_given_up_and_went_through_all_the_same_is_booked_once(
    gateway_up: Simulator,
) -> None:
    attempt = cancelled(gateway_up)
    first = the_refund()
    Refund.objects.update(state="unknown", first_lookup_at=timezone.now() - LOOKUPS_APART)
    follow_refund(refund_id=first.pk)
    # The list was behind: it had got there.
    gateway("xendit").refund(request_for(attempt, first.reference), timeout=5)
    gateway_up.settle_refund(first.reference)
    second = Refund.objects.latest("pk")
    listed = gateway("xendit").find_refunds(attempt.gateway_ref, timeout=5)
    assert isinstance(listed, list)
    for _twice in "12":
        sending.observe_refunds(attempt=attempt, listed=listed)
    total = attempt.amount_minor
    assert refunds_of(attempt.order) == [
        ("gateway", "succeeded", total),
        ("gateway", "cancelled", total),
    ]
    assert follow_refund(refund_id=second.pk).state == "cancelled"
    assert (held(attempt.order), booked(attempt.order)) == ([(total, 0)], {})
    check_invariants()


def test_what_went_through_after_its_money_was_transferred_is_somebodys(
    gateway_up: Simulator,
) -> None:
    attempt = cancelled(gateway_up)
    first = the_refund()
    Refund.objects.update(state="unknown", first_lookup_at=timezone.now() - LOOKUPS_APART)
    follow_refund(refund_id=first.pk)
    by_hand = send_by_bank(refund_id=Refund.objects.latest("pk").pk, user_id=staff().pk)
    record_transferred(
        refund_id=by_hand.pk, paid_on=timezone.localdate(), reference="T1", user_id=staff().pk
    )
    gateway("xendit").refund(request_for(attempt, first.reference), timeout=5)
    gateway_up.settle_refund(first.reference)
    listed = gateway("xendit").find_refunds(attempt.gateway_ref, timeout=5)
    assert isinstance(listed, list)
    for _twice in "12":
        sending.observe_refunds(attempt=attempt, listed=listed)
    total = attempt.amount_minor
    assert [one[:2] for one in refunds_of(attempt.order)] == [
        ("gateway", "failed"),
        ("gateway", "cancelled"),
        ("bank_transfer", "succeeded"),
    ]
    assert held(attempt.order) == [(total, 0)]
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.key) == ("foreign_refund", f"refunded-twice:{first.pk}")


def test_a_balance_that_is_too_low_is_waited_for_and_then_not(gateway_up: Simulator) -> None:
    """T42."""
    attempt = cancelled(gateway_up)
    gateway_up.switch(balance=1)
    turn_money_loop()
    refund = the_refund()
    assert (refund.state, refund.failure_code) == ("approved", "INSUFFICIENT_BALANCE")
    assert refund.next_try_at is not None
    Refund.objects.update(approved_at=timezone.now() - sending.GIVE_UP_AFTER - timedelta(hours=1))
    make_due()
    turn_money_loop()
    assert [one[:2] for one in refunds_of(attempt.order)] == [
        ("gateway", "failed"),
        ("bank_transfer", "awaiting_transfer"),
    ]


def test_while_the_gateway_is_away_a_refund_waits(
    gateway_up: Simulator, settings: Settings
) -> None:
    attempt = cancelled(gateway_up)
    settings.XENDIT_URL = "http://127.0.0.1:9"
    turn_money_loop()
    assert the_refund().state == "approved"
    settings.XENDIT_URL = gateway_up.url
    make_due()
    turn_money_loop()
    assert (the_refund().state, len(at_the_gateway(gateway_up, attempt))) == ("pending", 1)


def test_of_two_loops_one_sends(gateway_up: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    attempt = cancelled(gateway_up)
    race([partial(follow_refund, refund_id=the_refund().pk)] * 4)
    calls = [(vars(one).get("method"), vars(one).get("path")) for one in caplog.records]
    assert calls.count(("POST", "/refunds")) == 1
    assert len(at_the_gateway(gateway_up, attempt)) == 1
    assert the_refund().state == "pending"


def request_for(attempt: PaymentAttempt, reference: str) -> RefundRequest:
    return RefundRequest(
        reference=reference,
        gateway_ref=attempt.gateway_ref,
        payment_id=PaymentReceipt.objects.get().payment_id,
        amount=attempt.amount,
        reason=RefundReason.CANCELLED,
    )
