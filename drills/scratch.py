"""A shop for a drill: its own database, web processes, gateway simulator and money loops.

The database is made beside the one in DATABASE_URL and dropped again; nothing in that one is read
or written by the programs started here. No mail leaves: there is nobody at the mail's address.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from psycopg import sql

from drills.goods import Goods
from shop.local import ports
from shop.local.places import ROOT
from shop.local.processes import Command, end, inherited

WEB_PROCESSES = 2
THREADS = 4
MONEY_LOOPS = 2
PATIENCE_SECONDS = 120
NOBODY = "http://127.0.0.1:9"


class CannotMakeDatabase(Exception):
    """The role may not, or the server cannot be reached; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop that a drill may do with as it likes."""

    url: str
    simulator_url: str
    env: Mapping[str, str]
    log: Path | None = None

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def put_on_sale(self, goods: Sequence[Goods], *, codes: Sequence[str] = ()) -> list[str]:
        """The public ids of the variants, in the same order. A code is good for one order."""
        said = json.dumps({"wanted": goods, "codes": codes})
        done = self._python("-m", "drills.goods", said=said)
        if done.returncode:
            raise RuntimeError(done.stderr)
        ids: list[str] = json.loads(done.stdout.splitlines()[-1])
        return ids

    def books_are_right(self) -> str:
        """Empty, or what `books_check` says is wrong."""
        done = self._python("manage.py", "books_check")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def deadlocks(self) -> int:
        statement = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(self.sql(statement)[0][0])

    def errors(self) -> list[str]:
        """The last of what its web processes logged as errors."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log else []
        return [line[:4000] for line in lines if '"level": "error"' in line][-3:]

    def _python(self, *arguments: str, said: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=patient(self.env),
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )


def patient(env: Mapping[str, str]) -> dict[str, str]:
    """For programs that may take as long as they need."""
    return {**env, "DB_STATEMENT_TIMEOUT_MS": "0", "DB_POOL_MAX": "0"}


@contextmanager
def scratch_shop(server: str, *, cache: str = "", window_seconds: int = 0) -> Iterator[Shop]:
    """Start a shop in a new database on a server, and take all of it away again.

    `server` is the URL of a database there whose role may make others; `cache` that of a Valkey
    of its own. Raises CannotMakeDatabase.
    """
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drill-")))
        database = stack.enter_context(new_database(server))
        web, simulator = ports.any_free(), ports.any_free()
        env = _environment(directory, database, cache, web=web, simulator=simulator)
        if window_seconds:
            env["PAYMENT_WINDOW_SECONDS"] = str(window_seconds)
        _migrate(env, directory / "migrate.log")
        for name, arguments in _programs(directory, env, web=web, simulator=simulator).items():
            log = stack.enter_context((directory / f"{name}.log").open("wb"))
            process = Command([sys.executable, *arguments], env, ROOT).start(log)
            stack.callback(end, process, grace=10)
        _wait_until_ready(env["PUBLIC_URL"], directory / "web.log")
        yield Shop(env["PUBLIC_URL"], env["XENDIT_URL"], env, directory / "web.log")


@contextmanager
def leaving_when_told() -> Iterator[None]:
    """Whoever ends the program, or closes its terminal, does not leave the database behind."""
    # Under nohup a closed terminal is nothing to leave for.
    ends = [
        each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) == signal.SIG_DFL
    ]

    def leave(number: int, _frame: FrameType | None) -> None:
        for each in ends:
            # Once is enough: the taking away is not cut short.
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for each in ends:
        signal.signal(each, leave)
    try:
        yield
    finally:
        for each in ends:
            signal.signal(each, signal.SIG_DFL)


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """A new database with a name that nobody has, until the program leaves it; its URL."""
    name = f"drill_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with leaving_when_told():
        try:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(create)
        except psycopg.Error as error:
            raise CannotMakeDatabase(
                f"{error}\nName a role that may make databases: --server postgres://…"
            ) from error
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(drop)


def _environment(
    directory: Path, database: str, cache: str, *, web: int, simulator: int
) -> dict[str, str]:
    """The caller's settings, cut off from everything that belongs to the real shop."""
    key = f"xnd_development_{secrets.token_hex(12)}"
    return {
        **inherited(),
        "ENV_FILE": os.devnull,
        "DATABASE_URL": database,
        "DB_POOL_MAX": "10",
        "REDIS_URL": cache or "redis://127.0.0.1:9/0",
        "CELERY_BROKER_URL": "redis://127.0.0.1:9/1",
        "SECRET_KEY": secrets.token_urlsafe(40),
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "XENDIT_URL": f"http://127.0.0.1:{simulator}",
        "XENDIT_SECRET_KEY": key,
        "XENDIT_CALLBACK_TOKENS": secrets.token_urlsafe(24),
        # Whoever collects for the real shop is not to be asked for a drill's money.
        "PAYMENT_GATEWAYS": "{}",
        "MIDTRANS_URL": NOBODY,
        "MIDTRANS_SNAP_URL": NOBODY,
        "COURIER_RATES": "table",
        "AWS_ENDPOINT_URL": NOBODY,
        "AWS_ACCESS_KEY_ID": "drill",
        "AWS_SECRET_ACCESS_KEY": "drill",
        "MEDIA_BUCKET": "",
        "MEDIA_ROOT": str(directory / "media"),
        "STATIC_ROOT": str(directory / "static"),
        "STATIC_FROM_SOURCE": "true",
        "STRICT_SHARED_PAGES": "false",
        "DEBUG": "false",
    }


def _migrate(env: Mapping[str, str], log: Path) -> None:
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"]
    if Command(command, patient(env), ROOT).run(log):
        raise CannotMakeDatabase(f"the schema could not be made:\n{log.read_text()[-2000:]}")


def _programs(
    directory: Path, env: Mapping[str, str], *, web: int, simulator: int
) -> dict[str, list[str]]:
    data = str(directory / "simulator.sqlite3")
    hooks = f"{env['PUBLIC_URL']}/webhooks/xendit/"
    return {
        "simulator": [
            *("-m", "shop.local.simulator", "--port", str(simulator)),
            *("--data", data, "--webhook-url", hooks),
        ],
        "web": [
            *("-m", "gunicorn", "shop.wsgi:application", f"--bind=127.0.0.1:{web}"),
            *(f"--workers={WEB_PROCESSES}", "--worker-class=gthread", f"--threads={THREADS}"),
            *("--preload", "--no-control-socket", "--keep-alive=60"),
        ],
        **{f"money-{number}": ["manage.py", "money_loop"] for number in range(MONEY_LOOPS)},
    }


def _wait_until_ready(url: str, log: Path) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(f"{url}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"the shop did not start:\n{log.read_text()[-2000:]}")
