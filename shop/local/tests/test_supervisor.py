"""Processes come back when they die, and none outlives its supervisor."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shop.local.places import ROOT, Local
from shop.local.processes import Command, reap_adopted
from shop.local.supervisor import Role, Supervisor

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    local = Local(tmp_path)
    local.create()
    said: list[str] = []
    started = Supervisor(local, said.append)
    started.start(Role("sleeper", Command(SLEEP, dict(os.environ)), local.log("sleeper"), 8000))
    started.announce({"url": "http://127.0.0.1:8000"})
    yield started
    started.stop([["sleeper"]])


def pid_of(supervisor: Supervisor) -> int:
    pid: int = json.loads(supervisor.local.run_file.read_text())["roles"]["sleeper"]["pid"]
    return pid


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def eventually(is_true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_true()


def test_what_was_killed_is_started_again_and_run_json_says_so(supervisor: Supervisor) -> None:
    first = pid_of(supervisor)
    os.kill(first, signal.SIGKILL)

    def is_replaced() -> bool:
        supervisor.tick()
        return pid_of(supervisor) != first

    assert eventually(is_replaced)
    assert is_alive(pid_of(supervisor))


def test_stopping_ends_the_process_and_removes_run_json(supervisor: Supervisor) -> None:
    pid = pid_of(supervisor)
    supervisor.stop([["sleeper"]])
    assert not is_alive(pid)
    assert not supervisor.local.run_file.exists()


def test_a_child_dies_with_the_program_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from shop.local.processes import Command\n"
        f"print(Command({SLEEP!r}, {{}}).start().pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    assert eventually(lambda: not is_alive(child))


def test_reaping_leaves_known_children_to_their_owners(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        reap_adopted({process.pid})
    assert process.returncode == 0
