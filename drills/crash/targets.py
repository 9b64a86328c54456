"""The parts that are killed, and the proof that each kill took place."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from drills.whole import WholeShop, children, eventually, is_gone


@dataclass(frozen=True, slots=True)
class Target:
    """A part by its name in a drill: a role of run.json, or one of the processes it started."""

    name: str
    role: str
    is_child: bool = False


TARGETS = (
    Target("web-worker", "web", is_child=True),
    Target("web", "web"),
    Target("worker", "worker"),
    Target("worker-child", "worker", is_child=True),
    Target("beat", "beat"),
    Target("money", "money_loop"),
    Target("postgres", "postgres"),
    Target("valkey", "valkey"),
    Target("simulator", "simulator"),
)


def named(names: str) -> Sequence[Target]:
    """Those of a list with commas. Raises ValueError for a name that none of them has."""
    wanted = names.split(",")
    found = [target for target in TARGETS if target.name in wanted]
    if unknown := set(wanted) - {target.name for target in found}:
        known = ", ".join(target.name for target in TARGETS)
        raise ValueError(f"{', '.join(sorted(unknown))} is none of {known}")
    return found


@dataclass(frozen=True, slots=True)
class Killed:
    target: Target
    pid: int
    # Who was there before: what is none of them has come since.
    before: frozenset[int]


def kill(shop: WholeShop, target: Target, chance: Random) -> Killed:
    """SIGKILL to one process. What it had started ends by itself, or is ended by its supervisor."""
    main = shop.pid(target.role)
    started = children(main)
    if target.is_child:
        started = eventually(lambda: children(main), what=f"a process of {target.role}")
    pid = chance.choice(sorted(started)) if target.is_child else main
    os.kill(pid, signal.SIGKILL)
    return Killed(target, pid, frozenset({main, *started}))


def wait_for_successor(shop: WholeShop, killed: Killed) -> int:
    """The process that stands in its place; TimeoutError where the fault or its end never came."""
    eventually(lambda: is_gone(killed.pid), what=f"process {killed.pid} to die")
    target = killed.target

    def successor() -> int | None:
        main = shop.pid(target.role)
        if not target.is_child:
            return main if main not in killed.before and not is_gone(main) else None
        return min(children(main) - killed.before, default=None)

    pid = eventually(successor, what=f"another {target.name}")
    eventually(lambda: shop.answers(target.role), what=f"{target.role} to answer")
    return pid
