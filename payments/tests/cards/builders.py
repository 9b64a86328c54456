"""Cards tried at the simulator, and what it would have told the shop."""

import json
from typing import Any

import httpx
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from payments.models import PaymentAttempt, Refund
from payments.polling import poll
from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import placed_attempt, turn_money_loop

Json = dict[str, Any]


def session(simulator: Simulator, reference: str) -> Json:
    """The newest under a reference, as the gateway keeps it."""
    listed = httpx.get(f"{simulator.url}/_sim/sessions", params={"limit": 1000}).json()["data"]
    found: Json = next(each for each in listed if each["reference_id"] == reference)
    return found


def announced(simulator: Simulator, reference: str) -> list[Json]:
    """The webhooks about a reference, oldest first."""
    listed = httpx.get(f"{simulator.url}/_sim/deliveries", params={"limit": 1000}).json()["data"]
    about = [each for each in listed if each["data"].get("reference_id") == reference]
    return list(reversed(about))


def send(client: Client, event: str, data: Json, *, webhook_id: str = "wh-1") -> int:
    return client.post(
        "/webhooks/xendit/",
        data=json.dumps({"event": event, "data": data}),
        content_type="application/json",
        headers={"x-callback-token": CALLBACK_TOKENS[0], "webhook-id": webhook_id},
    ).status_code


def hear(client: Client, simulator: Simulator, reference: str) -> list[str]:
    """All webhooks about a reference reach the shop, which acts on them."""
    events = announced(simulator, reference)
    for each in events:
        assert send(client, each["event"], each["data"], webhook_id=each["webhook_id"]) == 200
    turn_money_loop()
    return [each["event"] for each in events]


def pay_page(client: Client, attempt: PaymentAttempt) -> str:
    with translation.override("en"):
        answer = client.get(reverse("payments:pay", args=[attempt.order.token]))
    return answer.content.decode() if answer.status_code == 200 else str(answer.headers["Location"])


def paid_by_card(simulator: Simulator) -> PaymentAttempt:
    attempt = placed_attempt("card")
    simulator.try_card(attempt.reference)
    poll(attempt_id=attempt.pk)
    attempt.refresh_from_db()
    attempt.order.refresh_from_db()
    return attempt


def make_due() -> None:
    """Refunds on their way are asked about at once."""
    Refund.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())
