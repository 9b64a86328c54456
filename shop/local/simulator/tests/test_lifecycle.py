"""What becomes of a payment request, and that a restart forgets nothing."""

import re
from typing import Any

import httpx
import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import StartWorld, World, stop


def status_of(world: World, request_id: str) -> str:
    return str(world.request(request_id)["status"])


def refused(world: World, call: str, **body: Any) -> tuple[int, str]:
    response: httpx.Response = world.client.post(f"/_sim/{call}", json=body)
    return response.status_code, response.json()["error_code"]


def test_a_payment_succeeds_the_request_and_can_be_fetched(world: World) -> None:
    created = world.create("DANA", metadata={"order": "1"})
    request_id = created["payment_request_id"]
    world.clock.advance(minutes=2)
    payment = world.control("pay", payment_request_id=request_id)
    assert re.fullmatch("py-[0-9a-f-]{36}", payment["payment_id"])
    [capture] = payment["captures"]
    assert re.fullmatch("cptr-[0-9a-f-]{36}", capture["capture_id"])
    shared = ("business_id", "reference_id", "payment_request_id", "type", "country", "currency")
    more = ("request_amount", "capture_method", "channel_code", "channel_properties", "metadata")
    assert payment == {
        **{field: created[field] for field in (*shared, *more)},
        "payment_id": payment["payment_id"],
        "captures": [
            {
                "capture_id": capture["capture_id"],
                "capture_amount": 149000,
                "capture_timestamp": "2026-11-22T03:02:00.000Z",
            }
        ],
        "status": "SUCCEEDED",
        "payment_details": {},
        "created": "2026-11-22T03:02:00.000Z",
        "updated": "2026-11-22T03:02:00.000Z",
    }
    assert world.client.get(f"/v3/payments/{payment['payment_id']}").json() == payment
    assert world.request(request_id) == created | {
        "status": "SUCCEEDED",
        "latest_payment_id": payment["payment_id"],
        "updated": "2026-11-22T03:02:00.000Z",
    }


def test_money_finds_its_request_by_reference_and_by_account_number(world: World) -> None:
    by_reference = world.create("DANA", reference_id="A")
    by_number = world.create("BCA_VIRTUAL_ACCOUNT", reference_id="B")
    number = by_number["actions"][0]["value"]
    assert world.control("pay", reference_id="A")["reference_id"] == "A"
    assert world.control("pay", virtual_account_number=number)["reference_id"] == "B"
    assert status_of(world, by_reference["payment_request_id"]) == "SUCCEEDED"
    assert status_of(world, by_number["payment_request_id"]) == "SUCCEEDED"
    assert refused(world, "pay", reference_id="C") == (404, "DATA_NOT_FOUND")
    assert refused(world, "pay") == (400, "API_VALIDATION_ERROR")


def test_the_amount_that_comes_may_differ_from_the_amount_asked(world: World) -> None:
    world.create("BCA_VIRTUAL_ACCOUNT")
    payment = world.control("pay", reference_id="ORD-1-A1", amount=100_000)
    assert (payment["request_amount"], payment["captures"][0]["capture_amount"]) == (
        149_000,
        100_000,
    )


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "1"])
def test_only_a_whole_number_of_rupiah_can_be_paid(world: World, amount: object) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    assert refused(world, "pay", payment_request_id=request_id, amount=amount) == (
        400,
        "API_VALIDATION_ERROR",
    )
    assert status_of(world, request_id) == "REQUIRES_ACTION"


