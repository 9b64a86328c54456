"""Money that goes back: what is refused, how it ends, what is told."""

import json
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import SECRET_KEY, StartWorld, World, an_order


def paid(world: World, channel: str = "DANA", **changes: Any) -> str:
    request_id = str(world.create(channel, **changes)["payment_request_id"])
    world.control("pay", payment_request_id=request_id)
    return request_id


def webhook_of_refund(world: World) -> Json:
    """That of its payment may come before it or after it."""
    heard = [one.body for one in world.shop.wait_for(2)]
    [body] = [body for body in heard if body["event"] != "payment.capture"]
    return dict(body)


def ask(world: World, request_id: str, **changes: Any) -> httpx.Response:
    body = {"payment_request_id": request_id, "reason": "CANCELLATION", "reference_id": "R-1"}
    return world.client.post("/refunds", json=body | changes)


def refund(world: World, request_id: str, **changes: Any) -> Json:
    response = ask(world, request_id, **changes)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


def refused(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error_code"]


def listed(world: World, **query: str) -> list[Json]:
    answer: list[Json] = world.client.get("/refunds", params=query).json()["data"]
    return answer


def test_a_refund_is_on_its_way_until_it_is_settled(world: World) -> None:
    request_id = paid(world)
    asked = refund(world, request_id, currency="IDR", amount=100_000, metadata={"order": "1"})
    assert re.fullmatch("rfd-[0-9a-f-]{36}", asked["id"])
    assert asked == {
        "id": asked["id"],
        "payment_request_id": request_id,
        "payment_id": world.request(request_id)["latest_payment_id"],
        "invoice_id": None,
        "payment_method_type": "EWALLET",
        "reference_id": "R-1",
        "channel_code": "DANA",
        "country": "ID",
        "currency": "IDR",
        "amount": 100_000,
        "status": "PENDING",
        "reason": "CANCELLATION",
        "failure_code": None,
        "refund_fee_amount": None,
        "metadata": {"order": "1"},
        "created": "2026-11-22T03:00:00.000Z",
        "updated": "2026-11-22T03:00:00.000Z",
    }
    assert [each["event"] for each in world.deliveries()] == ["payment.capture"]
    world.clock.advance(minutes=1)
    settled = world.control("refunds/settle", refund_id=asked["id"], outcome="succeeded")
    assert settled == asked | {"status": "SUCCEEDED", "updated": "2026-11-22T03:01:00.000Z"}
    assert world.client.get(f"/refunds/{asked['id']}").json() == settled
    webhook = webhook_of_refund(world)
    assert (webhook["event"], webhook["data"]) == ("refund.succeeded", settled)


def test_without_an_amount_all_that_is_left_goes_back(world: World) -> None:
    request_id = paid(world)
    first = refund(world, request_id, amount=49_000)
    world.control("refunds/settle", refund_id=first["id"])
    assert refund(world, request_id)["amount"] == 100_000


def test_a_refund_needs_no_version_but_the_key(world: World) -> None:
    request_id = paid(world)
    url, body = world.simulator.url, {"payment_request_id": request_id, "reason": "OTHERS"}
    assert httpx.post(f"{url}/refunds", json=body).status_code == 401
    answer = httpx.post(f"{url}/refunds", json=body, auth=(SECRET_KEY, ""))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("channel", "answer"),
    [
        ("BCA_VIRTUAL_ACCOUNT", (403, "REFUND_NOT_SUPPORTED")),
        ("OVO", (403, "REFUND_NOT_SUPPORTED")),
        ("DANA", None),
        ("QRIS", None),
    ],
)
def test_not_every_channel_gives_money_back(
    world: World, channel: str, answer: tuple[int, str] | None
) -> None:
    response = ask(world, paid(world, channel))
    if answer is None:
        assert response.status_code == 200
    else:
        assert refused(response) == answer
        assert listed(world) == []


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"payment_request_id": "pr-1"}, (404, "DATA_NOT_FOUND")),
        ({"reason": "BECAUSE"}, (400, "API_VALIDATION_ERROR")),
        ({"currency": "USD"}, (400, "API_VALIDATION_ERROR")),
        ({"amount": 0}, (400, "INVALID_VALUE_ERROR")),
        ({"amount": 1.5}, (400, "INVALID_VALUE_ERROR")),
        ({"amount": 149_001}, (400, "REFUND_AMOUNT_EXCEEDED")),
    ],
)
def test_a_refused_refund_leaves_no_trace(
    world: World, changes: Json, answer: tuple[int, str]
) -> None:
    assert refused(ask(world, paid(world), **changes)) == answer
    assert listed(world) == []


