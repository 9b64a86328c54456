"""The calls of Xendit's Payments API v3 that the shop makes."""

import http.client
import re
import socket
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from shop.local.simulator.channels import CHANNELS
from shop.local.simulator.tests.conftest import SECRET_KEY, World, an_order

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def refusal(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert body["message"]
    return response.status_code, body["error_code"]


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!", "Bearer x", "Basic eG5kX2RldmVsb3BtZW50X090aGVyOg=="],
)
def test_without_the_secret_key_nothing_is_answered(world: World, authorization: str) -> None:
    headers = {"authorization": authorization, "api-version": "2024-11-11"}
    response = httpx.get(f"{world.simulator.url}/v3/payments/py-1", headers=headers)
    assert refusal(response) == (401, "INVALID_API_KEY")


@pytest.mark.parametrize("version", ["", "2023-01-01"])
def test_only_the_one_api_version_is_spoken(world: World, version: str) -> None:
    response = world.client.get("/v3/payments/py-1", headers={"api-version": version})
    assert refusal(response) == (400, "API_VALIDATION_ERROR")


def test_dana_sends_the_payer_to_the_simulators_own_page(world: World) -> None:
    created = world.create("DANA", description="Order 1", metadata={"order": "1"})
    request_id = created["payment_request_id"]
    assert re.fullmatch(f"pr-{UUID}", request_id)
    assert created == {
        **an_order("DANA"),
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "payment_request_id": request_id,
        "capture_method": "AUTOMATIC",
        "actions": [
            {
                "type": "REDIRECT_CUSTOMER",
                "descriptor": "WEB_URL",
                "value": f"{world.simulator.url}/checkout/{request_id}",
            }
        ],
        "status": "REQUIRES_ACTION",
        "description": "Order 1",
        "metadata": {"order": "1"},
        "created": "2026-11-22T03:00:00.000Z",
        "updated": "2026-11-22T03:00:00.000Z",
    }
    assert world.request(request_id) == created


def test_a_virtual_account_number_is_shown_to_the_customer(world: World) -> None:
    [action] = world.create("BCA_VIRTUAL_ACCOUNT")["actions"]
    assert (action["type"], action["descriptor"]) == (
        "PRESENT_TO_CUSTOMER",
        "VIRTUAL_ACCOUNT_NUMBER",
    )
    assert re.fullmatch("3816[0-9]{9}", action["value"])


def test_a_virtual_account_number_serves_one_open_request_at_a_time(world: World) -> None:
    order = an_order("BCA_VIRTUAL_ACCOUNT")
    order["channel_properties"]["virtual_account_number"] = "3816000000001"
    first = world.client.post("/v3/payment_requests", json=order)
    assert first.json()["actions"][0]["value"] == "3816000000001"
    second = world.client.post("/v3/payment_requests", json=order)
    assert refusal(second) == (409, "DUPLICATE_ERROR")
    world.control("pay", virtual_account_number="3816000000001")
    assert world.client.post("/v3/payment_requests", json=order).status_code == 201


def test_the_qris_code_carries_the_amount_and_a_right_checksum(world: World) -> None:
    [action] = world.create("QRIS")["actions"]
    assert (action["type"], action["descriptor"]) == ("PRESENT_TO_CUSTOMER", "QR_STRING")
    code = action["value"]
    assert "530336054061490005802ID" in code
    checksum = 0xFFFF
    for byte in code[:-4].encode():
        checksum ^= byte << 8
        for _ in range(8):
            checksum = (checksum << 1) ^ (0x1021 if checksum & 0x8000 else 0)
        checksum &= 0xFFFF
    assert code[-8:] == f"6304{checksum:04X}"


@pytest.mark.parametrize("field", ["account_mobile_number", "mobile_number"])
def test_ovo_asks_for_nothing_and_turns_pending_after_100_ms(world: World, field: str) -> None:
    created = world.create("OVO", channel_properties={field: "+6281234567890"})
    assert (created["status"], created["actions"]) == ("REQUIRES_ACTION", [])
    world.pass_time(milliseconds=99)
    assert world.request(created["payment_request_id"])["status"] == "REQUIRES_ACTION"
    world.pass_time(milliseconds=1)
    assert world.request(created["payment_request_id"])["status"] == "PENDING"


def test_a_bad_field_is_named_and_nothing_is_made(world: World) -> None:
    order = an_order("DANA") | {"channel_properties": {}, "reference_id": None}
    response = world.client.post("/v3/payment_requests", json=order)
    assert response.status_code == 400
    assert response.json() == {
        "error_code": "API_VALIDATION_ERROR",
        "message": "reference_id is required",
        "errors": [{"path": "reference_id", "message": "is required"}],
    }
    assert world.client.get("/_sim/requests").json() == {"data": []}


def test_a_repeated_idempotency_key_protects_from_nothing(world: World) -> None:
    made = {
        world.client.post(
            "/v3/payment_requests", json=an_order("DANA"), headers={"idempotency-key": "same"}
        ).json()["payment_request_id"]
        for _ in range(2)
    }
    assert len(made) == 2


def test_requests_are_found_by_reference_newest_first(world: World) -> None:
    first, second = world.create(reference_id="A"), world.create("QRIS", reference_id="A")
    world.create(reference_id="B")
    answer = world.client.get("/v3/payment_requests", params={"reference_id": "A"}).json()
    assert answer == {"data": [second, first], "has_more": False}
    some = world.client.get("/v3/payment_requests?reference_id=A&limit=1").json()
    assert some == {"data": [second], "has_more": True}
    none = world.client.get("/v3/payment_requests", params={"reference_id": "C"}).json()
    assert none == {"data": [], "has_more": False}


