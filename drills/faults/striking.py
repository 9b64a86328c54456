"""How parts are taken away. Each is a context: the fault is there inside of it, and was proven."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from drills.reckoning import OPEN_REQUESTS
from drills.whole import WholeShop, eventually, is_gone

# Within this time the mailbox has answered whoever had sent it a letter.
_HANDED_OVER_SECONDS = 1.0


class NotStruck(Exception):
    """The fault did not take place: what was seen meanwhile proves nothing."""


@contextmanager
def kept_dead(shop: WholeShop, role: str) -> Iterator[None]:
    """Refused connections: whatever its supervisor puts in its place is killed at once."""
    is_over = threading.Event()
    deaths: set[int] = set()

    def keep_away() -> None:
        while not is_over.wait(0.02):
            pid = shop.pid(role)
            if pid not in deaths and not is_gone(pid):
                os.kill(pid, signal.SIGKILL)
                deaths.add(pid)

    thread = threading.Thread(target=keep_away, daemon=True)
    thread.start()
    try:
        eventually(lambda: deaths, what=f"{role} to die")
        yield
    finally:
        is_over.set()
        thread.join()
    if len(deaths) < 2:
        raise NotStruck(f"{role} was killed {len(deaths)} times")
    eventually(lambda: shop.answers(role), what=f"{role} to answer again")


@contextmanager
def mail_kept_dead(shop: WholeShop) -> Iterator[None]:
    """As above, while no letter is being handed over: what was taken is told to have been taken."""
    with ExitStack() as away:
        with shop.frozen("worker"):
            time.sleep(_HANDED_OVER_SECONDS)
            away.enter_context(kept_dead(shop, "mailbox"))
            time.sleep(_HANDED_OVER_SECONDS)
        yield


@contextmanager
def frozen(shop: WholeShop, role: str) -> Iterator[None]:
    """A black hole: connections are taken and never answered."""
    with shop.frozen(role):
        # Every thread takes note of the signal soon, but not at once.
        eventually(lambda: is_stopped(shop.pid(role)), what=f"{role} to freeze")
        yield


def is_stopped(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").glob("*/status")
    return all("State:\tT" in thread.read_text() for thread in threads)


@contextmanager
def killed_once(shop: WholeShop, role: str) -> Iterator[None]:
    pid = shop.pid(role)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_gone(pid), what=f"{role} to die")
    yield
    if shop.pid(role) == pid:
        raise NotStruck(f"{role} is the one that was killed")


@contextmanager
def valkey_told(shop: WholeShop, *commands: str, back: str) -> Iterator[None]:
    """Valkey after these commands; the last of them is a write that it has to refuse."""
    *before, write = commands
    for command in before:
        answer = ask_valkey(shop, command)
        if not answer.startswith("+OK"):
            raise NotStruck(f"{command}: {answer}")
    try:
        if not (answer := ask_valkey(shop, write)).startswith(("-OOM", "-READONLY")):
            raise NotStruck(f"{write}: {answer}")
        yield
        if not (answer := ask_valkey(shop, write)).startswith(("-OOM", "-READONLY")):
            raise NotStruck(f"it ended by itself: {answer}")
    finally:
        ask_valkey(shop, back)


def ask_valkey(shop: WholeShop, command: str) -> str:
    """The first line of its answer."""
    address = urlsplit(shop.env["REDIS_URL"])
    with socket.create_connection((address.hostname, address.port or 6379), timeout=5) as link:
        stream = link.makefile("rw", newline="\r\n")
        stream.write(f"AUTH {address.password}\n{command}\n")
        stream.flush()
        stream.readline()
        return stream.readline().strip()


@contextmanager
def gateway_troubled(shop: WholeShop, *troubles: dict[str, object]) -> Iterator[None]:
    """The simulator's own faults, for all calls until the end; each of them must have struck."""
    log = Path(str(shop.role("simulator")["log"]))
    begins = log.stat().st_size
    for trouble in troubles:
        shop.tell_simulator("faults", **{"probability": 1.0, **trouble})
    try:
        yield
    finally:
        shop.tell_simulator("faults/clear")
    struck = {line["mode"] for line in _lines(log, begins) if "mode" in line}
    for trouble in troubles:
        if trouble["on"] != "webhook" and trouble["mode"] not in struck:
            raise NotStruck(f"no call met {trouble['mode']}")


def _lines(log: Path, begins: int) -> Iterator[dict[str, object]]:
    with log.open("rb") as lines:
        lines.seek(begins)
        for line in lines:
            if line.startswith(b"{"):
                yield json.loads(line)


@contextmanager
def webhooks_troubled(shop: WholeShop) -> Iterator[None]:
    """Half are lost; the others come twice, late, after their successors or broken; and lies."""
    modes = {"drop": 0.5, "duplicate": 0.5, "replay": 0.4, "delay": 0.3, "reorder": 0.3}
    broken = {"wrong_token": 0.2, "no_token": 0.1, "truncate": 0.2}
    for mode, probability in (modes | broken).items():
        shop.tell_simulator("faults", on="webhook", mode=mode, probability=probability, seconds=5.0)
    try:
        yield
        forge(shop)
    finally:
        shop.tell_simulator("faults/clear")
    sent = httpx.get(f"{shop.simulator_url}/_sim/deliveries?limit=1000", timeout=10).json()["data"]
    states = {each["state"] for each in sent}
    ids = [each["webhook_id"] for each in sent]
    if "DROPPED" not in states or len(set(ids)) == len(ids):
        raise NotStruck(f"webhooks are {states}, {len(ids) - len(set(ids))} came twice")


def forge(shop: WholeShop) -> None:
    """Say of every request that nobody has paid that it was paid; with our token, and without."""
    rows = httpx.get(f"{shop.simulator_url}/_sim/requests?limit=100", timeout=10).json()["data"]
    unpaid = [row for row in rows if row["status"] in OPEN_REQUESTS]
    if not unpaid:
        raise NotStruck("nobody left a payment open to lie about")
    for row in unpaid[:5]:
        amount = row["request_amount"]
        data = {
            **{key: row[key] for key in ("payment_request_id", "reference_id", "currency")},
            "payment_id": f"py-{uuid4()}",
            "status": "SUCCEEDED",
            "request_amount": amount,
            "captures": [{"capture_id": f"cptr-{uuid4()}", "capture_amount": amount}],
        }
        body = {"event": "payment.capture", "business_id": "none", "data": data}
        for token in ("right", "wrong", "none"):
            shop.tell_simulator("webhooks/forge", body=body, token=token, event="payment.capture")
