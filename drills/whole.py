"""The whole shop as `make run` starts it, for drills that take parts of it away.

Its own supervisor brings back what dies; what a drill may touch is in a directory of its own.
"""

import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg

from drills.scratch import Shop, leaving_when_told
from shop.local import environment
from shop.local.places import ROOT
from shop.local.processes import Command, end, inherited

Found = TypeVar("Found")
STARTING_SECONDS = 600
# Buyers who change their mind come back; a crowd of one street is nobody's mistake.
VARIABLES = {"OPEN_ORDER_LIMITS": '{"email": 1000, "phone": 1000, "address": 1000}'}


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeShop(Shop):
    """A shop whose processes may be killed and frozen."""

    directory: Path

    def role(self, name: str) -> Mapping[str, Any]:
        """What run.json says of it now: `pid`, `port`, `log`."""
        roles: dict[str, dict[str, Any]] = json.loads((self.directory / "run.json").read_text())[
            "roles"
        ]
        return roles[name]

    def pid(self, role: str) -> int:
        return int(self.role(role)["pid"])

    def answers(self, role: str) -> bool:
        """Whether a role that has a port takes connections there; True for one that has none."""
        port = self.role(role)["port"]
        if port is None:
            return True
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            return False
        return True

    @contextmanager
    def frozen(self, role: str) -> Iterator[None]:
        """A black hole: connections are taken and never answered."""
        group = os.getpgid(self.pid(role))
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            # Somebody may have killed it meanwhile: its successor is not frozen.
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGCONT)

    def tell_simulator(self, call: str, **body: object) -> Any:
        """A control call of the gateway simulator, which may just be starting."""

        def answer() -> httpx.Response | None:
            try:
                return httpx.post(f"{self.simulator_url}/_sim/{call}", json=body, timeout=10)
            except httpx.TransportError:
                return None

        told = eventually(answer, what="the simulator")
        told.raise_for_status()
        return told.json()

    def safe_settings(self) -> dict[str, str]:
        """Without these a kill would prove nothing about what a power cut leaves."""
        names = ("fsync", "synchronous_commit", "full_page_writes")
        return {name: str(self.sql(f"SHOW {name}")[0][0]) for name in names}


def eventually(find: Callable[[], Found | None], *, what: str, seconds: float = 60) -> Found:
    """The first truthy answer. Raises TimeoutError with what was waited for."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if found := find():
            return found
        time.sleep(0.02)
    raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")


def children(pid: int) -> set[int]:
    """The processes that it started and that are alive."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        state, parent = _state_and_parent(stat)
        if parent == pid and state != "Z":
            found.add(int(stat.parent.name))
    return found


def is_gone(pid: int) -> bool:
    """Whether no such process runs; one that was not yet collected runs no more."""
    state, _parent = _state_and_parent(Path(f"/proc/{pid}/stat"))
    return state in ("", "Z", "X")


def _state_and_parent(stat: Path) -> tuple[str, int]:
    try:
        # The command's name is in brackets and may itself hold blanks and brackets.
        state, parent = stat.read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "", 0
    return state, int(parent)


@contextmanager
def whole_shop(directory: Path | None = None, **variables: str) -> Iterator[WholeShop]:
    """Start it and stop it again. Without a directory it has one in /tmp, which is removed unless
    an error was raised in here: then somebody wants to read its logs.
    """
    with leaving_when_told():
        yield from _until_left(directory, variables)


def _until_left(directory: Path | None, variables: Mapping[str, str]) -> Iterator[WholeShop]:
    place = directory or Path(tempfile.mkdtemp(prefix="etalase-drill-"))
    is_kept = directory is not None
    place.mkdir(parents=True, exist_ok=True)
    (place / "run.json").unlink(missing_ok=True)
    env = {**inherited(), **VARIABLES, **variables}
    arguments = ["-m", "shop.local", "run", "--no-demo", "--dir", str(place)]
    began = time.monotonic()
    with (place / "run.log").open("wb") as out:
        process = Command([sys.executable, *arguments], env, ROOT).start(out)
    try:
        eventually(
            lambda: (place / "run.json").exists() or process.poll() is not None,
            what="the shop to start",
            seconds=STARTING_SECONDS,
        )
        if process.poll() is not None:
            raise RuntimeError((place / "run.log").read_text())
        print(f"a shop in {place}, started in {time.monotonic() - began:.0f} s", flush=True)
        yield _found(place, env)
    except Exception:
        is_kept = True
        print(f"its logs and data are kept in {place}", file=sys.stderr)
        raise
    finally:
        end(process, grace=60)
        if not is_kept:
            shutil.rmtree(place, ignore_errors=True)


def _found(place: Path, env: Mapping[str, str]) -> WholeShop:
    written = json.loads((place / "run.json").read_text())
    known = {**env, **environment.read(place / "env"), "ENV_FILE": str(place / "env")}
    return WholeShop(
        written["url"], written["simulator_url"], known, place / "log" / "web.log", directory=place
    )


class Eye:
    """One connection that watches the shop's rows, and makes itself anew when it was cut."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def look(self, statement: str) -> list[tuple[Any, ...]] | None:
        """The rows; None while the database is away."""
        try:
            if self._connection is None:
                url = self._shop.env["DATABASE_URL"]
                self._connection = psycopg.connect(url, autocommit=True, connect_timeout=2)
            return self._connection.execute(statement).fetchall()
        except psycopg.OperationalError:
            self._connection = None
            return None
