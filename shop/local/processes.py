"""Child processes that cannot outlive the program that started them."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Account:
    """The system account a program runs as."""

    uid: int
    gid: int

    @classmethod
    def nobody(cls) -> Self:
        entry = pwd.getpwnam("nobody")
        return cls(entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class Command:
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    account: Account | None = None
    # What the kernel sends when this program is killed before it could stop its children.
    orphan_signal: signal.Signals = signal.SIGTERM

    def start(
        self,
        out: IO[bytes] | int | None = subprocess.DEVNULL,
        err: IO[bytes] | int = subprocess.STDOUT,
    ) -> "subprocess.Popen[bytes]":
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        return subprocess.Popen(
            self.argv,
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=_dies_with(os.getpid(), self.orphan_signal),
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def run(self, errors: Path, out: int | None = None) -> int:
        """Run it to its end and return its exit code; what it complains about goes to `errors`."""
        with errors.open("ab") as err:
            process = self.start(out, err)
            try:
                return process.wait()
            finally:
                end(process, grace=5)


def inherited() -> dict[str, str]:
    """The caller's variables, without what reaches a real AWS account or another Python's packages.

    Here, and not with the other variables: a server that has only the shop itself runs drills.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name not in ("PYTHONPATH", "PYTHONHOME")
    }


def _dies_with(parent: int, sent: signal.Signals) -> Callable[[], None]:
    def ask_kernel() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
        # The parent may have died before the kernel was asked.
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own was killed, to be able to end them."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(
    process: "subprocess.Popen[bytes]",
    *,
    grace: float,
    sent: signal.Signals | None = signal.SIGTERM,
) -> None:
    """Ask the process to stop; kill its whole group when it does not within `grace` seconds.

    With `sent=None` it was asked before.
    """
    if process.poll() is None:
        if sent:
            process.send_signal(sent)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()
    kill_group(process.pid)


def kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def reap_adopted(known: set[int]) -> None:
    """Collect finished children that nobody waits for, leaving the known ones to their owners."""
    while True:
        try:
            done = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if done is None or done.si_pid in known:
            return
        os.waitpid(done.si_pid, os.WNOHANG)


def kill_all_children() -> None:
    """The last sweep: whatever still runs below this process is ended."""
    while children := _children():
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                continue


def _children() -> list[int]:
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The command's name is in brackets and may itself hold blanks and brackets.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            children.append(int(stat.parent.name))
    return children
