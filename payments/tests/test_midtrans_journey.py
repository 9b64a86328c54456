"""A shop whose DANA and BCA money Midtrans collects: placed, paid, called off, given back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from orders.calling_off import call_off_by_customer
from orders.models import OrderStatus, RefundDue
from payments.expiry import expire_unpaid
from payments.gateways.registry import gateway
from payments.models import AttemptState, LedgerEntry, PaymentAttempt, PaymentReceipt, Refund
from payments.polling import poll
from payments.tests.invariants import check_invariants
from payments.tests.midtrans_builders import MidtransSimulator, deliver
from payments.tests.test_following_up import placed_attempt, status_of, stock, turn_money_loop

pytestmark = pytest.mark.django_db(transaction=True)


def lies_at_midtrans() -> int:
    entries = LedgerEntry.objects.filter(account__code="gateway_clearing:midtrans")
    return sum(entries.values_list("amount_minor", flat=True))


def called_off(attempt: PaymentAttempt) -> Refund:
    assert status_of(attempt) == OrderStatus.CONFIRMED
    call_off_by_customer(order_id=attempt.order_id)
    return Refund.objects.get()


def test_dana_goes_to_midtrans_and_back_again(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("dana")
    shown = client.get(reverse("payments:pay", args=[attempt.order.token])).content.decode()
    assert f"{midtrans_up.url}/snap/v4/redirection/" in shown
    midtrans_up.control("pay", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    assert lies_at_midtrans() == attempt.amount_minor
    refund = called_off(attempt)
    assert (refund.channel, refund.gateway) == ("gateway", "midtrans")
    turn_money_loop()
    refund.refresh_from_db()
    assert refund.state == "pending"
    midtrans_up.control("confirm-refunds", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    refund.refresh_from_db()
    assert (refund.state, lies_at_midtrans()) == ("succeeded", 0)
    assert RefundDue.objects.get().paid_on == timezone.localdate()
    check_invariants()


def test_a_virtual_accounts_money_goes_back_by_hand(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("bca_va")
    number = attempt.actions[0]["value"]
    shown = client.get(reverse("payments:pay", args=[attempt.order.token])).content.decode()
    assert number in shown.replace(" ", "").replace("&nbsp;", "")
    midtrans_up.control("pay", attempt.reference)
    # No notification at all: asked, it tells.
    assert poll(attempt_id=attempt.pk).state == AttemptState.SUCCEEDED
    refund = called_off(attempt)
    assert (refund.channel, refund.state) == ("bank_transfer", "awaiting_transfer")
    check_invariants()


def test_a_refund_without_an_answer_is_looked_up_and_made_once(
    midtrans_up: MidtransSimulator,
) -> None:
    attempt = placed_attempt("dana")
    midtrans_up.control("pay", attempt.reference)
    poll(attempt_id=attempt.pk)
    refund = called_off(attempt)
    # As if the call had arrived and its answer had not.
    midtrans_up.control("refund", attempt.reference, refund_key=refund.reference)
    Refund.objects.update(state="unknown", next_try_at=timezone.now())
    turn_money_loop()
    refund.refresh_from_db()
    receipt = PaymentReceipt.objects.get()
    listed = gateway("midtrans").find_refunds(
        attempt.gateway_ref, payment_id=receipt.payment_id, timeout=5
    )
    assert isinstance(listed, list)
    assert [one.reference for one in listed] == [refund.reference]
    assert refund.state in ("pending", "succeeded")
    assert Refund.objects.count() == 1


def test_ovo_has_to_be_confirmed_before_the_order_ends(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("ovo")
    assert attempt.expires_at < attempt.order.reserve_until - timedelta(minutes=25)
    shown = client.get(reverse("payments:pay", args=[attempt.order.token])).content.decode()
    ends_at = timezone.localtime(attempt.expires_at).strftime("%Y-%m-%dT%H:%M:%S")
    assert f'data-countdown="{ends_at}' in shown
    midtrans_up.control("expire", attempt.reference)
    assert poll(attempt_id=attempt.pk).state == AttemptState.EXPIRED
    assert status_of(attempt) == OrderStatus.PENDING


def test_a_card_is_typed_in_at_midtrans_and_nowhere_else(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    with translation.override("en"):
        shown = client.get(reverse("payments:pay", args=[attempt.order.token])).content.decode()
    assert f'href="{attempt.actions[0]["value"]}" rel="noreferrer">Continue to the payment' in shown


@pytest.mark.parametrize("method", ["dana", "bca_va"])
def test_at_the_end_of_the_window_nothing_can_be_paid_any_more(
    midtrans_up: MidtransSimulator, method: str
) -> None:
    attempt = placed_attempt(method)
    assert expire_unpaid(order_id=attempt.order_id)
    assert PaymentAttempt.objects.get().state == AttemptState.CANCELLED
    assert (status_of(attempt), stock()) == (OrderStatus.EXPIRED, (3, 0))
    if method == "dana":
        assert midtrans_up.page(attempt.reference)["is_closed"]
    else:
        [ended] = midtrans_up.transactions(attempt.reference)
        assert ended["transaction_status"] == "cancel"
