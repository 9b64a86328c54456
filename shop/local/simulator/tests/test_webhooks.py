"""How the shop is told: headers, tries, replays."""

from datetime import datetime, timedelta

import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import TOKEN, Shop, StartWorld, World, stop


def pay(world: World) -> Json:
    world.create("DANA")
    return world.control("pay", reference_id="ORD-1-A1")


def test_a_webhook_carries_token_id_and_the_payment(world: World) -> None:
    payment = pay(world)
    [webhook] = world.shop.wait_for(1)
    assert webhook.body == {
        "event": "payment.capture",
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "created": "2026-11-22T03:00:00.000Z",
        "data": payment,
        "api_version": "v3",
    }
    assert webhook.headers["x-callback-token"] == TOKEN
    assert webhook.headers["content-type"] == "application/json"
    [delivery] = world.deliveries()
    assert delivery == {
        "webhook_id": webhook.headers["webhook-id"],
        "event": "payment.capture",
        "payment_request_id": payment["payment_request_id"],
        "data": payment,
        "is_forged": False,
        "alteration": None,
        "state": "DELIVERED",
        "tries": [{"tried_at": "2026-11-22T03:00:00.000Z", "status": 200, "error": None}],
        "next_try_at": None,
    }


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_anything_but_a_2xx_is_tried_again_with_the_same_id_and_a_new_time(
    world: World, status: int
) -> None:
    world.shop.status = status
    payment = pay(world)
    world.shop.wait_for(1)
    [waiting] = world.deliveries()
    assert waiting["state"] == "WAITING"
    assert waiting["next_try_at"] == "2026-11-22T03:15:00.000Z"
    world.shop.status = 200
    world.clock.advance(minutes=15)
    world.simulator.wake()
    first, second = world.shop.wait_for(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body["created"] == "2026-11-22T03:00:00.000Z"
    assert second.body["created"] == "2026-11-22T03:15:00.000Z"
    assert first.body["data"] == second.body["data"] == payment
    [delivered] = world.deliveries()
    assert (delivered["state"], delivered["next_try_at"]) == ("DELIVERED", None)
    assert [each["status"] for each in delivered["tries"]] == [status, 200]


def test_six_retries_counted_from_the_first_try_then_silence(world: World) -> None:
    world.shop.status = 500
    pay(world)
    world.shop.wait_for(1)
    world.deliveries()
    start = world.clock()
    for after in ("0:15", "1:00", "3:00", "6:00", "12:00", "24:00"):
        [delivery] = world.deliveries()
        hours, minutes = after.split(":")
        due = start + timedelta(hours=int(hours), minutes=int(minutes))
        assert datetime.fromisoformat(delivery["next_try_at"]) == due
        heard = len(world.shop.heard)
        world.pass_time(seconds=(due - world.clock()).total_seconds() - 1)
        assert len(world.shop.heard) == heard
        world.pass_time(seconds=1)
        assert len(world.shop.heard) == heard + 1
    [delivery] = world.deliveries()
    assert (delivery["state"], len(delivery["tries"])) == ("GIVEN_UP", 7)
    world.pass_time(days=30)
    assert len(world.shop.heard) == 7


def test_the_schedule_can_be_shortened(start_world: StartWorld, shop: Shop) -> None:
    shop.status = 500
    world = start_world(retry_scale=0.01)
    pay(world)
    world.shop.wait_for(1)
    assert world.deliveries()[0]["next_try_at"] == "2026-11-22T03:00:09.000Z"


def test_no_answer_in_time_is_a_failure(start_world: StartWorld, shop: Shop) -> None:
    world = start_world(timeout=0.1)
    shop.may_answer.clear()
    pay(world)
    shop.wait_for(1)
    [delivery] = world.deliveries()
    assert (delivery["state"], delivery["tries"][0]["error"]) == ("WAITING", "TimeoutError")


def test_a_shop_that_is_down_is_tried_again(start_world: StartWorld) -> None:
    world = start_world(url="http://127.0.0.1:1/webhooks/xendit/")
    pay(world)
    world.pass_time(seconds=0)
    [delivery] = world.deliveries()
    assert delivery["tries"][0]["status"] is None
    assert delivery["tries"][0]["error"] == "ConnectionRefusedError"
    assert delivery["next_try_at"] == "2026-11-22T03:15:00.000Z"


def test_a_slow_webhook_holds_up_neither_the_api_nor_the_others(world: World) -> None:
    world.shop.may_answer.clear()
    pay(world)
    world.create("QRIS", reference_id="second")
    world.control("pay", reference_id="second")
    assert {each.body["data"]["reference_id"] for each in world.shop.wait_for(2)} == {
        "ORD-1-A1",
        "second",
    }
    world.shop.may_answer.set()


def test_a_replay_bears_a_new_id_and_the_same_payment(world: World) -> None:
    payment = pay(world)
    [first] = world.shop.wait_for(1)
    answer = world.control("resend", reference_id="ORD-1-A1")
    _, replay = world.shop.wait_for(2)
    assert answer == {"webhook_ids": [replay.headers["webhook-id"]]}
    assert replay.headers["webhook-id"] != first.headers["webhook-id"]
    assert replay.body["data"] == payment
    # However often, each event once.
    assert len(world.control("resend", reference_id="ORD-1-A1")["webhook_ids"]) == 1


def test_a_resend_may_keep_its_id(world: World) -> None:
    pay(world)
    [first] = world.shop.wait_for(1)
    webhook_id = first.headers["webhook-id"]
    answer = world.control("resend", webhook_id=webhook_id, same_id=True)
    assert answer == {"webhook_ids": [webhook_id]}
    assert [each.headers["webhook-id"] for each in world.shop.wait_for(2)] == [webhook_id] * 2
    response = world.client.post("/_sim/resend", json={"webhook_id": "unknown"})
    assert response.status_code == 404


def test_what_was_given_up_can_be_resent(world: World) -> None:
    world.shop.status = 500
    pay(world)
    world.shop.wait_for(1)
    world.deliveries()
    for _ in range(6):
        world.pass_time(hours=24)
    assert world.deliveries()[0]["state"] == "GIVEN_UP"
    world.shop.status = 200
    world.control("resend", reference_id="ORD-1-A1")
    world.shop.wait_for(8)
    assert world.deliveries()[0]["state"] == "DELIVERED"


def test_a_webhook_cut_off_by_the_end_goes_out_after_the_next_start(
    start_world: StartWorld, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.local.simulator.server.STOP_GRACE", 0.01)
    before = start_world()
    shop.may_answer.clear()
    pay(before)
    shop.wait_for(1)
    stop(before)
    shop.may_answer.set()
    after = start_world()
    first, second = shop.wait_for(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert after.deliveries()[0]["state"] == "DELIVERED"


def test_deliveries_can_be_listed_for_one_request(world: World) -> None:
    pay(world)
    other = world.create("QRIS", reference_id="other")
    world.control("pay", reference_id="other")
    world.shop.wait_for(2)
    listed = world.client.get(
        "/_sim/deliveries", params={"payment_request_id": other["payment_request_id"]}
    ).json()["data"]
    assert [each["data"]["reference_id"] for each in listed] == ["other"]
