"""Whom it tells, how often, and what becomes of it on a bad day."""

import hashlib

import pytest

from shop.local.simulator.midtrans.tests.conftest import (
    SERVER_KEY,
    World,
    a_charge,
)


@pytest.mark.parametrize(
    ("answer", "tries"), [(200, 1), (500, 2), (404, 3), (503, 5), (302, 1), (418, 6)]
)
def test_a_notification_is_tried_again_as_the_answer_deserves(
    world: World, answer: int, tries: int
) -> None:
    world.shop.status = answer
    world.charge("qris", custom_expiry={"expiry_duration": 2, "unit": "day"})
    assert len(world.heard()) == 1
    for minutes in (2, 8, 20, 60, 120, 600):
        world.pass_time(minutes=minutes)
    assert len(world.shop.heard) == tries
    [told] = world.client.get("/_sim/midtrans/notifications").json()["data"]
    assert len(told["tries"]) == tries
    assert told["state"] == ("DELIVERED" if answer == 200 else "GIVEN_UP")


def test_a_notification_goes_out_again_after_a_restart(world: World) -> None:
    world.shop.status = 503
    world.charge("qris")
    world.heard()
    world.shop.status = 200
    world.pass_time(minutes=2)
    assert len(world.shop.heard) == 2


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_forger_says_what_is_not_so(world: World, *, is_signed: bool) -> None:
    world.charge()
    world.control("forge", changes={"transaction_status": "settlement"}, signed=is_signed)
    assert world.heard() == ["pending", "settlement"]
    body = next(
        each.body for each in world.shop.heard if each.body["transaction_status"] == "settlement"
    )
    said = body["order_id"] + body["status_code"] + body["gross_amount"] + SERVER_KEY
    is_valid = hashlib.sha512(said.encode()).hexdigest() == body["signature_key"]
    assert is_valid is is_signed
    assert world.status("ORD-1-A1")["transaction_status"] == "pending"


def test_an_answer_is_lost_after_the_charge_was_made(world: World) -> None:
    world.client.post("/_sim/faults", json={"on": "create", "mode": "error_after"})
    assert world.client.post("/v2/charge", json=a_charge("qris")).status_code == 500
    assert world.status("ORD-1-A1")["transaction_status"] == "pending"
    assert world.charge("qris")["status_code"] == "406"


@pytest.mark.parametrize(
    ("mode", "heard"),
    [
        ("drop", []),
        ("duplicate", ["pending", "pending"]),
        ("delay", ["pending"]),
        ("wrong_token", ["pending", "pending"]),
    ],
)
def test_notifications_meet_what_is_armed_for_webhooks(
    world: World, mode: str, heard: list[str]
) -> None:
    world.client.post("/_sim/faults", json={"on": "webhook", "mode": mode, "seconds": 60})
    world.charge("qris")
    at_once = world.heard()
    world.pass_time(minutes=2)
    assert world.heard() == heard
    assert (len(at_once) < len(heard)) == (mode in ("delay", "wrong_token"))
    keys = {each.body["signature_key"] for each in world.shop.heard}
    assert len(keys) == {"drop": 0, "wrong_token": 2}.get(mode, 1)
