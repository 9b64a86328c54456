"""A whole running shop for the journeys: the same supervisor and processes as `make run`."""

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
Found = TypeVar("Found")
# Generous: a loaded machine with two cores starts a shop in a minute, and every wait ends early.
PATIENCE = 90.0


def eventually(find: Callable[[], Found | None], *, what: str, seconds: float = PATIENCE) -> Found:
    """The first truthy answer of `find`; fails with `what` was waited for."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        found = find()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


class RunningShop:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.run = json.loads((directory / "run.json").read_text())
        self.url: str = self.run["url"]
        self.simulator_url: str = self.run["simulator_url"]
        self.env = dotenv_values(directory / "env")

    def pid(self, role: str) -> int:
        fresh = json.loads((self.directory / "run.json").read_text())
        return int(fresh["roles"][role]["pid"])

    def signal(self, role: str, number: signal.Signals) -> int:
        """Send a signal to a role's process and its children; returns the process id."""
        pid = self.pid(role)
        os.killpg(os.getpgid(pid), number)
        return pid

    def kill(self, role: str) -> None:
        """kill -9, and wait until the supervisor has put another in its place."""
        pid = self.signal(role, signal.SIGKILL)
        eventually(lambda: self.pid(role) != pid, what=f"a new {role}")

    @contextmanager
    def frozen(self, role: str) -> Iterator[None]:
        """A black hole: connections are taken and never answered."""
        pid = self.signal(role, signal.SIGSTOP)
        try:
            eventually(lambda: _is_stopped(pid), what=f"{role} to freeze")
            yield
        finally:
            os.killpg(os.getpgid(pid), signal.SIGCONT)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement on the shop's database; the rows where it returns any."""
        with psycopg.connect(str(self.env["DATABASE_URL"]), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def mails(self, *, to: str) -> list[EmailMessage]:
        """What was sent to an address, oldest first."""
        files = sorted((self.directory / "mail").glob("*.eml"), key=_age)
        letters = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in files
        ]
        return [letter for letter in letters if to in str(letter["To"])]

    def pay(self, reference: str) -> None:
        answer = httpx.post(f"{self.simulator_url}/_sim/pay", json={"reference_id": reference})
        assert answer.status_code == 200, answer.text


def _is_stopped(pid: int) -> bool:
    """Whether every thread has taken note of the SIGSTOP, which happens soon but not at once."""
    threads = Path(f"/proc/{pid}/task").glob("*/status")
    return all("State:\tT" in thread.read_text() for thread in threads)


def _age(file: Path) -> int:
    return file.stat().st_mtime_ns


# All customers of these tests live in one house and have one telephone.
STRANGERS = {"OPEN_ORDER_LIMITS": '{"email": 1000, "phone": 1000, "address": 1000}'}


@contextmanager
def running_shop(directory: Path, **variables: str) -> Iterator[RunningShop]:
    """Start a shop with the demo boutique in a directory of its own, and stop it again."""
    log = directory / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "shop.local", "run", "--dir", str(directory / "shop")],
            cwd=ROOT,
            env={**_clean_environment(), **STRANGERS, **variables},
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        run_file = directory / "shop" / "run.json"
        eventually(
            lambda: run_file.exists() or process.poll() is not None,
            what="the shop to start",
            seconds=300,
        )
        assert process.poll() is None, log.read_text()
        yield RunningShop(directory / "shop")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _clean_environment() -> dict[str, str]:
    """Without the test harness's own servers: this shop starts its own."""
    ours = ("DATABASE_URL", "REDIS_URL", "CELERY_", "XENDIT_", "DB_", "MAIL", "AWS_", "PUBLIC_URL")
    more = (
        "SECRET_KEY",
        "MIDTRANS_",
        "PAYMENT_",
        "COURIER_",
        "MEDIA_",
        "STATIC_",
        "ENV_FILE",
        "EXTRA_HOSTS",
        "DEBUG",
        "COV_",
    )
    return {
        name: value for name, value in os.environ.items() if not name.startswith((*ours, *more))
    }
