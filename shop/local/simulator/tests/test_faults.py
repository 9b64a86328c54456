"""The gateway's bad days: each fault by itself, and chaos."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from shop.local.simulator.chaos import DEFAULT_INTENSITY, Chaos
from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import World, an_order

CREATE = "/v3/payment_requests"


def arm(world: World, on: str, mode: str, **more: object) -> None:
    world.control("faults", on=on, mode=mode, **more)


def armed(world: World) -> list[Json]:
    answer: list[Json] = world.client.get("/_sim/faults").json()["data"]
    return answer


def create(world: World, reference_id: str = "ORD-1-A1") -> httpx.Response:
    order = an_order("DANA") | {"reference_id": reference_id}
    return world.client.post(CREATE, json=order, timeout=0.5)


def known(world: World) -> list[str]:
    listed = world.client.get("/_sim/requests").json()["data"]
    return [each["reference_id"] for each in listed]


@pytest.mark.parametrize(
    ("mode", "error", "is_done"),
    [
        ("timeout_before", httpx.ReadTimeout, False),
        ("timeout_after", httpx.ReadTimeout, True),
        ("reset_before", httpx.ReadError, False),
        ("reset_after", httpx.ReadError, True),
    ],
)
def test_a_call_without_an_answer_was_made_or_not(
    world: World, mode: str, error: type[Exception], *, is_done: bool
) -> None:
    arm(world, "create", mode)
    with pytest.raises(error):
        create(world)
    assert known(world) == (["ORD-1-A1"] if is_done else [])
    assert armed(world) == []
    assert create(world, "ORD-2-A1").status_code == 201


def test_a_time_out_ends_by_hanging_up(world: World) -> None:
    arm(world, "get", "timeout_before", seconds=0.05)
    with pytest.raises(httpx.RemoteProtocolError):
        world.client.get("/v3/payments/py-1")


@pytest.mark.parametrize(
    ("mode", "status", "code", "is_done"),
    [
        ("error_after", 500, "SERVER_ERROR", True),
        ("unavailable", 503, "CHANNEL_UNAVAILABLE", False),
        ("rate_limited", 429, "RATE_LIMIT_EXCEEDED", False),
    ],
)
def test_an_error_may_hide_that_the_call_was_made(
    world: World, mode: str, status: int, code: str, *, is_done: bool
) -> None:
    arm(world, "create", mode, seconds=1.5)
    response = create(world)
    assert (response.status_code, response.json()["error_code"]) == (status, code)
    assert known(world) == (["ORD-1-A1"] if is_done else [])
    if status == 429:
        limits = {name: response.headers[f"rate-limit-{name}"] for name in ("limit", "reset")}
        assert limits == {"limit": "60", "reset": "1.500"}
        assert response.headers["rate-limit-remaining"] == "0"


def test_garbage_is_half_a_document_of_something_done(world: World) -> None:
    arm(world, "create", "garbage")
    response = create(world)
    assert response.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert known(world) == ["ORD-1-A1"]


def test_slow_is_late_and_complete(world: World) -> None:
    arm(world, "create", "slow", seconds=0.1)
    response = create(world)
    assert response.status_code == 201
    assert response.elapsed.total_seconds() >= 0.1


def test_a_fault_is_for_its_kind_of_call_and_so_many_of_them(world: World) -> None:
    arm(world, "refund", "unavailable", calls=2)
    request_id = create(world).json()["payment_request_id"]
    world.control("pay", payment_request_id=request_id)
    body = {"payment_request_id": request_id, "reason": "OTHERS"}
    answers = [world.client.post("/refunds", json=body).status_code for _ in range(3)]
    assert answers == [503, 503, 200]


@pytest.mark.usefixtures("eager_threads")
def test_of_many_calls_at_once_a_fault_takes_its_number(world: World) -> None:
    troubles = world.simulator.xendit.troubles
    with ThreadPoolExecutor(8) as pool:
        for _ in range(60):
            arm(world, "list", "unavailable", calls=3)
            met = list(pool.map(lambda _: troubles.for_call("list"), range(8)))
            assert met.count(None) == 5
            assert armed(world) == []


def test_a_certain_fault_stays_until_it_is_cleared(world: World) -> None:
    arm(world, "any", "unavailable", probability=1)
    arm(world, "list", "unavailable", probability=0)
    assert [create(world).status_code for _ in range(2)] == [503, 503]
    first, second = armed(world)
    assert (first["target"], first["probability"], first["calls_left"]) == ("any", 1, None)
    world.control("faults/clear", id=first["id"])
    assert armed(world) == [second]
    assert create(world).status_code == 201
    assert world.client.get("/refunds").status_code == 200
    world.control("faults/clear")
    assert armed(world) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"on": "create"},
        {"on": "nothing", "mode": "slow"},
        {"on": "create", "mode": "lag"},
        {"on": "create", "mode": "drop"},
        {"on": "webhook", "mode": "slow"},
        {"on": "get", "mode": "slow", "calls": -1},
        {"on": "get", "mode": "slow", "probability": 2},
        {"on": "get", "mode": "slow", "seconds": "long"},
    ],
)
def test_a_fault_that_could_never_strike_is_refused(world: World, fault: Json) -> None:
    response = world.client.post("/_sim/faults", json=fault)
    assert (response.status_code, response.json()["error_code"]) == (400, "API_VALIDATION_ERROR")
    assert armed(world) == []


def test_a_reader_that_lags_sees_the_request_unpaid(world: World) -> None:
    request_id = create(world).json()["payment_request_id"]
    world.clock.advance(minutes=1)
    world.control("pay", payment_request_id=request_id)
    arm(world, "get", "lag", seconds=10, probability=1)
    assert world.request(request_id)["status"] == "REQUIRES_ACTION"
    world.clock.advance(seconds=9)
    assert world.request(request_id)["status"] == "REQUIRES_ACTION"
    world.clock.advance(seconds=1)
    assert world.request(request_id)["status"] == "SUCCEEDED"
    # What is younger than the lag is shown as it was in the beginning.
    arm(world, "get", "lag", seconds=3600)
    assert world.request(request_id)["status"] == "SUCCEEDED"
    world.control("faults/clear")
    arm(world, "get", "lag", seconds=3600)
    assert world.request(request_id)["status"] == "REQUIRES_ACTION"


def test_a_list_that_lags_does_not_know_the_newest(world: World) -> None:
    create(world)
    world.control("pay", reference_id="ORD-1-A1")
    arm(world, "list", "lag", seconds=5, probability=1)
    query = {"reference_id": "ORD-1-A1"}
    assert world.client.get(CREATE, params=query).json()["data"] == []
    assert world.client.get("/transactions").json()["data"] == []
    world.clock.advance(seconds=5)
    assert len(world.client.get(CREATE, params=query).json()["data"]) == 1
    assert len(world.client.get("/transactions").json()["data"]) == 1


def test_limits_count_calls_per_minute_and_endpoint_when_switched_on(world: World) -> None:
    world.control("settings", rate_limit=2)
    first = world.client.get("/refunds")
    assert (first.headers["rate-limit-limit"], first.headers["rate-limit-remaining"]) == ("2", "1")
    world.clock.advance(seconds=20)
    assert [world.client.get("/refunds").status_code for _ in range(2)] == [200, 429]
    refused = world.client.get("/refunds")
    assert (refused.json()["error_code"], refused.headers["rate-limit-reset"]) == (
        "RATE_LIMIT_EXCEEDED",
        "40.000",
    )
    assert world.client.get("/transactions").status_code == 200
    world.clock.advance(seconds=40)
    assert world.client.get("/refunds").status_code == 200


def test_chaos_is_the_same_for_the_same_seed_whatever_else_goes_on() -> None:
    def fates(seed: int, noise: int) -> list[object]:
        chaos = Chaos()
        chaos.start(seed, intensity=0.5)
        drawn: list[object] = []
        for _ in range(40):
            drawn += [chaos.for_call("get"), chaos.for_webhook("payment.capture")]
            for _ in range(noise):
                chaos.for_call("create")
        return drawn

    assert fates(42, noise=0) == fates(42, noise=3)
    assert fates(42, noise=0) != fates(43, noise=0)
    assert 20 < fates(42, noise=0).count(None) < 60
    assert Chaos().for_call("get") is None


def test_chaos_can_be_switched_on_and_off(world: World) -> None:
    answer = world.control("chaos", seed=UNAVAILABLE_FIRST, intensity=1)
    assert answer["chaos"] == {"seed": UNAVAILABLE_FIRST, "intensity": 1}
    assert world.client.get("/v3/payments/py-1").status_code == 503
    assert world.control("chaos", off=True)["chaos"] is None
    assert world.client.get("/v3/payments/py-1").status_code == 404
    drawn = world.control("chaos")["chaos"]
    assert drawn["seed"] > 0
    assert drawn["intensity"] == DEFAULT_INTENSITY


def _unavailable_first() -> int:
    chaos = Chaos()
    for seed in range(1, 1000):
        chaos.start(seed, intensity=1)
        fate = chaos.for_call("get")
        if fate and fate.mode == "unavailable":
            return seed
    raise AssertionError("no such seed")


UNAVAILABLE_FIRST = _unavailable_first()
