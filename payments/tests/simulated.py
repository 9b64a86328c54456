"""The gateway simulator as a real process, and the control calls a test makes on it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from payments.tests.gateway_builders import CALLBACK_TOKENS, SECRET_KEY
from payments.tests.midtrans_builders import SERVER_KEYS

Json = dict[str, Any]


class Simulator:
    def __init__(self, url: str) -> None:
        self.url = url

    def pay(self, gateway_ref: str, **more: object) -> Json:
        return self._control("pay", payment_request_id=gateway_ref, **more)

    def fail(self, gateway_ref: str, failure_code: str) -> Json:
        return self._control("fail", payment_request_id=gateway_ref, failure_code=failure_code)

    def expire(self, gateway_ref: str) -> Json:
        return self._control("expire", payment_request_id=gateway_ref)

    def settle_refund(self, reference: str, **more: object) -> Json:
        """The newest refund under a reference of ours; `outcome="failed"` with a `failure_code`."""
        return self._control("refunds/settle", reference_id=reference, **more)

    def refund_in_dashboard(self, gateway_ref: str, **more: object) -> Json:
        """A refund that the shop did not ask for; it bears no reference."""
        return self._control("refunds/create", payment_request_id=gateway_ref, **more)

    def refunds(self) -> list[Json]:
        found: list[Json] = httpx.get(f"{self.url}/_sim/refunds").json()["data"]
        return found

    def try_card(self, reference: str, outcome: str = "approved", **more: object) -> Json:
        """In the newest session under a reference: `declined`, `3ds_failed`, …; `force`."""
        return self._control("sessions/card", reference_id=reference, outcome=outcome, **more)

    def expire_session(self, reference: str) -> Json:
        return self._control("sessions/expire", reference_id=reference)

    def settle(self, reference: str, **more: object) -> list[Json]:
        """The payments under a reference of ours are settled: their rows."""
        rows: list[Json] = self._control("transactions/settle", reference_id=reference, **more)[
            "data"
        ]
        return rows

    def reverse(self, payment_id: str) -> Json:
        return self._control("transactions/reverse", payment_id=payment_id)

    def charge_back(self, payment_id: str, **more: object) -> Json:
        return self._control("transactions/charge-back", payment_id=payment_id, **more)

    def withdraw(self, **more: object) -> Json:
        return self._control("transactions/withdraw", **more)

    def add_stray(self, **fields: object) -> Json:
        """`amount`, `type`, `channel_code`, `reference_id`: known to /transactions alone."""
        return self._control("transactions/add", **fields)

    def transactions(self) -> list[Json]:
        """All movements of money, newest first."""
        listed = httpx.get(f"{self.url}/_sim/transactions", params={"limit": 1000})
        found: list[Json] = listed.json()["data"]
        return found

    def switch(self, **settings: object) -> Json:
        """`refund_delay`, `refund_webhook_shape`, `balance`, …; None takes a switch back."""
        return self._control("settings", **settings)

    def arm(self, on: str, mode: str, **more: object) -> None:
        """Trouble for the next call or webhook: `calls`, `probability`, `seconds`, `times`.

        On create, get, list, cancel, refund, session, update, any, or webhook (`event` narrows).
        """
        self._control("faults", on=on, mode=mode, **more)

    def clear_faults(self) -> None:
        self._control("faults/clear")

    def stir(self, seed: int, **more: object) -> None:
        """Chaos; `calm` ends it."""
        self._control("chaos", seed=seed, **more)

    def calm(self) -> None:
        self._control("chaos", off=True)

    def pass_time(self, **step: float) -> None:
        """`days`, `hours`, `minutes`, `seconds` go by there, not here."""
        self._control("clock", **step)

    def resend(self, gateway_ref: str, *, same_id: bool = False) -> None:
        self._control("resend", payment_request_id=gateway_ref, same_id=same_id)

    def forge(self, **webhook: object) -> None:
        """`body` or `raw`; `token` right, wrong or none; `webhook_id`."""
        self._control("webhooks/forge", **webhook)

    def deliveries(self, gateway_ref: str = "") -> list[Json]:
        """Webhooks with their tries, newest first."""
        query = {"payment_request_id": gateway_ref} if gateway_ref else {}
        listed = httpx.get(f"{self.url}/_sim/deliveries", params=query)
        found: list[Json] = listed.json()["data"]
        return found

    def requests(self, reference: str) -> list[Json]:
        """All requests under a reference as the gateway keeps them, newest first."""
        listed = httpx.get(f"{self.url}/_sim/requests", params={"reference_id": reference})
        found: list[Json] = listed.json()["data"]
        return found

    def requested(self, reference: str) -> Json:
        return self.requests(reference)[0]

    def _control(self, verb: str, **body: object) -> Json:
        response = httpx.post(f"{self.url}/_sim/{verb}", json=body)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer


@contextmanager
def running_simulator(directory: Path) -> Iterator[Simulator]:
    log = directory / "log"
    command = [sys.executable, "-m", "shop.local.simulator", "--port", "0", "--refund-delay", "0"]
    command += ["--data", str(directory / "data.sqlite3"), "--webhook-url", "http://127.0.0.1:9/"]
    command += ["--midtrans-webhook-url", "http://127.0.0.1:9/"]
    secrets = {
        "XENDIT_SECRET_KEY": SECRET_KEY,
        "XENDIT_CALLBACK_TOKENS": CALLBACK_TOKENS[0],
        "MIDTRANS_SERVER_KEYS": SERVER_KEYS[0],
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=os.environ | secrets, stderr=out
        )
    try:
        yield Simulator(_announced_url(log, process))
    finally:
        process.terminate()
        process.wait(10)


def _announced_url(log: Path, process: "subprocess.Popen[bytes]") -> str:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at and process.poll() is None:
        for line in log.read_text().splitlines(keepends=True):
            if line.endswith("\n") and (url := json.loads(line).get("url")):
                return str(url)
        time.sleep(0.05)
    raise AssertionError(f"the simulator did not start: {log.read_text()}")
