"""Webhooks are stored, doubted and followed up: T01-T10, T15 of the specification."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from orders.models import OrderStatus
from payments.models import (
    AttemptState,
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    WebhookEvent,
)
from payments.polling import poll
from payments.tests.builders import make_attempt, pay
from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import placed_attempt, status_of, turn_money_loop
from payments.webhooks import (
    FORGED_AFTER,
    LOOK_AGAIN_AFTER,
    MAX_TRIES,
    NOT_THERE_YET,
    process_webhook,
)

pytestmark = pytest.mark.django_db(transaction=True)


def send_webhook(
    client: Client, attempt: PaymentAttempt, event: str = "payment.capture", **changes: Any
) -> int:
    body = {
        "event": event,
        "data": {
            "reference_id": attempt.reference,
            "payment_request_id": attempt.gateway_ref,
        }
        | changes.get("data", {}),
    }
    return client.post(
        "/webhooks/xendit/",
        data=json.dumps(body),
        content_type="application/json",
        headers={
            "x-callback-token": changes.get("token", CALLBACK_TOKENS[0]),
            "webhook-id": changes.get("webhook_id", "wh-1"),
        },
    ).status_code


def test_a_webhook_makes_the_shop_ask_and_then_book(gateway_up: Simulator, client: Client) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    assert send_webhook(client, attempt) == 200
    turn_money_loop()
    event = WebhookEvent.objects.get()
    assert (event.state, event.reference) == (WebhookEvent.State.PROCESSED, attempt.reference)
    assert status_of(attempt) == OrderStatus.CONFIRMED
    check_invariants()


def test_the_same_webhook_again_is_the_same_row(gateway_up: Simulator, client: Client) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    assert [send_webhook(client, attempt) for _ in range(3)] == [200, 200, 200]
    # A replay by the provider has an id of its own; the money is the same.
    send_webhook(client, attempt, webhook_id="wh-2")
    turn_money_loop()
    assert (WebhookEvent.objects.count(), PaymentReceipt.objects.count()) == (2, 1)
    check_invariants()


def test_a_webhook_that_lies_is_found_out_by_asking(gateway_up: Simulator, client: Client) -> None:
    attempt = placed_attempt()
    send_webhook(client, attempt)
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert event.state == WebhookEvent.State.RETRY
    assert status_of(attempt) == OrderStatus.PENDING
    assert PaymentReceipt.objects.count() == 0


def test_a_webhook_about_something_the_gateway_never_saw_needs_a_person(
    gateway_up: Simulator, client: Client
) -> None:
    """T10: not at once, as the gateway's own look-up may lag behind what it tells."""
    forged = {"reference_id": "NOBODY-A1", "payment_request_id": "pr-forged"}
    send_webhook(client, placed_attempt(), data=forged)
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert (event.state, event.last_error) == ("retry", NOT_THERE_YET)
    assert not PaymentException.objects.exists()
    WebhookEvent.objects.update(received_at=timezone.now() - FORGED_AFTER)
    event = process_webhook(event_id=event.pk)
    assert event.state == WebhookEvent.State.DEAD
    assert PaymentException.objects.get().kind == PaymentException.Kind.FORGED
    assert not LedgerTransaction.objects.exists()


def test_a_payment_that_the_gateway_finds_only_later_is_booked(
    gateway_up: Simulator, client: Client
) -> None:
    """T14, where the look-up does not even know the request."""
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    known = attempt.gateway_ref
    send_webhook(client, attempt, data={"payment_request_id": "pr-lags"})
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert event.state == "retry"
    WebhookEvent.objects.update(gateway_ref=known)
    assert process_webhook(event_id=event.pk).state == "processed"
    assert status_of(attempt) == OrderStatus.CONFIRMED
    check_invariants()


def test_a_webhook_for_anothers_request_does_not_pay_this_order(
    gateway_up: Simulator, client: Client
) -> None:
    mine, other = placed_attempt(), placed_attempt()
    gateway_up.pay(other.gateway_ref)
    PaymentAttempt.objects.filter(pk=mine.pk).update(gateway_ref="")
    send_webhook(client, mine, data={"payment_request_id": other.gateway_ref})
    process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert status_of(mine) == OrderStatus.PENDING


