"""What strangers send is kept a little, whatever they send: T09, T16."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from payments.inbox.refusing import KEPT_BYTES, keep_refused
from payments.models import (
    PaymentException,
    RefusedHour,
    RefusedWebhook,
    WebhookEvent,
)
from payments.tests.builders import make_attempt
from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import turn_money_loop
from payments.tests.test_webhooks import send_webhook
from tests.racing import race, start, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/webhooks/xendit/"


def knock(body: bytes, **headers: str) -> int:
    return Client().post(URL, body, content_type="application/json", headers=headers).status_code


def counted() -> tuple[int, int]:
    """Refused in all, and kept of them."""
    numbers = RefusedHour.objects.values_list("number", flat=True)
    return sum(numbers), RefusedWebhook.objects.count()


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({"x-callback-token": "guessed"}, "wrong"), ({}, "absent")],
    ids=["wrong", "absent"],
)
def test_what_bears_no_secret_of_ours_is_refused_and_kept_without_its_secrets(
    gateway_up: Simulator, headers: dict[str, str], reason: str
) -> None:
    """T09."""
    more = {"authorization": "Basic c2VjcmV0", "user-agent": "curl/8", "x-odd": "1"}
    assert knock(b'{"event": "payment.capture"}', **headers, **more) == 401
    kept = RefusedWebhook.objects.get()
    assert (kept.reason, bytes(kept.body), kept.size) == (
        reason,
        b'{"event": "payment.capture"}',
        28,
    )
    assert kept.headers == {
        "authorization": "present",
        "content-length": "28",
        "content-type": "application/json",
        "user-agent": "curl/8",
    } | dict.fromkeys(headers, "wrong")
    assert (WebhookEvent.objects.count(), PaymentException.objects.count()) == (0, 0)


def test_of_what_is_too_large_the_first_part_is_kept() -> None:
    body = b"x" * (256 * 1024 + 1)
    assert knock(body, **{"x-callback-token": CALLBACK_TOKENS[0]}) == 413
    kept = RefusedWebhook.objects.get()
    assert (kept.reason, bytes(kept.body), kept.size) == ("large", body[:KEPT_BYTES], len(body))
    # Nobody looked whether it is the right one.
    assert kept.headers["x-callback-token"] == "present"


def test_what_no_text_column_can_hold_is_kept_all_the_same(gateway_up: Simulator) -> None:
    assert knock(b"\x00\xff", **{"user-agent": "a\x00b\udcff" + "c" * 999}) == 401
    kept = RefusedWebhook.objects.get()
    assert (bytes(kept.body), kept.headers["user-agent"]) == (b"\x00\xff", "ab" + "c" * 196)


def test_so_many_of_one_hour_are_kept_however_many_come_at_once(settings: Settings) -> None:
    settings.WEBHOOK_REFUSED = settings.WEBHOOK_REFUSED | {"number": 5}
    keep = partial(
        keep_refused,
        gateway_code="xendit",
        reason=RefusedWebhook.Reason.WRONG,
        headers={},
        body=b"{}",
        size=2,
    )
    assert race([keep] * 4) == [None] * 4
    # The one after the last finds the place taken, though it came before that was to be seen.
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            keep()
            sixth = start(pool, keep)
            wait_until_blocked()
        sixth.result(timeout=30)
    assert counted() == (6, 5)
    keep(gateway_code="midtrans")
    assert counted() == (7, 6)


def test_so_many_bytes_of_one_hour_are_kept(settings: Settings, gateway_up: Simulator) -> None:
    settings.WEBHOOK_REFUSED = settings.WEBHOOK_REFUSED | {"bytes": 3 * KEPT_BYTES}
    for _knock in range(4):
        knock(b"x" * 100_000)
    assert counted() == (4, 2)


def test_an_event_of_another_business_is_kept_rejected_and_told(
    gateway_up: Simulator, settings: Settings
) -> None:
    """T16: a live event comes to the test shop, or the other way round."""
    settings.XENDIT_BUSINESS_ID = "5f27a14a9bf05c73dd040bc8"
    body = b'{"event": "payment.capture", "business_id": "%s", "data": {"reference_id": "R1"}}'
    theirs, ours = body % b"62440e322008e87fb29c1fd0", body % b"5f27a14a9bf05c73dd040bc8"
    secret = {"x-callback-token": CALLBACK_TOKENS[0]}
    assert knock(theirs, **secret, **{"webhook-id": "w-1"}) == 403
    assert knock(theirs, **secret, **{"webhook-id": "w-1"}) == 403
    turn_money_loop()
    event = WebhookEvent.objects.get()
    assert (event.state, event.tries, event.repeats) == ("rejected", 0, 1)
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.note) == ("webhook", f"webhook event {event.pk}: payment.capture")
    assert knock(ours, **secret, **{"webhook-id": "w-2"}) == 200


# --- what is ours --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("token", "secret"), [(CALLBACK_TOKENS[0], "current"), (CALLBACK_TOKENS[1], "previous")]
)
def test_which_of_our_secrets_an_event_bore_is_kept_but_no_secret(
    gateway_up: Simulator, client: Client, token: str, secret: str
) -> None:
    """T50: staff see when the old one is not used any more."""
    assert send_webhook(client, make_attempt(), token=token) == 200
    event = WebhookEvent.objects.get()
    assert (event.secret, event.headers["x-callback-token"]) == (secret, secret)
    assert event.headers["webhook-id"] == "wh-1"
    assert token not in repr(event.headers)


def test_the_same_event_at_once_is_one_row_that_counts_its_repeats(gateway_up: Simulator) -> None:
    """T05: the others are marked as repeats, and wake nobody."""
    attempt = make_attempt()
    calls = [partial(send_webhook, Client(), attempt) for _sender in range(5)]
    assert race(calls) == [200] * 5
    event = WebhookEvent.objects.get()
    assert (event.repeats, event.state, event.last_repeat_at is None) == (4, "received", False)


def test_a_webhook_is_kept_by_one_statement(gateway_up: Simulator, client: Client) -> None:
    attempt = make_attempt()
    for webhook_id in ("new", "new"):
        with CaptureQueriesContext(connection) as statements:
            send_webhook(client, attempt, webhook_id=webhook_id)
        assert len(statements) == 1
    with CaptureQueriesContext(connection) as statements:
        send_webhook(client, attempt, token="wrong")
    assert len(statements) == 1
