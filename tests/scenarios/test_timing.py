"""Webhooks: early, late, twice, in the wrong order, forged, lost. T01 to T16."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from orders.tests.life.builders import send_mails
from payments.models import (
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    RefusedWebhook,
    WebhookEvent,
)
from payments.tests.builders import make_attempt
from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.webhooks import FORGED_AFTER, claim_due_webhooks
from tests.scenarios.meanwhile import meanwhile
from tests.scenarios.scene import (
    Scene,
    books_untouched,
    dispositions,
    status_of,
    stock,
    troubles,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAID = ("confirmed", "succeeded")
WAITS = ("pending", "pending")


def captured(attempt: PaymentAttempt, **data: Any) -> dict[str, Any]:
    """What a webhook about its money says."""
    about = {"reference_id": attempt.reference, "payment_request_id": attempt.gateway_ref}
    return {"event": "payment.capture", "data": about | data}


def states() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True))


def pay_page(attempt: PaymentAttempt) -> str:
    return f"/pay/{attempt.order.token}/"


def test_t01_the_webhook_comes_before_the_browser(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt)
    scene.told()
    back = scene.see(pay_page(attempt))
    assert back.status_code == 302
    assert "Rp161.000" in scene.see(back.headers["location"]).text
    assert (status_of(attempt), stock(attempt)) == (PAID, (0, 0))
    assert PaymentReceipt.objects.get().amount_minor == attempt.amount_minor
    confirmed = [letter for letter in send_mails() if attempt.order.number in letter.subject]
    assert len(confirmed) == 1


def test_t02_the_browser_comes_before_the_webhook(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = scene.placed()
    scene.arm("webhook", "drop")
    scene.pay(attempt)
    scene.knocked()
    for query in ("", "?status=success&paid=1"):
        assert scene.see(pay_page(attempt) + query).status_code == 200
    assert scene.see(f"{pay_page(attempt)}status/?seen=redirect").status_code == 204
    scene.turn()
    # Neither a page nor an address has made anybody ask, or believe anything.
    calls = [one for one in caplog.records if one.name == "payments.gateways.calling"]
    assert [vars(one)["method"] for one in calls] == ["POST"]
    assert (status_of(attempt), books_untouched()) == (WAITS, True)
    scene.sim("resend", reference_id=attempt.reference)
    scene.told()
    assert status_of(attempt) == PAID
    assert scene.see(pay_page(attempt)).status_code == 302


def test_t03_the_webhook_comes_before_the_answer_to_the_request(
    scene: Scene, settings: Any
) -> None:
    def pays() -> None:
        attempt = PaymentAttempt.objects.get()
        assert (attempt.state, attempt.gateway_ref) == ("submitting", "")
        scene.pay(attempt)
        scene.told()
        assert status_of(attempt) == PAID

    with meanwhile(scene.gateway.url, "POST /v3/payment_requests", pays) as proxy:
        settings.XENDIT_URL = proxy.url
        attempt = scene.placed()
    settings.XENDIT_URL = scene.gateway.url
    assert attempt.gateway_ref == scene.requests(attempt)[0]["payment_request_id"]
    # What was answered then, REQUIRES_ACTION, took nothing back.
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])


def test_t04_a_webhook_of_an_order_that_nobody_has_written_down_yet(scene: Scene) -> None:
    attempt = scene.placed()
    mine = attempt.reference
    # As if the row came to light later: a restored database, a slow replica.
    PaymentAttempt.objects.update(reference="ELSEWHERE-A1", gateway_ref="")
    scene.forge(captured(attempt, reference_id=mine, payment_request_id=""))
    scene.turn()
    assert (states(), troubles()) == (["unmatched"], ["webhook"])
    PaymentAttempt.objects.update(reference=mine, gateway_ref=attempt.gateway_ref)
    scene.pay(attempt)
    scene.later(minutes=2)
    assert (status_of(attempt), troubles()) == (PAID, [])
    assert PaymentException.objects.get().resolution == "matched later"


def test_t05_the_same_webhook_five_times_at_once(scene: Scene) -> None:
    attempt = scene.placed()
    scene.arm("webhook", "drop")
    scene.pay(attempt)

    def knock(_time: int) -> int:
        headers = {"x-callback-token": CALLBACK_TOKENS[0], "webhook-id": "one"}
        where = f"{scene.shop_url}/webhooks/xendit/"
        return httpx.post(where, json=captured(attempt), headers=headers).status_code

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(knock, range(5))) == {200}
    scene.turn()
    assert states() == ["processed"]
    assert WebhookEvent.objects.get().repeats == 4
    assert LedgerTransaction.objects.filter(kind="receipt").count() == 1
    assert status_of(attempt) == PAID


def test_t06_the_same_payment_under_another_webhook_id(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt)
    scene.told()
    scene.gateway_time_passes(minutes=3)
    scene.sim("resend", reference_id=attempt.reference)
    scene.told()
    assert states() == ["processed", "processed"]
    assert LedgerTransaction.objects.filter(kind="receipt").count() == 1
    assert (status_of(attempt), stock(attempt)) == (PAID, (0, 0))


def test_t07_a_failure_that_comes_after_the_money(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt)
    scene.told()
    scene.forge(captured(attempt, status="FAILED") | {"event": "payment.failure"})
    scene.turn()
    assert (status_of(attempt), states()) == (PAID, ["processed", "processed"])
    assert troubles() == []


def test_t08_the_end_of_the_request_comes_before_its_money(scene: Scene) -> None:
    attempt = scene.placed("bca_va")
    scene.sim("expire", reference_id=attempt.reference)
    scene.told()
    assert status_of(attempt) == ("pending", "expired")
    scene.pay(attempt, force_late=True)
    scene.told()
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])


def test_t09_a_webhook_without_our_token(scene: Scene) -> None:
    attempt = scene.placed()
    for token in ("wrong", "none"):
        refused = scene.forge(captured(attempt), token=token)
        assert refused["tries"][0]["status"] == 401
    scene.turn()
    assert (status_of(attempt), books_untouched()) == (WAITS, True)
    assert "processed" not in states()
    assert RefusedWebhook.objects.count() == 2


def test_t10_a_webhook_that_lies_with_our_token(scene: Scene) -> None:
    attempt = scene.placed()
    scene.forge(captured(attempt, captures=[{"capture_id": "c", "capture_amount": 1}]))
    scene.turn()
    assert (states(), status_of(attempt), books_untouched()) == (["retry"], WAITS, True)
    scene.forge(captured(attempt, payment_request_id="pr-of-nobody"))
    other = scene.placed(variant=None)
    scene.forge(captured(attempt, payment_request_id=other.gateway_ref))
    scene.turn()
    assert (states(), books_untouched()) == (["retry", "retry", "dead"], True)
    # What the gateway itself finds only later is asked about for some minutes.
    WebhookEvent.objects.filter(gateway_ref="pr-of-nobody").update(
        received_at=timezone.now() - FORGED_AFTER, next_try_at=timezone.now()
    )
    scene.turn()
    assert (states(), books_untouched()) == (["retry", "dead", "dead"], True)
    assert troubles() == ["forged", "forged"]


def test_t11_the_loop_dies_with_a_webhook_in_its_hands(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt)
    scene.knocked()
    assert len(claim_due_webhooks()) == 1
    scene.turn()
    assert status_of(attempt) == WAITS
    scene.later(minutes=2)
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])


def test_t12_the_inbox_cannot_be_written(scene: Scene) -> None:
    attempt = scene.placed()
    rename("payments_webhookevent", "taken_away")
    try:
        scene.pay(attempt)
        [refused] = scene.knocked()
    finally:
        rename("taken_away", "payments_webhookevent")
    assert (refused["tries"][0]["status"], refused["state"]) == (500, "WAITING")
    scene.gateway_time_passes(minutes=15)
    scene.turn()
    assert (states(), status_of(attempt)) == (["processed"], PAID)
    assert dispositions() == ["applied"]


def rename(table: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {name}")


def test_t13_no_webhook_ever_comes(scene: Scene) -> None:
    attempt = scene.placed()
    scene.arm("webhook", "drop", probability=1.0)
    scene.pay(attempt)
    scene.told()
    assert (status_of(attempt), states()) == (WAITS, [])
    # A minute after it was asked for.
    scene.later(seconds=61)
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])


def test_t14_the_gateway_shows_the_money_later_than_it_tells_of_it(scene: Scene) -> None:
    attempt = scene.placed()
    scene.clock.advance(seconds=10)
    scene.arm("get", "lag", seconds=5, probability=1.0)
    scene.pay(attempt)
    scene.told()
    assert (status_of(attempt), states()) == (WAITS, ["retry"])
    scene.clock.advance(seconds=10)
    scene.later(seconds=10)
    assert (status_of(attempt), states()) == (PAID, ["processed"])


def test_t15_what_we_do_not_understand_is_kept(scene: Scene) -> None:
    attempt = scene.placed()
    odd: list[Any] = [
        {"event": "something.new", "data": {"reference_id": attempt.reference}},
        captured(attempt, status="SOMETHING_NEW", captures=[], shipping={"a": 1}),
        {"event": "refund.succeeded", "data": captured(attempt) | {"event": "refund.succeeded"}},
        {"event": 7, "data": None},
        [],
    ]
    for body in odd:
        assert scene.forge(body)["state"] == "DELIVERED"
    assert scene.forge(raw="{not json")["state"] == "DELIVERED"
    scene.turn()
    assert WebhookEvent.objects.count() == len(odd) + 1
    assert bytes(WebhookEvent.objects.latest("pk").body) == b"{not json"
    assert states()[:4] == ["ignored", "retry", "processed", "ignored"]
    assert (status_of(attempt), books_untouched()) == (WAITS, True)


def test_t16_a_webhook_of_the_live_shop_in_the_test_shop(
    scene: Scene, settings: LazySettings
) -> None:
    settings.XENDIT_BUSINESS_ID = "5f27a14a9bf05c73dd040bc8"
    strange = make_attempt(next_poll_at=timezone.now(), gateway_ref="pr-live")
    refused = scene.forge(captured(strange) | {"business_id": "62440e322008e87fb29c1fd0"})
    assert refused["tries"][0]["status"] == 403
    scene.turn()
    assert (states(), troubles(), books_untouched()) == (["rejected"], ["webhook"], True)
