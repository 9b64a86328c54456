"""The Core API: what it takes, what it says, what it gives back."""

import hashlib

import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.midtrans.tests.conftest import (
    SERVER_KEY,
    World,
    a_charge,
)


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
