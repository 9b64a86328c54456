"""Cards: a page of the gateway's own, on which one card after another may be tried."""

import re
from typing import Any

import httpx
import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import World

SESSION: Json = {
    "reference_id": "ORD-1-A1",
    "session_type": "PAY",
    "mode": "PAYMENT_LINK",
    "amount": 149_000,
    "currency": "IDR",
    "country": "ID",
    "success_return_url": "https://shop.example/paid",
    "cancel_return_url": "http://127.0.0.1:8000/pay/",
}


def ask(world: World, **changes: Any) -> httpx.Response:
    return world.client.post("/sessions", json=SESSION | changes)


def start(world: World, **changes: Any) -> Json:
    response = ask(world, **changes)
    assert response.status_code == 201, response.text
    answer: Json = response.json()
    return answer


def session_of(world: World, session_id: str) -> Json:
    answer: Json = world.client.get(f"/sessions/{session_id}").json()
    return answer


def card(world: World, session_id: str, outcome: str, **more: Any) -> Json:
    return world.control("sessions/card", payment_session_id=session_id, outcome=outcome, **more)


def refused(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error_code"]


def events(world: World) -> list[str]:
    """Oldest first."""
    return [each["event"] for each in reversed(world.deliveries())]


def test_a_session_is_a_link_that_waits(world: World) -> None:
    session = start(world, metadata={"order": "1"}, allowed_payment_channels=["CARDS"])
    session_id = session["payment_session_id"]
    assert re.fullmatch("ps-[0-9a-f]{24}", session_id)
    assert session == SESSION | {
        "payment_session_id": session_id,
        "business_id": session["business_id"],
        "capture_method": "AUTOMATIC",
        "locale": "en",
        "status": "ACTIVE",
        "payment_link_url": f"{world.simulator.url}/session/{session_id}",
        "expires_at": "2026-11-22T03:30:00.000Z",
        "allowed_payment_channels": ["CARDS"],
        "metadata": {"order": "1"},
        "customer_id": None,
        "payment_request_id": None,
        "payment_id": None,
        "payment_token_id": None,
        "created": "2026-11-22T03:00:00.000Z",
        "updated": "2026-11-22T03:00:00.000Z",
    }
    assert session_of(world, session_id) == session
    assert refused(world.client.get("/sessions/ps-1")) == (404, "DATA_NOT_FOUND")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reference_id": "x" * 65}, "API_VALIDATION_ERROR"),
        ({"amount": None}, "API_VALIDATION_ERROR"),
        ({"amount": 0}, "INVALID_AMOUNT"),
        ({"amount": 149_000.5}, "INVALID_AMOUNT"),
        ({"amount": 4_999}, "INVALID_AMOUNT"),
        ({"currency": "USD"}, "INVALID_CURRENCY"),
        ({"country": "SG"}, "INVALID_COUNTRY"),
        ({"session_type": "SAVE"}, "SESSION_TYPE_NOT_SUPPORTED"),
        ({"mode": "COMPONENTS"}, "MODE_NOT_SUPPORTED"),
        ({"allowed_payment_channels": ["CASH"]}, "INVALID_PAYMENT_CHANNEL"),
        ({"capture_method": "MANUAL"}, "DISALLOWED_CAPTURE_METHOD"),
        ({"metadata": {"long": "x" * 81}}, "INVALID_METADATA"),
        ({"success_return_url": "http://shop.example/paid"}, "INVALID_URL"),
        ({"expires_at": "2026-11-22T03:09:59Z"}, "INVALID_EXPIRY_DATE"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(world: World, changes: Json, code: str) -> None:
    assert refused(ask(world, **changes)) == (400, code)
    assert world.client.get("/_sim/sessions").json()["data"] == []


def test_several_cards_may_fail_before_one_is_good(world: World) -> None:
    session_id = start(world)["payment_session_id"]
    for outcome in ("declined", "3ds_failed"):
        assert card(world, session_id, outcome)["status"] == "ACTIVE"
    done = card(world, session_id, "approved")
    assert done["status"] == "COMPLETED"
    payment = world.client.get(f"/v3/payments/{done['payment_id']}").json()
    assert (payment["channel_code"], payment["reference_id"]) == ("CARDS", "ORD-1-A1")
    assert payment["captures"][0]["capture_amount"] == 149_000
    assert events(world) == [
        "payment.failure",
        "payment.failure",
        "payment.capture",
        "payment_session.completed",
    ]
    told = {each.body["event"]: each.body["data"] for each in world.shop.wait_for(4)}
    assert told["payment_session.completed"] == done == session_of(world, session_id)
    tried = world.client.get("/v3/payment_requests", params={"reference_id": "ORD-1-A1"}).json()
    assert [(each["status"], each.get("failure_code")) for each in tried["data"]] == [
        ("SUCCEEDED", None),
        ("FAILED", "AUTHENTICATION_FAILED"),
        ("FAILED", "CARD_DECLINED"),
    ]


def test_what_is_over_takes_money_only_by_force(world: World) -> None:
    session_id = start(world)["payment_session_id"]
    card(world, session_id, "approved")
    again = world.client.post("/_sim/sessions/card", json={"reference_id": "ORD-1-A1"})
    assert refused(again) == (400, "INELIGIBLE_TRANSACTION_STATUS")
    second = card(world, session_id, "approved", force=True)
    assert second["status"] == "COMPLETED"
    assert events(world).count("payment.capture") == 2
    late = start(world, reference_id="B")["payment_session_id"]
    assert world.client.post(f"/sessions/{late}/cancel").json()["status"] == "CANCELED"
    assert refused(world.client.post(f"/sessions/{late}/cancel")) == (
        400,
        "INELIGIBLE_TRANSACTION_STATUS",
    )
    assert card(world, late, "approved", force=True)["status"] == "CANCELED"
    assert events(world).count("payment_session.completed") == 1


def test_a_session_runs_out_and_says_so(world: World) -> None:
    session_id = start(world)["payment_session_id"]
    by_hand = start(world, reference_id="B", expires_at="2026-11-22T05:00:00Z")
    world.pass_time(minutes=30)
    assert session_of(world, session_id)["status"] == "EXPIRED"
    expired = world.control("sessions/expire", reference_id="B")
    assert expired["payment_session_id"] == by_hand["payment_session_id"]
    heard = world.shop.wait_for(2)
    assert {each.body["event"] for each in heard} == {"payment_session.expired"}
    assert {each.body["data"]["status"] for each in heard} == {"EXPIRED"}


def test_a_card_payment_can_be_given_back(world: World) -> None:
    session_id = start(world)["payment_session_id"]
    request_id = card(world, session_id, "approved")["payment_request_id"]
    body = {"payment_request_id": request_id, "reason": "OTHERS", "amount": 9_000}
    refund = world.client.post("/refunds", json=body).json()
    assert (refund["payment_method_type"], refund["amount"]) == ("CARD", 9_000)
    [payment] = world.client.get("/transactions?types=PAYMENT").json()["data"]
    assert (payment["channel_category"], payment["fee"]["xendit_fee"]) == ("CARDS", 6_321)


def test_no_card_is_taken_without_a_session(world: World) -> None:
    order: Json = {"reference_id": "A", "type": "PAY", "country": "ID", "currency": "IDR"}
    order |= {"request_amount": 149_000, "channel_code": "CARDS", "channel_properties": {}}
    response = world.client.post("/v3/payment_requests", json=order)
    assert refused(response) == (400, "API_VALIDATION_ERROR")


def change(world: World, request_id: str, **body: Any) -> httpx.Response:
    return world.client.patch(f"/v3/payment_requests/{request_id}", json=body)


def test_a_virtual_account_can_be_changed_while_it_is_open(world: World) -> None:
    request_id = world.create("BCA_VIRTUAL_ACCOUNT")["payment_request_id"]
    later = {"expires_at": "2026-11-22T06:00:00Z"}
    changed = change(
        world, request_id, request_amount=99_000, channel_properties=later, description="New"
    ).json()
    assert changed == world.request(request_id)
    assert (changed["request_amount"], changed["description"]) == (99_000, "New")
    assert changed["channel_properties"] == later | {"display_name": "RONA"}
    world.pass_time(hours=2)
    assert world.request(request_id)["status"] == "REQUIRES_ACTION"
    world.pass_time(hours=1)
    assert world.request(request_id)["status"] == "EXPIRED"
    assert refused(change(world, request_id, description="x")) == (400, "INACTIVE_PAYMENT_REQUEST")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"request_amount": 9_999}, "INVALID_VALUE_ERROR"),
        ({"reference_id": "B"}, "API_VALIDATION_ERROR"),
        ({"channel_properties": {"display_name": "X"}}, "API_VALIDATION_ERROR"),
        ({"channel_properties": {"expires_at": "soon"}}, "API_VALIDATION_ERROR"),
        ({"channel_properties": {"expires_at": "2026-11-22T02:59:59Z"}}, "INVALID_VALUE_ERROR"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(world: World, body: Json, code: str) -> None:
    created = world.create("BCA_VIRTUAL_ACCOUNT")
    assert refused(change(world, created["payment_request_id"], **body)) == (400, code)
    assert world.request(created["payment_request_id"]) == created


def test_only_a_virtual_account_can_be_changed(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    answer = refused(change(world, request_id, description="x"))
    assert answer == (400, "INELIGIBLE_TRANSACTION_STATUS")
    assert refused(change(world, "pr-1")) == (404, "DATA_NOT_FOUND")