def test_what_was_not_paid_cannot_be_given_back(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    assert refused(ask(world, request_id)) == (400, "INELIGIBLE_TRANSACTION_STATUS")


def test_late_money_can_be_given_back(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    world.control("expire", payment_request_id=request_id)
    world.control("pay", payment_request_id=request_id, force_late=True, amount=120_000)
    assert refund(world, request_id)["amount"] == 120_000


def test_one_refund_at_a_time(world: World) -> None:
    request_id = paid(world)
    first = refund(world, request_id, amount=1_000)
    assert refused(ask(world, request_id, amount=1_000)) == (400, "REFUND_IN_PROGRESS")
    world.control("refunds/settle", refund_id=first["id"])
    refund(world, request_id, amount=1_000)


@pytest.mark.usefixtures("eager_threads")
def test_of_refunds_asked_for_at_once_one_is_made(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        for number in range(24):
            request_id = paid(world, reference_id=f"O-{number}")
            answers = pool.map(lambda of: ask(world, of).status_code, [request_id] * 4)
            assert sorted(answers) == [200, 400, 400, 400]
            assert len(listed(world, payment_request_id=request_id)) == 1


def test_only_what_failed_or_was_cancelled_may_be_given_back_again(world: World) -> None:
    request_id = paid(world)
    failed = refund(world, request_id)
    world.control(
        "refunds/settle", reference_id="R-1", outcome="failed", failure_code="ACCOUNT_NOT_FOUND"
    )
    webhook = webhook_of_refund(world)
    assert webhook["event"] == "refund.failed"
    assert (webhook["data"]["id"], webhook["data"]["failure_code"]) == (
        failed["id"],
        "ACCOUNT_NOT_FOUND",
    )
    cancelled = refund(world, request_id)
    assert world.client.post(f"/refunds/{cancelled['id']}/cancel").json()["status"] == "CANCELLED"
    done = refund(world, request_id)
    world.control("refunds/settle", refund_id=done["id"])
    assert refused(world.client.post(f"/refunds/{done['id']}/cancel")) == (
        400,
        "INELIGIBLE_TRANSACTION_STATUS",
    )
    assert refused(ask(world, request_id)) == (400, "REFUND_AMOUNT_EXCEEDED")
    assert [each["status"] for each in listed(world)] == ["SUCCEEDED", "CANCELLED", "FAILED"]


def test_two_payments_of_one_request_can_both_be_given_back(world: World) -> None:
    request_id = paid(world)
    world.control("pay", payment_request_id=request_id, force_duplicate=True)
    answer = world.client.get("/v3/payments", params={"payment_request_id": request_id}).json()
    ids = [each["payment_id"] for each in answer["data"]]
    assert (len(ids), len(set(ids)), answer["has_more"]) == (2, 2, False)
    assert ids[0] == world.request(request_id)["latest_payment_id"]
    assert refund(world, request_id, amount=298_000)["amount"] == 298_000


@pytest.mark.parametrize(("channel", "days"), [("DANA", 30), ("QRIS", 7)])
def test_the_window_for_refunds_closes(world: World, channel: str, days: int) -> None:
    request_id = paid(world, channel)
    world.clock.advance(days=days)
    refund(world, request_id, amount=1_000)
    world.control("refunds/settle", reference_id="R-1")
    world.clock.advance(milliseconds=1)
    assert refused(ask(world, request_id)) == (400, "INELIGIBLE_TRANSACTION_STATUS")


def test_refunds_are_paid_from_our_balance(world: World) -> None:
    request_id = paid(world)
    world.control("settings", balance=99_999)
    assert refused(ask(world, request_id, amount=100_000)) == (400, "INSUFFICIENT_BALANCE")
    world.control("settings", balance=100_000)
    refund(world, request_id, amount=100_000)


def test_an_issuer_may_refuse_what_its_channel_can_do(world: World) -> None:
    request_id = paid(world, "QRIS")
    world.control("settings", no_partial_refunds=["QRIS"])
    assert refused(ask(world, request_id, amount=1)) == (403, "PARTIAL_REFUND_NOT_SUPPORTED")
    world.control("settings", no_refunds=["QRIS"])
    assert refused(ask(world, request_id)) == (403, "REFUND_NOT_SUPPORTED")
    world.control("settings", no_refunds=None, no_partial_refunds=None)
    refund(world, request_id, amount=1)


def test_after_the_delay_a_refund_succeeds_by_itself(world: World) -> None:
    world.control("settings", refund_delay=2)
    asked = refund(world, paid(world))
    world.pass_time(seconds=1.9)
    assert listed(world)[0]["status"] == "PENDING"
    world.pass_time(seconds=0.1)
    assert listed(world)[0]["status"] == "SUCCEEDED"
    assert world.deliveries()[0]["event"] == "refund.succeeded"
    response = world.client.post("/_sim/refunds/settle", json={"refund_id": asked["id"]})
    assert refused(response) == (400, "INELIGIBLE_TRANSACTION_STATUS")


def test_the_webhook_of_a_refund_may_wear_two_envelopes(world: World) -> None:
    world.control("settings", refund_webhook_shape="nested")
    asked = refund(world, paid(world))
    settled = world.control("refunds/settle", refund_id=asked["id"])
    webhook = webhook_of_refund(world)
    assert webhook["event"] == webhook["data"]["event"] == "refund.succeeded"
    assert webhook["data"]["data"] == settled


def test_a_refund_made_in_the_dashboard_bears_no_reference(world: World) -> None:
    request_id = paid(world)
    made = world.control(
        "refunds/create", payment_request_id=request_id, amount=10_000, outcome="succeeded"
    )
    assert (made["reference_id"], made["status"], made["amount"]) == (None, "SUCCEEDED", 10_000)
    assert webhook_of_refund(world)["data"] == made
    assert listed(world, payment_request_id=request_id) == [made]
    assert listed(world, payment_request_id=request_id, reference_id="R-1") == []


def test_refunds_are_listed_newest_first_in_pages(world: World) -> None:
    requests = [paid(world, reference_id=f"O-{number}") for number in range(3)]
    ids = [refund(world, each, reference_id=f"R-{each}")["id"] for each in requests]
    newest_first = list(reversed(ids))

    def page(**query: str) -> tuple[list[str], bool]:
        answer = world.client.get("/refunds", params=query).json()
        return [each["id"] for each in answer["data"]], answer["has_more"]

    assert page() == (newest_first, False)
    assert page(limit="2") == (newest_first[:2], True)
    assert page(limit="2", after_id=newest_first[1]) == (newest_first[2:], False)
    assert page(limit="1", before_id=newest_first[2]) == ([newest_first[1]], True)
    assert page(reference_id=f"R-{requests[0]}") == ([ids[0]], False)
    assert page(payment_request_id=requests[1]) == ([ids[1]], False)
    assert refused(world.client.get("/refunds?after_id=rfd-1")) == (404, "DATA_NOT_FOUND")


@pytest.mark.parametrize(
    "changes", [{"balance": "some"}, {"refund_delay": -1}, {"no_refunds": "OVO"}, {"weather": 1}]
)
def test_a_switch_that_means_nothing_changes_nothing(world: World, changes: Json) -> None:
    before = world.client.get("/_sim/settings").json()
    response = world.client.post("/_sim/settings", json={"refund_delay": 9} | changes)
    assert refused(response) == (400, "API_VALIDATION_ERROR")
    assert world.client.get("/_sim/settings").json() == before


def test_a_file_of_the_first_version_still_opens(tmp_path: Path, start_world: StartWorld) -> None:
    request = an_order("DANA") | {"payment_request_id": "pr-old", "status": "SUCCEEDED"}
    request |= {"actions": [], "latest_payment_id": "py-old"}
    capture = {"capture_id": "cptr-old", "capture_amount": 149_000}
    capture["capture_timestamp"] = "2026-11-22T02:00:00.000Z"
    fields = {"payment_id": "py-old", "payment_request_id": "pr-old", "captures": [capture]}
    payment = json.dumps(an_order("DANA") | fields)
    old = sqlite3.connect(tmp_path / "simulator.sqlite3")
    old.executescript(FIRST_VERSION)
    values = ("pr-old", "ORD-1-A1", "SUCCEEDED", 1.0, json.dumps(request))
    old.execute(
        "INSERT INTO payment_requests (id, reference_id, status, expires_at, document)"
        " VALUES (?, ?, ?, ?, ?)",
        values,
    )
    old.execute("INSERT INTO payments VALUES ('py-old', ?)", (payment,))
    old.execute(
        "INSERT INTO deliveries (webhook_id, event, payment_request_id, data, next_try_at)"
        " VALUES ('w-old', 'payment.capture', 'pr-old', ?, 1.0)",
        (payment,),
    )
    old.commit()
    old.close()
    world = start_world()
    assert world.shop.wait_for(1)[0].headers["webhook-id"] == "w-old"
    assert refund(world, "pr-old")["amount"] == 149_000
    booked = world.client.get("/transactions").json()["data"]
    assert [each["type"] for each in booked] == ["REFUND", "PAYMENT"]


FIRST_VERSION = """
CREATE TABLE payment_requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, reference_id TEXT NOT NULL,
    virtual_account_number TEXT, status TEXT NOT NULL, due_at REAL, pending_at REAL,
    expires_at REAL NOT NULL, document TEXT NOT NULL
);
CREATE TABLE payments (id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, webhook_id TEXT NOT NULL, event TEXT NOT NULL,
    payment_request_id TEXT NOT NULL, data TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'WAITING',
    first_try_at REAL, next_try_at REAL
);
CREATE TABLE tries (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id), tried_at REAL NOT NULL,
    status INTEGER, error TEXT
);
"""