def test_a_webhook_that_comes_before_the_answer_teaches_the_gateways_id(
    gateway_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    PaymentAttempt.objects.update(state=AttemptState.SUBMITTING, gateway_ref="")
    send_webhook(client, attempt)
    turn_money_loop()
    learnt = PaymentAttempt.objects.get()
    assert (learnt.gateway_ref, learnt.state) == (attempt.gateway_ref, AttemptState.SUCCEEDED)


@pytest.mark.parametrize("event", ["", "payment_token.activation", "something.new"])
def test_an_event_we_do_not_know_is_kept_and_left_alone(
    gateway_up: Simulator, client: Client, event: str
) -> None:
    attempt = placed_attempt()
    assert send_webhook(client, attempt, event=event) == 200
    assert process_webhook(event_id=WebhookEvent.objects.get().pk).state == "ignored"


def test_a_body_that_cannot_be_read_is_kept(client: Client, gateway_up: Simulator) -> None:
    answer = client.post(
        "/webhooks/xendit/",
        data=b"{not json",
        content_type="application/json",
        headers={"x-callback-token": CALLBACK_TOKENS[0]},
    )
    assert answer.status_code == 200
    assert bytes(WebhookEvent.objects.get().body) == b"{not json"


def test_while_the_gateway_is_away_a_webhook_waits(
    gateway_up: Simulator, client: Client, settings: Settings
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    send_webhook(client, attempt)
    settings.XENDIT_URL = "http://127.0.0.1:9"
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert (event.state, event.next_try_at is not None) == (WebhookEvent.State.RETRY, True)
    settings.XENDIT_URL = gateway_up.url
    assert process_webhook(event_id=event.pk).state == WebhookEvent.State.PROCESSED
    assert status_of(attempt) == OrderStatus.CONFIRMED


def test_money_under_a_strange_reference_is_booked_when_the_gateway_confirms_it(
    gateway_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    PaymentAttempt.objects.update(reference="RENAMED-A1", gateway_ref="")
    send_webhook(client, attempt)
    assert process_webhook(event_id=WebhookEvent.objects.get().pk).state == "unmatched"
    assert PaymentReceipt.objects.get().disposition == PaymentReceipt.Disposition.UNMATCHED
    check_invariants()


def test_paid_twice_by_the_gateways_fault_is_found(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    poll(attempt_id=attempt.pk)
    assert pay(attempt).disposition == PaymentReceipt.Disposition.DUPLICATE
    check_invariants()


# --- what nobody can make sense of ---------------------------------------------------------------
def unmatched(client: Client) -> WebhookEvent:
    """Of a reference that we know nothing of, and without the gateway's id."""
    about = {"reference_id": "LATER-A1", "payment_request_id": ""}
    send_webhook(client, make_attempt(), data=about)
    return process_webhook(event_id=WebhookEvent.objects.get().pk)


def test_a_webhook_of_nothing_we_know_is_told_once_and_looked_at_again(
    gateway_up: Simulator, client: Client
) -> None:
    """T04."""
    event = unmatched(client)
    assert (event.state, event.next_try_at) == (
        "unmatched",
        event.received_at + LOOK_AGAIN_AFTER[0],
    )
    process_webhook(event_id=event.pk)
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.resolved_at) == ("webhook", None)
    WebhookEvent.objects.update(received_at=timezone.now() - LOOK_AGAIN_AFTER[-1])
    assert process_webhook(event_id=event.pk).next_try_at is None
    assert PaymentException.objects.count() == 1


def test_what_it_was_about_is_written_down_later_and_the_trouble_is_over(
    gateway_up: Simulator, client: Client
) -> None:
    """T04: the row appears."""
    event = unmatched(client)
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    WebhookEvent.objects.update(reference=attempt.reference, next_try_at=timezone.now())
    turn_money_loop()
    event.refresh_from_db()
    assert (event.state, status_of(attempt)) == ("processed", OrderStatus.CONFIRMED)
    trouble = PaymentException.objects.get()
    assert (trouble.resolution, trouble.resolved_at is None) == ("matched later", False)
    check_invariants()


def test_one_that_is_given_up_is_somebodys(
    gateway_up: Simulator, client: Client, settings: Settings
) -> None:
    attempt = make_attempt()
    send_webhook(client, attempt)
    settings.XENDIT_URL = "http://127.0.0.1:9"
    WebhookEvent.objects.update(tries=MAX_TRIES - 1)
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert (event.state, event.next_try_at) == ("dead", None)
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.note) == ("webhook", f"webhook event {event.pk}: payment.capture")


def test_money_of_no_attempt_that_the_gateway_does_not_show_yet_is_asked_about_again(
    gateway_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt()
    PaymentAttempt.objects.update(reference="RENAMED-A1", gateway_ref="")
    send_webhook(client, attempt)
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert (event.state, PaymentReceipt.objects.count()) == ("retry", 0)
    gateway_up.pay(attempt.gateway_ref)
    assert process_webhook(event_id=event.pk).state == "unmatched"
    assert PaymentReceipt.objects.get().disposition == PaymentReceipt.Disposition.UNMATCHED
