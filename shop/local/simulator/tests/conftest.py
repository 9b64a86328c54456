"""A simulator in this process on a free port, a clock that stands still, a shop that listens."""

import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from shop.local.simulator.config import Config
from shop.local.simulator.errors import Json
from shop.local.simulator.server import Simulator
from shop.local.simulator.webhooks import Receiver

SECRET_KEY = "xnd_development_TESTKEY"
TOKEN = "callback-token"
# Loading the certificates of the world takes longer than a whole test.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
PATIENCE = 10.0  # seconds before a test gives up on another thread


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **step: float) -> None:
        self.moment += timedelta(**step)


@dataclass(frozen=True)
class Heard:
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        document: Json = json.loads(self.raw)
        return document


class Shop:
    """Listens for webhooks and answers with `status`; while `is_mute`, not at all."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.status = 200
        self.news = threading.Condition()
        self.may_answer = threading.Event()
        self.may_answer.set()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with shop.news:
                    shop.heard.append(Heard(headers, body))
                    status = shop.status
                    shop.news.notify_all()
                shop.may_answer.wait(PATIENCE)
                self.send_response(status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/webhooks/xendit/"
        serve = partial(self.http.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve).start()

    def wait_for(self, count: int) -> list[Heard]:
        with self.news:
            assert self.news.wait_for(lambda: len(self.heard) >= count, PATIENCE), self.heard
            return list(self.heard)

    def close(self) -> None:
        self.may_answer.set()
        self.http.shutdown()
        self.http.server_close()


@dataclass
class World:
    """The simulator, the clock it reads and the shop it reports to; `client` has the secret key."""

    simulator: Simulator
    clock: Clock
    shop: Shop
    client: httpx.Client

    def create(self, channel: str = "DANA", **changes: Any) -> Json:
        response = self.client.post("/v3/payment_requests", json=an_order(channel) | changes)
        assert response.status_code == 201, response.text
        created: Json = response.json()
        return created

    def control(self, call: str, **body: Any) -> Json:
        response = self.client.post(f"/_sim/{call}", json=body)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer

    def request(self, request_id: str) -> Json:
        answer: Json = self.client.get(f"/v3/payment_requests/{request_id}").json()
        return answer

    def deliveries(self) -> list[Json]:
        """Newest first, with none due and none under way."""
        self.simulator.run_due()
        assert self.simulator.xendit.webhooks.wait_until_idle(PATIENCE)
        answer: list[Json] = self.client.get("/_sim/deliveries").json()["data"]
        return answer

    def pass_time(self, **step: float) -> None:
        """The clock moves on and everything due by then has been started."""
        self.clock.advance(**step)
        self.simulator.run_due()
        assert self.simulator.xendit.webhooks.wait_until_idle(PATIENCE)


def an_order(channel: str) -> Json:
    properties: dict[str, Json] = {
        "DANA": {"success_return_url": "https://shop.example/paid"},
        "OVO": {"account_mobile_number": "+6281234567890"},
        "QRIS": {},
        "BCA_VIRTUAL_ACCOUNT": {"expires_at": "2026-11-22T04:00:00Z", "display_name": "RONA"},
    }
    return {
        "reference_id": "ORD-1-A1",
        "type": "PAY",
        "country": "ID",
        "currency": "IDR",
        "request_amount": 149000,
        "channel_code": channel,
        "channel_properties": properties[channel],
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns after a few bytecodes: what is not guarded is torn apart."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


StartWorld = Callable[..., World]


@pytest.fixture
def start_world(tmp_path: Path, clock: Clock, shop: Shop) -> Iterator[StartWorld]:
    """Starts simulators on the same data; each is stopped at the end of the test at the latest."""
    running: list[World] = []

    def start(**receiver: Any) -> World:
        data = tmp_path / "simulator.sqlite3"
        settings = {"url": shop.url, "token": TOKEN} | receiver
        config = Config("127.0.0.1", 0, data, SECRET_KEY, Receiver(**settings))
        simulator = Simulator(config, now=clock)
        simulator.start()
        client = httpx.Client(
            base_url=simulator.url,
            auth=(SECRET_KEY, ""),
            headers={"api-version": "2024-11-11"},
            trust_env=False,
            verify=NO_TLS,
        )
        running.append(World(simulator, clock, shop, client))
        return running[-1]

    yield start
    for world in running:
        stop(world)


def stop(world: World) -> None:
    world.client.close()
    world.simulator.stop()


@pytest.fixture
def world(start_world: StartWorld) -> World:
    return start_world()
