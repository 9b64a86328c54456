import json
from collections.abc import Iterator
from typing import Any

import pytest

from payments.gateways.base import WebhookHint
from payments.gateways.xendit import Xendit
from payments.tests.gateway_builders import make_xendit

Json = dict[str, Any]


@pytest.fixture
def offline() -> Iterator[Xendit]:
    with make_xendit("http://127.0.0.1:9") as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({"X-Callback-Token": "token-of-today"}, "current"),
        ({"x-callback-token": "token-of-yesterday"}, "previous"),
        ({"x-callback-token": "token-of-tomorrow"}, "wrong"),
        ({"x-callback-token": "token-of-toda"}, "wrong"),
        ({"x-callback-token": ""}, "absent"),
        ({"x-callback-token": "ÿ\udcff"}, "wrong"),
        ({}, "absent"),
    ],
)
def test_a_webhook_is_authentic_with_either_of_the_tokens_in_rotation(
    offline: Xendit, headers: dict[str, str], secret: str
) -> None:
    assert offline.secret_of(headers, b"{}") == secret


REFUND = {"reference_id": "R1", "payment_request_id": "pr-1", "id": "rfd-1"}


@pytest.mark.parametrize(
    "data", [REFUND, {"event": "refund.succeeded", "data": REFUND}], ids=["flat", "nested"]
)
def test_a_webhook_names_the_event_the_request_and_itself(offline: Xendit, data: Json) -> None:
    body = json.dumps({"event": "refund.succeeded", "data": data, "new": 1}).encode()
    assert offline.read_webhook({"Webhook-Id": "wh-1"}, body) == WebhookHint(
        event="refund.succeeded", webhook_id="wh-1", reference="R1", gateway_ref="pr-1"
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_webhook_that_is_no_json_object_gives_no_hint(offline: Xendit, body: bytes) -> None:
    assert offline.read_webhook({}, body) is None


@pytest.mark.parametrize("data", [None, [], "x", {}, {"reference_id": 7, "payment_request_id": {}}])
def test_a_webhook_without_names_gives_an_empty_hint(offline: Xendit, data: object) -> None:
    body = json.dumps({"event": "payment.capture", "data": data}).encode()
    assert offline.read_webhook({}, body) == WebhookHint("payment.capture", "", "", "")


def test_names_that_no_database_column_could_hold_are_dropped(offline: Xendit) -> None:
    data = {"reference_id": "R\x001", "payment_request_id": "../../etc"}
    body = json.dumps({"event": "x" * 61, "data": data}).encode()
    hint = offline.read_webhook({"webhook-id": "w" * 101}, body)
    assert hint == WebhookHint("", "", "", "")
