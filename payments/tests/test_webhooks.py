"""Webhooks are stored, doubted and followed up, beside T01 to T16 in `scenarios/`."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from orders.models import OrderStatus
from payments.models import (
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    WebhookEvent,
)
from payments.tests.builders import make_attempt
from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import placed_attempt, status_of
from payments.webhooks import (
    LOOK_AGAIN_AFTER,
    MAX_TRIES,
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


def test_a_webhook_as_large_as_a_film_is_refused(client: Client) -> None:
    answer = client.post(
        "/webhooks/xendit/", data=b"x" * (256 * 1024 + 1), content_type="application/json"
    )
    assert (answer.status_code, WebhookEvent.objects.count()) == (413, 0)


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


def test_while_the_gateway_is_away_a_webhook_waits(
    gateway_up: Simulator, client: Client, settings: Settings
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    send_webhook(client, attempt)
    settings.XENDIT_URL = "http://127.0.0.1:9"
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert (event.state, event.tries) == ("retry", 0)
    settings.XENDIT_URL = gateway_up.url
    assert process_webhook(event_id=event.pk).state == WebhookEvent.State.PROCESSED
    assert status_of(attempt) == OrderStatus.CONFIRMED


@pytest.mark.parametrize(("age", "wait"), [(0, 2), (20, 20), (90, 60), (7 * 86_400, 60)])
def test_however_long_the_gateway_is_away_a_webhook_is_put_off_and_never_given_up(
    gateway_up: Simulator, client: Client, settings: Settings, age: int, wait: int
) -> None:
    send_webhook(client, make_attempt())
    received_at = timezone.now() - timedelta(seconds=age)
    WebhookEvent.objects.update(received_at=received_at, tries=MAX_TRIES - 1)
    settings.XENDIT_URL = "http://127.0.0.1:9"
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    assert (event.state, event.tries) == ("retry", MAX_TRIES - 1)
    assert event.next_try_at is not None
    waits = event.next_try_at - timezone.now()
    assert timedelta(seconds=wait - 5) < waits <= timedelta(seconds=wait + 5)
    assert not PaymentException.objects.exists()


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


def test_one_that_is_given_up_is_somebodys(gateway_up: Simulator, client: Client) -> None:
    attempt = placed_attempt()
    # Of money that the gateway does not show.
    send_webhook(client, attempt)
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
