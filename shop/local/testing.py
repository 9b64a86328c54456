"""Run a command with servers of its own: `python -m shop.local.testing -- pytest`.

Several may run at once in one checkout; each takes the first directory that no other is using.
"""

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from shop.local import environment, ports, postgres
from shop.local.places import ROOT, Local
from shop.local.processes import Command, adopt_orphans, end, inherited, kill_all_children
from shop.local.valkey import Valkey

# A test database holds nothing that a power cut could take away: it is made anew each time.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")


def main(arguments: Sequence[str]) -> int:
    command = list(arguments)
    if command[:1] == ["--"]:
        command.pop(0)
    if not command:
        print("usage: python -m shop.local.testing -- command …", file=sys.stderr)
        return 2
    for caught in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(caught, signal.default_int_handler)
    try:
        with services() as variables:
            return run(command, variables)
    except KeyboardInterrupt:
        return 130
    except postgres.PostgresFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    # The venv's own programs (pytest, lint-imports) may be named without their path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    child = subprocess.Popen(command, cwd=ROOT, env={**inherited(), "PATH": path, **variables})
    try:
        return child.wait()
    finally:
        end(child, grace=10)


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Start both servers and yield the environment in which the shop uses them."""
    adopt_orphans()
    with ExitStack() as stack:
        # Registered first, so it runs last: whatever a test left behind ends here.
        stack.callback(kill_all_children)
        local = stack.enter_context(_own_directory())
        database = start_postgres(local, stack)
        valkey = start_valkey(local, stack)
        password = secrets.token_urlsafe(24)
        database.create_database(password=password, for_tests=True)
        yield environment.for_tests(local.path) | environment.services(database, valkey, password)


@contextmanager
def _own_directory() -> Iterator[Local]:
    """The lowest-numbered test directory that nobody holds; a finished one is used again."""
    for number in count(1):
        local = Local(ROOT / ".local" / f"test-{number}")
        local.path.parent.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            local.path.parent.chmod(0o711)
        local.create()
        with local.lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield local
            return


def start_postgres(
    local: Local, stack: ExitStack, options: Sequence[str] = _FAST
) -> postgres.Postgres:
    server = postgres.place(
        local=local.path, log=local.log("postgres"), port=ports.any_free(), options=options
    )
    server.log.unlink(missing_ok=True)
    try:
        server.create_cluster()
        _start(server.command(), server.answers, server.log, stack)
    except postgres.PostgresFailed:
        # An older version's data, or files that a power cut broke.
        shutil.rmtree(server.data, ignore_errors=True)
        server.create_cluster()
        _start(server.command(), server.answers, server.log, stack)
    return server


def start_valkey(local: Local, stack: ExitStack) -> Valkey:
    valkey = Valkey(
        local.path / "valkey", ports.any_free(), secrets.token_urlsafe(24), keeps_data=False
    )
    _start(valkey.command(), valkey.answers, local.log("valkey"), stack)
    return valkey


def _start(command: Command, answers: Callable[[], bool], log: Path, stack: ExitStack) -> None:
    with log.open("ab") as out:
        process = command.start(out)
    stack.callback(end, process, grace=10, sent=command.orphan_signal)
    deadline = time.monotonic() + 30
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise postgres.PostgresFailed(f"{command.argv[0]} did not start, see {log}")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
