"""Midtrans' notifications, through the shop's address: signed, doubted, asked about."""

import hashlib

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import OrderStatus
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
    WebhookEvent,
)
from payments.tests.invariants import check_invariants
from payments.tests.midtrans_builders import (
    SERVER_KEYS,
    Json,
    MidtransSimulator,
    deliver,
    send,
)
from payments.tests.test_following_up import placed_attempt, status_of, turn_money_loop
from payments.webhooks import FORGED_AFTER, process_webhook

pytestmark = pytest.mark.django_db(transaction=True)
State = WebhookEvent.State


def signed(body: Json, key: str = SERVER_KEYS[0]) -> Json:
    said = body["order_id"] + body["status_code"] + body["gross_amount"] + key
    return body | {"signature_key": hashlib.sha512(said.encode()).hexdigest()}


@pytest.mark.parametrize("method", ["dana", "bca_va", "qris", "ovo", "card"])
def test_notifications_make_the_shop_ask_and_then_book(
    midtrans_up: MidtransSimulator, client: Client, method: str
) -> None:
    attempt = placed_attempt(method)
    assert (attempt.gateway, attempt.state) == ("midtrans", AttemptState.PENDING)
    midtrans_up.control("pay", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    assert status_of(attempt) == OrderStatus.CONFIRMED
    receipt = PaymentReceipt.objects.get()
    assert (receipt.gateway, receipt.amount_minor) == ("midtrans", attempt.amount_minor)
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {State.PROCESSED}
    check_invariants()


def test_the_same_notification_again_is_the_same_row(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("bca_va")
    midtrans_up.control("pay", attempt.reference)
    midtrans_up.control("resend", attempt.reference)
    assert len(deliver(client, midtrans_up, attempt.reference)) == 4
    turn_money_loop()
    assert (WebhookEvent.objects.count(), PaymentReceipt.objects.count()) == (2, 1)
    check_invariants()


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_forged_notification_moves_nothing(
    midtrans_up: MidtransSimulator, client: Client, *, is_signed: bool
) -> None:
    """The signature says nothing of `transaction_status`: a replay with another one verifies."""
    attempt = placed_attempt("bca_va")
    midtrans_up.control(
        "forge",
        attempt.reference,
        changes={"transaction_status": "settlement", "status_code": "200"},
        signed=is_signed,
    )
    *_true, forged = midtrans_up.notifications(attempt.gateway_ref)
    assert send(client, forged) == (200 if is_signed else 401)
    assert WebhookEvent.objects.count() == int(is_signed)
    for event in WebhookEvent.objects.all():
        assert process_webhook(event_id=event.pk).state == State.RETRY
    assert status_of(attempt) == OrderStatus.PENDING
    assert PaymentReceipt.objects.count() == 0


def test_a_notification_about_what_midtrans_never_saw_needs_a_person(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("bca_va")
    body = midtrans_up.notifications(attempt.gateway_ref)[0] | {"transaction_id": "t-forged"}
    assert send(client, signed(body)) == 200
    WebhookEvent.objects.update(received_at=timezone.now() - FORGED_AFTER)
    assert process_webhook(event_id=WebhookEvent.objects.get().pk).state == State.DEAD
    assert PaymentException.objects.get().kind == PaymentException.Kind.FORGED


def test_notifications_out_of_order_end_where_the_money_is(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("bca_va")
    midtrans_up.control("pay", attempt.reference)
    pending, settlement = midtrans_up.notifications(attempt.gateway_ref)
    for body in (settlement, pending):
        assert send(client, body) == 200
        turn_money_loop()
    assert PaymentAttempt.objects.get().state == AttemptState.SUCCEEDED
    assert status_of(attempt) == OrderStatus.CONFIRMED
    check_invariants()


def test_a_suspicious_payment_is_held_until_midtrans_has_decided(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("card")
    midtrans_up.control("challenge", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    assert (PaymentAttempt.objects.get().state, status_of(attempt)) == (
        AttemptState.PENDING,
        OrderStatus.PENDING,
    )
    midtrans_up.control("pay", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    assert status_of(attempt) == OrderStatus.CONFIRMED
    check_invariants()


def test_a_second_payment_under_the_same_order_id_is_found_by_its_own_notification(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("bca_va")
    midtrans_up.control("pay", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    midtrans_up.control("pay", attempt.reference, force_duplicate=True)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    dispositions = PaymentReceipt.objects.order_by("pk").values_list("disposition", flat=True)
    assert list(dispositions) == ["applied", "duplicate"]
    check_invariants()


def test_a_refund_made_on_midtrans_pages_is_booked_when_the_bank_confirms_it(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    attempt = placed_attempt("dana")
    midtrans_up.control("pay", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    midtrans_up.control("refund", attempt.reference, amount=10_000)
    midtrans_up.control("confirm-refunds", attempt.reference)
    deliver(client, midtrans_up, attempt.reference)
    turn_money_loop()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.state) == (10_000, "succeeded")
    assert PaymentException.objects.get().kind == PaymentException.Kind.FOREIGN_REFUND
    check_invariants()
