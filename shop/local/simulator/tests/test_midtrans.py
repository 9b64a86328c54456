"""Midtrans' side of the simulator: what it takes, what it says, whom it tells and how often."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from shop.local.simulator.__main__ import parse
from shop.local.simulator.config import Config
from shop.local.simulator.errors import Json
from shop.local.simulator.midtrans.gateway import Midtrans
from shop.local.simulator.midtrans.notifications import MidtransConfig
from shop.local.simulator.server import Simulator
from shop.local.simulator.tests.conftest import NO_TLS, PATIENCE, SECRET_KEY, TOKEN, Clock, Shop
from shop.local.simulator.webhooks import Receiver

SERVER_KEY = "SB-Mid-server-TESTKEY"


@dataclass
class World:
    simulator: Simulator
    clock: Clock
    shop: Shop
    client: httpx.Client
    midtrans: Midtrans = field(init=False)

    def __post_init__(self) -> None:
        assert self.simulator.midtrans is not None
        self.midtrans = self.simulator.midtrans

    def charge(self, payment_type: str = "bank_transfer", **changes: Any) -> Json:
        return self.post("/v2/charge", **(a_charge(payment_type) | changes))

    def open_page(self, channel: str = "dana", **changes: Any) -> httpx.Response:
        return self.client.post("/snap/v1/transactions", json=a_page(channel) | changes)

    def post(self, path: str, **body: Any) -> Json:
        answer: Json = self.client.post(path, json=body).json()
        return answer

    def status(self, name: str, **headers: str) -> Json:
        answer: Json = self.client.get(f"/v2/{name}/status", headers=headers).json()
        return answer

    def control(self, verb: str, order_id: str = "ORD-1-A1", **more: Any) -> httpx.Response:
        return self.client.post(f"/_sim/midtrans/{verb}", json={"order_id": order_id} | more)

    def heard(self) -> list[str]:
        """What the shop was told so far, in no order: none is promised."""
        self.pass_time()
        return sorted(each.body["transaction_status"] for each in self.shop.heard)

    def pass_time(self, **step: float) -> None:
        """The clock moves on, and everything due by then has been done."""
        self.clock.advance(**step)
        for job in self.simulator.jobs:
            job()
        assert self.midtrans.notifications.wait_until_idle(PATIENCE)


def a_charge(payment_type: str) -> Json:
    own: dict[str, Json] = {
        "bank_transfer": {"bank_transfer": {"bank": "bca"}},
        "qris": {"qris": {"acquirer": "gopay"}},
        "ovo": {"ovo": {"payer_phone_number": "081234567890"}},
    }
    details = {"order_id": "ORD-1-A1", "gross_amount": 149_000}
    return {"payment_type": payment_type, "transaction_details": details} | own[payment_type]


def a_page(channel: str) -> Json:
    return {
        "transaction_details": {"order_id": "ORD-1-A1", "gross_amount": 149_000},
        "enabled_payments": [channel],
        "callbacks": {"finish": "https://shop.example/pay/1/"},
    }


@pytest.fixture
def world(tmp_path: Path, clock: Clock, shop: Shop) -> Iterator[World]:
    config = Config(
        "127.0.0.1",
        0,
        tmp_path / "simulator.sqlite3",
        SECRET_KEY,
        Receiver("http://127.0.0.1:9/", TOKEN),
        midtrans=MidtransConfig(SERVER_KEY, shop.url),
    )
    simulator = Simulator(config, now=clock)
    simulator.start()
    with httpx.Client(
        base_url=simulator.url, auth=(SERVER_KEY, ""), trust_env=False, verify=NO_TLS
    ) as client:
        yield World(simulator, clock, shop, client)
    simulator.stop()


# --- Core ----------------------------------------------------------------------------------------
def test_a_charge_is_answered_as_midtrans_does(world: World) -> None:
    charged = world.charge()
    transaction_id = charged.pop("transaction_id")
    [number] = charged.pop("va_numbers")
    assert (number["bank"], len(number["va_number"])) == ("bca", 14)
    signed = f"ORD-1-A1201149000.00{SERVER_KEY}"
    assert charged == {
        "status_code": "201",
        "status_message": "Success, transaction is created",
        "order_id": "ORD-1-A1",
        "merchant_id": "G141532850",
        "gross_amount": "149000.00",
        "currency": "IDR",
        "payment_type": "bank_transfer",
        "transaction_time": "2026-11-22 10:00:00",
        "transaction_status": "pending",
        "fraud_status": "accept",
        "expiry_time": "2026-11-23 10:00:00",
        "signature_key": hashlib.sha512(signed.encode()).hexdigest(),
    }
    for name in (transaction_id, "ORD-1-A1"):
        assert world.status(name)["transaction_id"] == transaction_id


@pytest.mark.parametrize("path", ["/v2/charge", "/snap/v1/transactions"])
def test_a_wrong_key_is_denied(world: World, path: str) -> None:
    answer = world.client.post(path, json={}, auth=("SB-Mid-server-other", ""))
    assert answer.status_code == 401
    assert "Access denied" in answer.text


@pytest.mark.parametrize(
    ("payment_type", "changes"),
    [
        ("bank_transfer", {"payment_type": "dana"}),
        ("bank_transfer", {"payment_type": ["x"]}),
        ("bank_transfer", {"bank_transfer": {"bank": "mars"}}),
        ("ovo", {"ovo": {"payer_phone_number": "+6281234567890"}}),
        ("qris", {"transaction_details": {"order_id": "R" * 51, "gross_amount": 1}}),
        ("qris", {"transaction_details": {"order_id": "R1", "gross_amount": 1.5}}),
        ("qris", {"transaction_details": None}),
        ("qris", {"item_details": [{"price": 1, "quantity": 2}]}),
        ("bank_transfer", {"custom_expiry": {"expiry_duration": 19, "unit": "second"}}),
        ("qris", {"custom_expiry": {"expiry_duration": 1, "unit": "year"}}),
        ("qris", {"custom_expiry": {"expiry_duration": 1, "unit": "day", "order_time": "x"}}),
    ],
)
def test_a_refusal_comes_with_status_200_and_the_truth_inside(
    world: World, payment_type: str, changes: Json
) -> None:
    answer = world.client.post("/v2/charge", json=a_charge(payment_type) | changes)
    assert (answer.status_code, answer.json()["status_code"]) == (200, "400")
    assert world.status("ORD-1-A1")["status_code"] == "404"


def test_an_order_id_is_used_up_until_it_is_cancelled(world: World) -> None:
    world.charge()
    assert world.charge("qris")["status_code"] == "406"
    assert world.post("/v2/ORD-1-A1/cancel")["transaction_status"] == "cancel"
    assert world.post("/v2/ORD-1-A1/cancel")["status_code"] == "412"
    assert world.charge("qris")["status_code"] == "201"


def test_what_is_not_paid_in_time_expires(world: World) -> None:
    expiry = {"order_time": "2026-11-22 10:00:00 +0700", "expiry_duration": 30, "unit": "minute"}
    world.charge(custom_expiry=expiry)
    world.pass_time(minutes=29)
    assert world.status("ORD-1-A1")["transaction_status"] == "pending"
    world.pass_time(minutes=1)
    expired = world.status("ORD-1-A1")
    assert (expired["status_code"], expired["transaction_status"]) == ("407", "expire")
    assert world.heard() == ["expire", "pending"]


def test_ovo_ends_after_65_seconds_whatever_is_asked_for(world: World) -> None:
    world.charge("ovo", custom_expiry={"expiry_duration": 1, "unit": "day"})
    world.pass_time(seconds=65)
    assert world.status("ORD-1-A1")["transaction_status"] == "expire"


# --- pages ---------------------------------------------------------------------------------------
def test_a_page_has_no_transaction_until_its_payer_chooses(world: World) -> None:
    opened = world.open_page()
    assert opened.status_code == 201
    url = opened.json()["redirect_url"]
    assert world.status("ORD-1-A1")["status_code"] == "404"
    page = world.client.get(url)
    assert "Rp149.000" in page.text
    assert "https://shop.example" in page.headers["content-security-policy"]
    paid = world.client.post(f"{url}/pay")
    assert (paid.status_code, paid.headers["location"]) == (
        303,
        "https://shop.example/pay/1/"
        "?order_id=ORD-1-A1&status_code=200&transaction_status=settlement",
    )
    # Where DANA is kept, it is found by who says so only.
    assert world.status("ORD-1-A1")["status_code"] == "404"
    found = world.status("ORD-1-A1", **{"transaction-source": "SNAP_API"})
    assert found["transaction_status"] == "settlement"
    assert world.client.post(f"{url}/pay").headers["location"] == paid.headers["location"]
    assert world.heard() == ["pending", "settlement"]


@pytest.mark.parametrize(
    ("verb", "status"), [("pay", "capture"), ("deny", "deny"), ("challenge", "capture")]
)
def test_a_card_is_captured_declined_or_held(world: World, verb: str, status: str) -> None:
    url = world.open_page("credit_card").json()["redirect_url"]
    world.client.post(f"{url}/{verb}")
    seen = world.status("ORD-1-A1")
    assert (seen["transaction_status"], seen["fraud_status"] == "challenge") == (
        status,
        verb == "challenge",
    )


def test_a_payer_who_closes_the_page_has_decided_nothing(world: World) -> None:
    url = world.open_page("credit_card").json()["redirect_url"]
    answer = world.client.post(f"{url}/close")
    assert answer.headers["location"] == "https://shop.example/pay/1/"
    assert world.status("ORD-1-A1")["status_code"] == "404"


def test_a_page_is_closed_by_its_token_unless_somebody_is_paying(world: World) -> None:
    token = world.open_page("credit_card").json()["token"]
    path = f"/snap/v1/transactions/{token}/cancel"
    world.midtrans.lifecycle.choose(world.midtrans.lifecycle.page(token))
    assert world.post(path) == {"error_messages": ["transaction is on progress"]}
    assert world.client.post("/snap/v1/transactions/nobody/cancel").status_code == 404
    world.post("/v2/ORD-1-A1/cancel")
    assert "canceled_at" in world.post(path)
    assert world.post(path) == {"error_messages": ["token already canceled"]}
    assert world.client.post(f"/snap/v4/redirection/{token}/pay").status_code == 303
    assert world.status("ORD-1-A1")["transaction_status"] == "cancel"


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled_payments": ["dana", "credit_card"]},
        {"enabled_payments": ["bca_va"]},
        {"transaction_details": {"order_id": "R1"}},
        {"expiry": {"unit": "minutes", "duration": 14}},
    ],
)
def test_a_page_that_is_refused_says_so_in_words(world: World, changes: Json) -> None:
    answer = world.open_page(**changes)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error_messages"]


# --- refunds -------------------------------------------------------------------------------------
def test_the_same_key_is_the_same_refund_and_the_bank_confirms_it_later(world: World) -> None:
    world.charge("qris")
    world.control("pay")
    asked: Json = {"refund_key": "K1", "amount": 100_000, "reason": "x"}
    first = world.post("/v2/ORD-1-A1/refund", **asked)
    assert (first["transaction_status"], first["refund_amount"]) == ("partial_refund", "100000.00")
    again = world.post("/v2/ORD-1-A1/refund", **asked)
    assert again["refund_chargeback_id"] == first["refund_chargeback_id"]
    assert world.post("/v2/ORD-1-A1/refund", refund_key="K1", amount=1)["status_code"] == "406"
    assert world.post("/v2/ORD-1-A1/refund", refund_key="K2", amount=50_000)["status_code"] == "414"
    world.pass_time(seconds=1)
    [refund] = world.status("ORD-1-A1")["refunds"]
    assert refund["bank_confirmed_at"] == "2026-11-22 10:00:01"
    world.post("/v2/ORD-1-A1/refund", refund_key="K2", amount=49_000)
    assert world.status("ORD-1-A1")["transaction_status"] == "refund"


@pytest.mark.parametrize(
    ("payment_type", "amount", "code"),
    [("bank_transfer", 149_000, "412"), ("ovo", 100_000, "414"), ("ovo", 149_000, "200")],
)
def test_not_every_method_gives_back(
    world: World, payment_type: str, amount: int, code: str
) -> None:
    world.charge(payment_type)
    world.control("pay")
    answer = world.post("/v2/ORD-1-A1/refund", refund_key="K1", amount=amount)
    assert answer["status_code"] == code


def test_what_is_not_paid_cannot_be_given_back(world: World) -> None:
    world.charge("qris")
    assert world.post("/v2/ORD-1-A1/refund", refund_key="K1")["status_code"] == "412"


# --- notifications -------------------------------------------------------------------------------
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


# --- trouble -------------------------------------------------------------------------------------
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


# --- playing -------------------------------------------------------------------------------------
def test_late_and_second_money_come_only_when_forced(world: World) -> None:
    world.charge()
    world.control("expire")
    assert world.control("pay").status_code == 400
    assert world.control("pay", force_late=True, amount=150_000).status_code == 200
    assert world.status("ORD-1-A1")["gross_amount"] == "150000.00"
    assert world.control("pay").status_code == 400
    assert world.control("pay", force_duplicate=True).status_code == 200
    listed = world.client.get("/_sim/midtrans/transactions?order_id=ORD-1-A1").json()["data"]
    assert [each["transaction_status"] for each in listed] == ["settlement", "settlement"]
    assert len({each["transaction_id"] for each in listed}) == 2
    assert world.control("resend").json() == {"sent": 1}


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("pay", {"order_id": "nobody"}, 404),
        ("pay", {}, 400),
        ("deny", {"order_id": 7}, 400),
        ("forge", {"order_id": "ORD-1-A1", "changes": 7}, 400),
        ("vanish", {"order_id": "ORD-1-A1"}, 404),
    ],
)
def test_a_control_call_that_names_nothing_is_refused(
    world: World, verb: str, body: Json, status: int
) -> None:
    world.charge()
    assert world.client.post(f"/_sim/midtrans/{verb}", json=body).status_code == status


def test_a_person_plays_everybody_on_pages(world: World) -> None:
    transaction_id = world.charge()["transaction_id"]
    world.open_page("dana", transaction_details={"order_id": "ORD-2", "gross_amount": 5_000})
    index = world.client.get("/midtrans/").text
    assert transaction_id in index
    assert "ORD-2" in index
    assert "/midtrans/" in world.client.get("/").text
    one = f"/midtrans/{transaction_id}"
    expected = [("forge", "pending"), ("lie", "pending"), ("pay", "settlement")]
    expected += [("again", "settlement"), ("resend", "settlement")]
    for verb, status in expected:
        assert world.client.post(f"{one}/{verb}").headers["location"].startswith("/midtrans/")
        assert status in world.client.get(one).text
    world.pass_time()
    assert "delivered, tried 1 times" in world.client.get(one).text
    # A virtual account gives nothing back, so no button says so.
    assert f"{one}/refund" not in world.client.get(one).text
    assert world.client.post(f"{one}/refund").status_code == 400
    assert world.client.post(f"{one}/vanish").status_code == 404
    assert world.client.get("/midtrans/nobody").status_code == 400


def test_it_plays_midtrans_only_where_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENDIT_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("XENDIT_CALLBACK_TOKENS", TOKEN)
    monkeypatch.setenv("MIDTRANS_SERVER_KEYS", f"{SERVER_KEY},older")
    told = ["--data", "unused", "--webhook-url", "http://127.0.0.1:1/"]
    assert parse(told).midtrans is None
    told += ["--midtrans-webhook-url", "http://127.0.0.1:1/"]
    midtrans = parse(told).midtrans
    assert midtrans is not None
    assert (midtrans.server_key, SERVER_KEY in repr(midtrans)) == (SERVER_KEY, False)
    monkeypatch.setenv("MIDTRANS_SERVER_KEYS", "Mid-server-live")
    with pytest.raises(SystemExit, match="MIDTRANS_SERVER_KEYS is a live key"):
        parse(told)