def test_a_second_payment_has_to_be_forced_and_is_a_payment_of_its_own(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    first = world.control("pay", payment_request_id=request_id)
    for forced in ({}, {"force_late": True}):
        assert refused(world, "pay", payment_request_id=request_id, **forced) == (
            400,
            "INACTIVE_PAYMENT_REQUEST",
        )
    second = world.control("pay", payment_request_id=request_id, force_duplicate=True)
    assert second["payment_id"] != first["payment_id"]
    assert world.request(request_id)["latest_payment_id"] == second["payment_id"]
    assert world.client.get(f"/v3/payments/{first['payment_id']}").json() == first
    assert len(world.shop.wait_for(2)) == 2


def expire(world: World, request_id: str) -> None:
    world.control("expire", payment_request_id=request_id)


def cancel(world: World, request_id: str) -> None:
    world.client.post(f"/v3/payment_requests/{request_id}/cancel").raise_for_status()


def fail(world: World, request_id: str) -> None:
    world.control("fail", payment_request_id=request_id)


@pytest.mark.parametrize(
    ("close", "status"), [(expire, "EXPIRED"), (cancel, "CANCELED"), (fail, "FAILED")]
)
def test_late_money_has_to_be_forced_and_leaves_the_status(
    world: World, close: Any, status: str
) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    close(world, request_id)
    for forced in ({}, {"force_duplicate": True}):
        assert refused(world, "pay", payment_request_id=request_id, **forced) == (
            400,
            "INACTIVE_PAYMENT_REQUEST",
        )
    payment = world.control("pay", payment_request_id=request_id, force_late=True)
    assert payment["status"] == "SUCCEEDED"
    after = world.request(request_id)
    assert (after["status"], after["latest_payment_id"]) == (status, payment["payment_id"])
    assert world.deliveries()[0]["event"] == "payment.capture"


def test_a_failure_names_its_code_on_request_and_payment(world: World) -> None:
    request_id = world.create("OVO")["payment_request_id"]
    payment = world.control("fail", reference_id="ORD-1-A1", failure_code="INSUFFICIENT_BALANCE")
    assert (payment["status"], payment["captures"]) == ("FAILED", [])
    assert payment["failure_code"] == "INSUFFICIENT_BALANCE"
    after = world.request(request_id)
    assert (after["status"], after["failure_code"]) == ("FAILED", "INSUFFICIENT_BALANCE")
    [webhook] = world.shop.wait_for(1)
    assert (webhook.body["event"], webhook.body["data"]) == ("payment.failure", payment)
    assert refused(world, "fail", reference_id="ORD-1-A1") == (400, "INACTIVE_PAYMENT_REQUEST")


def test_a_silent_failure_is_told_to_nobody(world: World) -> None:
    request_id = world.create("OVO")["payment_request_id"]
    world.control("fail", payment_request_id=request_id, silent=True)
    assert (status_of(world, request_id), world.deliveries()) == ("FAILED", [])


@pytest.mark.parametrize(
    ("channel", "lifetime"),
    [
        ("OVO", {"minutes": 15}),
        ("DANA", {"hours": 24}),
        ("QRIS", {"hours": 48}),
        ("BCA_VIRTUAL_ACCOUNT", {"hours": 1}),  # its own expires_at
    ],
)
def test_a_request_expires_at_the_end_of_its_lifetime_and_says_so(
    world: World, channel: str, lifetime: dict[str, float]
) -> None:
    request_id = world.create(channel)["payment_request_id"]
    world.pass_time(**lifetime)
    expired = world.request(request_id)
    assert expired["status"] == "EXPIRED"
    [webhook] = world.shop.wait_for(1)
    assert (webhook.body["event"], webhook.body["data"]) == ("payment_request.expiry", expired)


def test_a_request_is_open_until_the_last_moment(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    world.pass_time(hours=24, milliseconds=-1)
    assert status_of(world, request_id) == "REQUIRES_ACTION"
    world.pass_time(milliseconds=1)
    assert status_of(world, request_id) == "EXPIRED"


def test_the_clock_alone_brings_the_expiry(world: World) -> None:
    world.create("DANA")
    world.clock.advance(hours=24)
    world.simulator.wake()
    assert world.shop.wait_for(1)[0].body["event"] == "payment_request.expiry"


def test_what_was_paid_never_expires(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    world.control("pay", payment_request_id=request_id)
    world.pass_time(hours=25)
    assert status_of(world, request_id) == "SUCCEEDED"
    assert [each["event"] for each in world.deliveries()] == ["payment.capture"]


def test_an_expiry_by_hand_works_once(world: World) -> None:
    world.create("DANA")
    expired = world.control("expire", reference_id="ORD-1-A1")
    assert expired["status"] == "EXPIRED"
    assert refused(world, "expire", reference_id="ORD-1-A1") == (400, "INACTIVE_PAYMENT_REQUEST")


def test_a_restart_forgets_nothing(start_world: StartWorld) -> None:
    before = start_world()
    open_one = before.create("OVO", reference_id="open")
    paid = before.create("DANA", reference_id="paid")
    payment = before.control("pay", reference_id="paid")
    before.shop.wait_for(1)
    state = (before.client.get("/_sim/requests").json(), before.deliveries())
    stop(before)

    after = start_world()
    assert (after.client.get("/_sim/requests").json(), after.deliveries()) == state
    assert after.client.get(f"/v3/payments/{payment['payment_id']}").json() == payment
    after.pass_time(minutes=15)
    assert status_of(after, open_one["payment_request_id"]) == "EXPIRED"
    assert status_of(after, paid["payment_request_id"]) == "SUCCEEDED"


def test_lists_are_newest_first_and_limited(world: World) -> None:
    made: list[Json] = [world.create(reference_id=name) for name in ("A", "B", "C")]
    ids = [each["payment_request_id"] for each in reversed(made)]

    def listed(query: str) -> list[str]:
        data = world.client.get(f"/_sim/requests{query}").json()["data"]
        return [each["payment_request_id"] for each in data]

    assert listed("") == ids
    assert listed("?limit=2") == ids[:2]
    assert listed("?reference_id=B") == [ids[1]]
    assert world.client.get("/_sim/requests?limit=0").status_code == 400


def test_money_may_differ_in_currency_and_have_been_captured_long_ago(world: World) -> None:
    world.create("DANA")
    payment = world.control(
        "pay", reference_id="ORD-1-A1", currency="USD", when="2026-11-21T03:00:00Z", payer="SITI"
    )
    assert (payment["currency"], payment["payment_details"]) == ("USD", {"payer_name": "SITI"})
    assert payment["captures"][0]["capture_timestamp"] == "2026-11-21T03:00:00.000Z"
    assert payment["created"] == "2026-11-22T03:00:00.000Z"
    [row] = world.client.get("/transactions").json()["data"]
    assert (row["currency"], row["created"]) == ("USD", "2026-11-21T03:00:00.000Z")
    assert refused(world, "pay", reference_id="ORD-1-A1", when="then") == (
        400,
        "API_VALIDATION_ERROR",
    )


def test_the_clock_can_be_moved_on_and_stopped_and_a_restart_forgets_neither(
    start_world: StartWorld,
) -> None:
    world = start_world()
    request_id = world.create("DANA")["payment_request_id"]
    moved = world.control("clock", hours=23, minutes=59)
    assert moved == {"now": "2026-11-23T02:59:00.000Z", "is_stopped": False}
    assert status_of(world, request_id) == "REQUIRES_ACTION"
    world.control("clock", seconds=60)
    assert status_of(world, request_id) == "EXPIRED"
    assert world.shop.wait_for(1)[0].body["created"] == "2026-11-23T03:00:00.000Z"
    world.control("clock", stop=True)
    world.clock.advance(hours=5)
    stop(world)
    again = start_world()
    stopped = again.client.get("/_sim/clock").json()
    assert stopped == {"now": "2026-11-23T03:00:00.000Z", "is_stopped": True}
    assert again.control("clock", days=1, stop=False)["now"] == "2026-11-24T03:00:00.000Z"
    again.clock.advance(seconds=1)
    assert again.client.get("/_sim/clock").json() == {
        "now": "2026-11-24T03:00:01.000Z",
        "is_stopped": False,
    }
    assert refused(again, "clock", days=-1) == (400, "API_VALIDATION_ERROR")
