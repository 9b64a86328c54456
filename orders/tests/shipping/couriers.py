"""The courier simulator as a real process, and what a test tells it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from django.conf import settings

KEY = "biteship_test.secret"


class Couriers:
    """`url` is Biteship's; RajaOngkir's lies below `/api/v1`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def be(self, mode: str) -> None:
        answer = httpx.post(f"{self.url}/_sim/mode", json={"mode": mode})
        assert answer.status_code == 200, answer.text

    def move(self, courier: str, number: str, status: str) -> None:
        """The courier says that of the parcel from now on."""
        told = {"courier": courier, "number": number, "status": status}
        answer = httpx.post(f"{self.url}/_sim/parcels", json=told)
        assert answer.status_code == 200, answer.text

    def asked(self) -> dict[str, int]:
        """How often each address was called since the process began."""
        found: dict[str, int] = httpx.get(f"{self.url}/_sim/mode").json()["asked"]
        return found


@contextmanager
def running_couriers(directory: Path) -> Iterator[Couriers]:
    log = directory / "log"
    command = [sys.executable, "-m", "shop.local.couriers", "--port", "0"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=os.environ | {"COURIER_API_KEY": KEY}, stderr=out
        )
    try:
        yield Couriers(_announced_url(log, process))
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
    raise AssertionError(f"the courier simulator did not start: {log.read_text()}")
