"""The servers of a measurement: PostgreSQL, Valkey and gunicorn."""

import fcntl
import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from psycopg import sql

from shop.local import environment, ports, testing
from shop.local.places import ROOT, Local
from shop.local.postgres import OWNER, ROLE, Postgres
from shop.local.processes import Command, adopt_orphans, end, inherited, kill_all_children
from shop.local.valkey import Valkey

# What a small database server has; make run's own gets by with PostgreSQL's defaults.
OPTIONS = (
    "shared_buffers=1GB",
    "effective_cache_size=3GB",
    "maintenance_work_mem=256MB",
    "max_wal_size=8GB",
    # Of a disk that does not turn.
    "random_page_cost=1.1",
)
# Pages are read, and rows to read are written soonest so; orders are written as in production.
READING = "synchronous_commit=off"
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
WEB_PROCESSES = 2
THREADS = 4
PATIENCE_SECONDS = 60
# A port at which nobody answers.
NOBODY = 9


@dataclass(frozen=True, slots=True)
class Servers:
    local: Local
    postgres: Postgres
    valkey: Valkey
    password: str

    def environment(
        self, database: str, port: int, *, simulator: int = NOBODY, mailbox: int = NOBODY
    ) -> dict[str, str]:
        """The variables of a shop with this database that listens on the port."""
        used = {"web": port, "simulator": simulator, "mailbox": mailbox}
        secret = dict.fromkeys(environment.SECRETS, self.password)
        return {
            **inherited(),
            **environment.for_shop(local=self.local, ports=used, secret=secret),
            **environment.services(self.postgres, self.valkey, self.password),
            "DATABASE_URL": self.postgres.url(self.password).rpartition("/")[0] + f"/{database}",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "STRICT_SHARED_PAGES": "false",
            "ENV_FILE": os.devnull,
        }

    def owner_url(self, database: str) -> str:
        """Of the owner of all databases, who may switch constraints off."""
        password = self.postgres.password_file.read_text()
        return f"postgres://{OWNER}:{password}@127.0.0.1:{self.postgres.port}/{database}"

    def databases(self) -> set[str]:
        with self.postgres.connect() as owner:
            return {str(name) for (name,) in owner.execute("SELECT datname FROM pg_database")}

    def fresh_database(self, name: str) -> None:
        with self.postgres.connect() as owner:
            database, role = sql.Identifier(name), sql.Identifier(ROLE)
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
            owner.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def rename_database(self, old: str, new: str) -> None:
        with self.postgres.connect() as owner:
            names = [sql.Identifier(name) for name in (old, new)]
            owner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


@contextmanager
def running(*options: str) -> Iterator[Servers]:
    """Start PostgreSQL and Valkey; the data stays, so that products are written once.

    `options` of PostgreSQL besides those that size it: READING unless others are given.
    """
    adopt_orphans()
    local = Local(ROOT / ".local" / "bench")
    local.path.parent.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        local.path.parent.chmod(0o711)
    local.create()
    with ExitStack() as stack:
        stack.callback(kill_all_children)
        lock = stack.enter_context(local.lock.open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        postgres = testing.start_postgres(local, stack, (*OPTIONS, *(options or [READING])))
        valkey = testing.start_valkey(local, stack)
        password = secrets.token_urlsafe(24)
        postgres.create_database(password=password, for_tests=True)
        yield Servers(local, postgres, valkey, password)


def run_python(env: Mapping[str, str], *arguments: str) -> None:
    """Run a program of this checkout to its end. Raises CalledProcessError."""
    patient = {**env, "DB_STATEMENT_TIMEOUT_MS": "0", "DB_POOL_MAX": "0"}
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=patient, check=True)


@contextmanager
def web(servers: Servers, database: str) -> Iterator[tuple[int, int]]:
    """The shop behind gunicorn. Yields its port and the pid of gunicorn's first process."""
    port = ports.any_free()
    command = Command(
        [
            *(sys.executable, "-m", "gunicorn", "shop.wsgi:application"),
            *(f"--bind=127.0.0.1:{port}", f"--workers={WEB_PROCESSES}", "--worker-class=gthread"),
            *(f"--threads={THREADS}", "--no-control-socket", "--preload", "--keep-alive=60"),
        ],
        servers.environment(database, port),
        ROOT,
    )
    with servers.local.log("web").open("wb") as log:
        process = command.start(log)
        try:
            wait_until_ready(port)
            yield port, process.pid
        finally:
            end(process, grace=10)


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError("The shop did not start, see .local/bench/log/web.log")