def test_what_does_not_exist_is_not_found(world: World) -> None:
    for path in ("/v3/payment_requests/pr-1", "/v3/payments/py-1"):
        assert refusal(world.client.get(path)) == (404, "DATA_NOT_FOUND")
    response = world.client.post("/v3/payment_requests/pr-1/cancel")
    assert refusal(response) == (404, "DATA_NOT_FOUND")


def test_an_open_request_can_be_cancelled_once(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    cancelled = world.client.post(f"/v3/payment_requests/{request_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELED")
    again = world.client.post(f"/v3/payment_requests/{request_id}/cancel")
    assert refusal(again) == (400, "INACTIVE_PAYMENT_REQUEST")
    assert world.deliveries() == []  # Xendit documents no webhook for it


def test_a_push_on_the_payers_phone_cannot_be_cancelled(world: World) -> None:
    request_id = world.create("OVO")["payment_request_id"]
    world.pass_time(milliseconds=100)
    response = world.client.post(f"/v3/payment_requests/{request_id}/cancel")
    assert refusal(response) == (400, "INELIGIBLE_TRANSACTION_STATUS")
    assert world.request(request_id)["status"] == "PENDING"


def test_a_paid_request_cannot_be_cancelled(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    world.control("pay", payment_request_id=request_id)
    response = world.client.post(f"/v3/payment_requests/{request_id}/cancel")
    assert refusal(response) == (400, "INACTIVE_PAYMENT_REQUEST")
    assert world.request(request_id)["status"] == "SUCCEEDED"


def test_xendits_own_simulate_call_pays(world: World) -> None:
    request_id = world.create("BCA_VIRTUAL_ACCOUNT")["payment_request_id"]
    path = f"/v3/payment_requests/{request_id}/simulate"
    assert refusal(world.client.post(path, json={})) == (400, "API_VALIDATION_ERROR")
    answer = world.client.post(path, json={"amount": 149000}).json()
    assert (answer["status"], world.request(request_id)["status"]) == ("PENDING", "SUCCEEDED")
    [webhook] = world.shop.wait_for(1)
    assert webhook.body["event"] == "payment.capture"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b'{"a": NaN}',
        rb'{"reference_id": "\ud800"}',
        b"[" * 100_000,
        b'{"request_amount": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_broken_body_is_a_validation_error(world: World, body: bytes) -> None:
    response = world.client.post("/v3/payment_requests", content=body)
    assert refusal(response) == (400, "API_VALIDATION_ERROR")


def test_a_body_too_large_is_not_even_read(world: World) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(world.simulator.url).port or 0)) as wire:
        wire.sendall(b"POST /_sim/pay HTTP/1.1\r\nHost: x\r\nContent-Length: 262145\r\n\r\n")
        answer = wire.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        # Too broken to tell its version, so the answer is the bare body of HTTP/0.9.
        (b"NONSENSE\r\n\r\n", b'{"error_code": "API_VALIDATION_ERROR"'),
        (b"BREW / HTTP/1.1\r\n\r\n", b"HTTP/1.1 501 "),
        (b"POST /_sim/pay HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 411 "),
        (b"POST /_sim/pay HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 400 "),
        (b"GET //[ HTTP/1.1\r\nConnection: close\r\n\r\n", b"HTTP/1.1 404 "),
    ],
)
def test_broken_http_is_refused_without_a_traceback(
    world: World, sent: bytes, answered: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(world.simulator.url).port or 0)) as wire:
        wire.sendall(sent)
        answer = wire.makefile("rb").read()
    assert answer.startswith(answered)
    assert b"Traceback" not in answer


def test_one_connection_serves_many_calls(world: World) -> None:
    address = urlsplit(world.simulator.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("GET", "/_sim/requests")
    connection.getresponse().read()
    wire = connection.sock
    connection.request("GET", "/v3/payments/py-1")
    assert connection.getresponse().read().startswith(b'{"error_code": "INVALID_API_KEY"')
    assert connection.sock is wire
    connection.close()


def test_an_unknown_address_and_a_wrong_method_are_told_apart(world: World) -> None:
    assert world.client.get("/v3/refunds").status_code == 404
    assert world.client.patch("/v3/payments/py-1", json={}).status_code == 405


def test_a_fault_of_the_simulator_shows_no_traceback(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.simulator.xendit.store, "request", lambda _id: 1 // 0)
    response = world.client.get("/v3/payment_requests/pr-1")
    assert refusal(response) == (500, "SERVER_ERROR")
    assert "ZeroDivisionError" not in response.text


def test_lifetimes_are_those_of_the_channel_pages() -> None:
    assert {code: channel.lifetime for code, channel in CHANNELS.items()} == {
        "OVO": timedelta(minutes=15),
        "DANA": timedelta(hours=24),
        "BCA_VIRTUAL_ACCOUNT": None,
        "QRIS": timedelta(hours=48),
        "CARDS": timedelta(minutes=10),
    }


def test_the_secret_key_is_in_no_log_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        world.create("DANA")
        world.client.get("/v3/payment_requests", params={"reference_id": "private"})
    ours = [record for record in caplog.records if record.name.startswith("shop.")]
    lines = [str(vars(record)) for record in ours]
    assert lines
    assert not [line for line in lines if SECRET_KEY in line or "private" in line]
