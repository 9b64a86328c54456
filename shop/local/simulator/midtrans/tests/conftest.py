"""Midtrans' side of a simulator in this process, a clock that stands still, a shop that listens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from shop.local.simulator.config import Config
from shop.local.simulator.errors import Json
from shop.local.simulator.midtrans.gateway import Midtrans
from shop.local.simulator.midtrans.notifications import MidtransConfig
from shop.local.simulator.server import Simulator
from shop.local.simulator.tests.conftest import NO_TLS, PATIENCE, SECRET_KEY, TOKEN, Clock, Shop
from shop.local.simulator.tests.conftest import clock as clock
from shop.local.simulator.tests.conftest import shop as shop
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
