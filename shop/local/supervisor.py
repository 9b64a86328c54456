"""Keeps the shop's processes running: starts them, restarts what dies, stops them in order."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shop.local.places import Local, write_private
from shop.local.processes import Command, end, kill_group, reap_adopted

# What lived this long had started well; its next death begins with the shortest pause again.
_STEADY_SECONDS = 10.0
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    command: Command
    log: Path
    port: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0


class Running:
    """One role and the process that plays it now."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.pause = _FIRST_PAUSE
        self.deaths = 0
        self.process = self._start()
        self.restart_at: float | None = None

    def _start(self) -> "subprocess.Popen[bytes]":
        self.started_at = time.monotonic()
        with self.role.log.open("ab") as out:
            return self.role.command.start(out)

    def note_death(self) -> str | None:
        """When the process has died since the last look: plan its restart and say so."""
        if self.restart_at is not None or self.process.poll() is None:
            return None
        # What it had started must not work on beside its successor.
        kill_group(self.process.pid)
        now = time.monotonic()
        if now - self.started_at > _STEADY_SECONDS:
            self.pause = _FIRST_PAUSE
        self.deaths += 1
        self.restart_at = now + self.pause
        message = (
            f"{self.role.name} {_how(self.process.returncode)}, "
            f"starting it again in {self.pause:.1f} s (log: {self.role.log})"
        )
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        return message

    def restart_if_due(self) -> bool:
        if self.restart_at is None or time.monotonic() < self.restart_at:
            return False
        self.process = self._start()
        self.restart_at = None
        return True

    def ask_to_stop(self) -> None:
        """Send the signal and return at once; `stop` waits."""
        if self.process.poll() is None:
            self.process.send_signal(self.role.stop_signal)

    def stop(self) -> None:
        end(self.process, grace=self.role.grace, sent=None)


def _how(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


class Supervisor:
    def __init__(self, local: Local, say: Callable[[str], None]) -> None:
        self.local = local
        self.say = say
        self.running: dict[str, Running] = {}
        self.addresses: dict[str, str] = {}

    def start(self, role: Role) -> None:
        self.running[role.name] = Running(role)

    def announce(self, addresses: dict[str, str]) -> None:
        """From now on run.json tells other programs what runs where."""
        self.addresses = addresses
        self._write_run_file()

    def tick(self) -> None:
        """Look once after every process."""
        changed = False
        for running in self.running.values():
            if message := running.note_death():
                self.say(message)
            changed |= running.restart_if_due()
        reap_adopted({running.process.pid for running in self.running.values()})
        if changed and self.addresses:
            self._write_run_file()

    def wait_for(self, is_ready: Callable[[], bool], *, seconds: float, watched: str) -> bool:
        """Supervise until `is_ready`; False when it takes too long or `watched` keeps dying."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.running[watched].deaths < 5:
            if is_ready():
                return True
            self.tick()
            time.sleep(0.05)
        return False

    def run_until(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self.tick()
            time.sleep(0.1)

    def stop(self, stages: Sequence[Sequence[str]]) -> None:
        """Stop each stage once the one before is gone; run.json first, so nobody is sent here."""
        self.local.run_file.unlink(missing_ok=True)
        for stage in stages:
            stopping = [self.running.pop(name) for name in stage if name in self.running]
            for running in stopping:
                running.ask_to_stop()
            for running in stopping:
                running.stop()

    def _write_run_file(self) -> None:
        roles = {
            name: {
                "pid": running.process.pid,
                "port": running.role.port,
                "cmd": list(running.role.command.argv),
                "log": str(running.role.log),
            }
            for name, running in self.running.items()
        }
        write_private(self.local.run_file, json.dumps({**self.addresses, "roles": roles}, indent=1))
