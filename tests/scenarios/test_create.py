"""A request without an answer, and two where one was meant. T17 to T19."""

from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from payments.models import PaymentAttempt
from payments.polling import LOOKUPS_APART
from tests.racing import race
from tests.scenarios.scene import Scene, dispositions, newest_attempt, status_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_t17_the_answer_to_a_request_is_lost(scene: Scene) -> None:
    scene.arm("create", "reset_after")
    attempt = scene.placed("bca_va")
    assert (attempt.state, attempt.gateway_ref) == ("unknown", "")
    assert scene.see(f"/pay/{attempt.order.token}/").status_code == 200
    scene.later(seconds=3)
    attempt.refresh_from_db()
    [there] = scene.requests(attempt)
    assert attempt.state == "pending"
    assert attempt.actions[0]["value"] == there["actions"][0]["value"]
    scene.pay(attempt)
    scene.told()
    assert status_of(attempt) == ("confirmed", "succeeded")
    assert len(scene.requests(attempt)) == 1


def test_t18_a_request_never_gets_there(scene: Scene) -> None:
    scene.arm("create", "reset_before")
    first = scene.placed("bca_va")
    scene.later(seconds=3)
    assert (status_of(first), scene.requests(first)) == (("pending", "unknown"), [])
    scene.later(seconds=LOOKUPS_APART.total_seconds() + 2)
    second = newest_attempt(first.order)
    assert (status_of(first)[1], second.seq, second.state) == ("abandoned", 2, "pending")
    assert (scene.requests(first), len(scene.requests(second))) == ([], 1)
    scene.pay(second)
    scene.told()
    # What was given up is still matched, should it have got there after all.
    answer = scene.control.post(
        "/v3/payment_requests",
        json=request_for(first),
        auth=("xnd_development_TESTKEY", ""),
        headers={"api-version": "2024-11-11"},
    )
    assert answer.status_code == 201, answer.text
    scene.pay(first)
    scene.told()
    assert dispositions() == ["applied", "duplicate"]
    assert status_of(first) == ("confirmed", "succeeded")


def request_for(attempt: PaymentAttempt) -> dict[str, object]:
    return {
        "reference_id": attempt.reference,
        "type": "PAY",
        "country": "ID",
        "currency": "IDR",
        "request_amount": attempt.amount_minor,
        "channel_code": "BCA_VIRTUAL_ACCOUNT",
        "channel_properties": {
            "expires_at": f"{timezone.now():%Y}-12-31T00:00:00Z",
            "display_name": "RONA",
        },
    }


def test_t19_two_tabs_choose_the_same_method(scene: Scene) -> None:
    attempt = scene.placed("bca_va")
    choose = partial(post, f"/pay/{attempt.order.token}/again/", method="dana")
    assert race([choose] * 4) == [302] * 4
    again = PaymentAttempt.objects.get(method="dana")
    [there] = scene.requests(again)
    for _tab in "12":
        assert there["actions"][0]["value"] in scene.see(f"/pay/{attempt.order.token}/").text


def post(path: str, **fields: str) -> int:
    return Client().post(path, fields).status_code
