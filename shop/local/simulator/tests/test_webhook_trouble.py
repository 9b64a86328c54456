"""Webhooks that come twice, late, crooked, in the wrong order, or not at all."""

import json

import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import TOKEN, Heard, World


def arm(world: World, mode: str, **more: object) -> None:
    world.control("faults", on="webhook", mode=mode, **more)


def pay(world: World, reference_id: str = "A") -> str:
    request_id = str(world.create("DANA", reference_id=reference_id)["payment_request_id"])
    world.control("pay", payment_request_id=request_id)
    return request_id


def heard_after(world: World, **step: float) -> list[Heard]:
    """Everything that was due by then, in the order in which it came."""
    world.deliveries()
    world.pass_time(**step)
    return world.shop.heard


def references(heard: list[Heard]) -> list[str]:
    return [each.body["data"]["reference_id"] for each in heard]


def test_a_duplicate_keeps_its_id(world: World) -> None:
    arm(world, "duplicate", times=2)
    pay(world)
    heard = world.shop.wait_for(3)
    assert len({each.headers["webhook-id"] for each in heard}) == 1
    pay(world, "B")
    assert references(world.shop.wait_for(4))[3] == "B"


def test_a_replay_has_an_id_of_its_own(world: World) -> None:
    arm(world, "replay", times=2)
    pay(world)
    heard = world.shop.wait_for(3)
    assert len({each.headers["webhook-id"] for each in heard}) == 3
    assert len({json.dumps(each.body["data"]) for each in heard}) == 1


def test_a_delay_holds_it_back(world: World) -> None:
    arm(world, "delay", seconds=90)
    pay(world)
    assert heard_after(world, seconds=89) == []
    assert len(heard_after(world, seconds=1)) == 1


def test_the_next_webhook_overtakes(world: World) -> None:
    arm(world, "reorder")
    pay(world, "A")
    pay(world, "B")
    world.shop.wait_for(1)
    assert references(heard_after(world, seconds=0.5)) == ["B", "A"]


def test_what_nothing_overtakes_comes_at_last(world: World) -> None:
    arm(world, "reorder", seconds=30)
    pay(world)
    assert heard_after(world, seconds=29) == []
    assert references(heard_after(world, seconds=1)) == ["A"]


def test_what_is_lost_can_be_sent_by_hand(world: World) -> None:
    arm(world, "drop")
    request_id = pay(world)
    assert heard_after(world, hours=23) == []
    [dropped] = world.deliveries()
    assert (dropped["state"], dropped["tries"]) == ("DROPPED", [])
    world.control("resend", payment_request_id=request_id, same_id=True)
    assert world.shop.wait_for(1)[0].headers["webhook-id"] == dropped["webhook_id"]


@pytest.mark.parametrize("mode", ["wrong_token", "no_token", "truncate"])
def test_what_was_crooked_is_straight_at_the_next_try(world: World, mode: str) -> None:
    world.shop.status = 401
    arm(world, mode)
    pay(world)
    world.shop.wait_for(1)
    crooked, straight = heard_after(world, minutes=15)
    if mode == "truncate":
        with pytest.raises(json.JSONDecodeError):
            _ = crooked.body
    else:
        token = crooked.headers.get("x-callback-token")
        assert (token is None) == (mode == "no_token")
        assert token != TOKEN
    assert straight.headers["x-callback-token"] == TOKEN
    assert references([straight]) == ["A"]


def test_trouble_may_be_meant_for_one_event_and_several_tries(world: World) -> None:
    world.shop.status = 401
    arm(world, "no_token", event="payment.failure", times=2, probability=1)
    pay(world)
    assert "x-callback-token" in world.shop.wait_for(1)[0].headers
    world.create("DANA", reference_id="B")
    world.control("fail", reference_id="B")
    world.shop.wait_for(2)
    heard = [each for each in heard_after(world, minutes=15) if "B" in references([each])]
    heard = [each for each in heard_after(world, hours=1) if "B" in references([each])]
    assert ["x-callback-token" in each.headers for each in heard] == [False, False, True]


def test_a_forger_sends_what_he_likes_and_does_not_insist(world: World) -> None:
    world.shop.status = 500
    request_id = pay(world)
    body: Json = {"event": "payment.capture", "data": {"payment_request_id": request_id}}
    world.control("webhooks/forge", body=body, token="wrong", webhook_id="mine")
    world.control("webhooks/forge", raw="{not json", token="none")
    world.control("webhooks/forge", body=[1])
    heard = {each.raw: each.headers for each in world.shop.wait_for(4)}
    assert heard[json.dumps(body).encode()]["webhook-id"] == "mine"
    assert heard[json.dumps(body).encode()]["x-callback-token"] != TOKEN
    assert "x-callback-token" not in heard[b"{not json"]
    assert heard[b"[1]"]["x-callback-token"] == TOKEN
    forged = [each for each in world.deliveries() if each["is_forged"]]
    assert [each["state"] for each in forged] == ["GIVEN_UP"] * 3
    assert [each["payment_request_id"] for each in forged] == ["", "", request_id]
    world.control("resend", payment_request_id=request_id)
    assert len(world.shop.wait_for(5)) == 5


@pytest.mark.parametrize(
    "body", [{}, {"body": 1, "raw": "1"}, {"raw": 1}, {"raw": "", "token": "x"}]
)
def test_a_forgery_that_cannot_be_sent_is_refused(world: World, body: Json) -> None:
    response = world.client.post("/_sim/webhooks/forge", json=body)
    assert (response.status_code, response.json()["error_code"]) == (400, "API_VALIDATION_ERROR")
    assert world.deliveries() == []


def test_every_refund_of_a_payment_is_resent(world: World) -> None:
    request_id = pay(world)
    for amount in (1_000, 2_000):
        world.control("refunds/create", payment_request_id=request_id, amount=amount)
        world.control("refunds/settle", payment_request_id=request_id)
    world.shop.wait_for(3)
    assert len(world.control("resend", payment_request_id=request_id)["webhook_ids"]) == 3
