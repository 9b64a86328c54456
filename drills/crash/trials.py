"""The trials: wait for a moment, kill, see the part come back and the shop sell again."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from drills.crash import moments
from drills.crash.moments import AIMED, ANSWERED, ASKED, MAILING, Moment
from drills.crash.targets import Target, kill, wait_for_successor
from drills.visits import Diary
from drills.whole import Eye, WholeShop, eventually

# How long an aimed moment is waited for; then the kill comes all the same, and counts as missed.
AIM_SECONDS = 25.0
# No aim: some time within what an order takes from cart to mail.
RANDOM_SECONDS = 3.0
SELLING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    target: Target
    aim: Moment | None

    @property
    def aim_name(self) -> str:
        return self.aim.name if self.aim else "random"


@dataclass(slots=True)
class Seen:
    """What became of a trial. `phases` are the moments that were there at the kill."""

    trial: Trial
    phases: set[str] = field(default_factory=set)
    pid: int = 0
    successor: int = 0
    back_seconds: float = 0.0
    selling_seconds: float = 0.0
    trouble: str = ""

    @property
    def is_hit(self) -> bool:
        return self.trial.aim_name in {*self.phases, "random"}


def plan_trials(targets: Sequence[Target], *, trials: int, chance: random.Random) -> list[Trial]:
    """So many of each part, each aim as often as the others; parts take turns, in random order."""
    decks = {target: _aims(target, chance) for target in targets}
    return [
        Trial(target, next(decks[target]))
        for _round in range(trials)
        for target in chance.sample(targets, len(targets))
    ]


def _aims(target: Target, chance: random.Random) -> Iterator[Moment | None]:
    """Endless shuffled rounds of all aims, and of one more: no aim, or the worker's own."""
    last = MAILING if target.role == "worker" else None
    while True:
        yield from chance.sample([*AIMED, last], len(AIMED) + 1)


class Killer:
    """Runs in a thread of its own; the buyers are in the loop, and share the diary with it."""

    def __init__(self, shop: WholeShop, diary: Diary, chance: random.Random) -> None:
        self._shop = shop
        self._diary = diary
        self._chance = chance
        self._eye = Eye(shop)

    def run(self, trials: Sequence[Trial]) -> Iterator[Seen]:
        for trial in trials:
            seen = Seen(trial)
            try:
                self._try(trial, seen)
            except TimeoutError as error:
                seen.trouble = str(error)
            yield seen

    def _try(self, trial: Trial, seen: Seen) -> None:
        self._wait_for(trial.aim)
        seen.phases = moments.seen_now(self._eye) or set()
        # They look alike in the rows: a gateway takes what it is asked, unless it was told not to.
        other = ANSWERED if trial.aim is ASKED else ASKED
        seen.phases.discard(other.name)
        killed_at = time.monotonic()
        killed = kill(self._shop, trial.target, self._chance)
        seen.pid = killed.pid
        seen.successor = wait_for_successor(self._shop, killed)
        seen.back_seconds = time.monotonic() - killed_at
        eventually(self._database_answers, what="the database")
        moments.disarm(self._shop)
        eventually(
            lambda: self._diary.has_sold(after=killed_at),
            what="the shop to sell again",
            seconds=SELLING_SECONDS,
        )
        seen.selling_seconds = time.monotonic() - killed_at

    def _wait_for(self, aim: Moment | None) -> None:
        if aim is None:
            time.sleep(self._chance.uniform(0, RANDOM_SECONDS))
            return
        moments.arm(self._shop, aim)
        give_up_at = time.monotonic() + AIM_SECONDS
        while time.monotonic() < give_up_at:
            if aim.wish and self._diary.wish is None:
                self._diary.wish = aim.wish
            if aim.name in (moments.seen_now(self._eye) or ()):
                # Not always at its beginning.
                time.sleep(self._chance.uniform(0, moments.HOLD_SECONDS / 3))
                return
            time.sleep(0.005)

    def _database_answers(self) -> bool:
        return self._eye.look("SELECT 1") is not None


async def run_trials(killer: Killer, trials: Sequence[Trial]) -> list[Seen]:
    """All of them, told as they come."""

    def run() -> list[Seen]:
        done = []
        for number, seen in enumerate(killer.run(trials), start=1):
            tell(number, seen)
            done.append(seen)
        return done

    return await asyncio.to_thread(run)


def tell(number: int, seen: Seen) -> None:
    verdict = seen.trouble or ("hit" if seen.is_hit else "missed")
    print(
        f"  {number:>4} {seen.trial.target.name:<13} {seen.trial.aim_name:<10} {verdict:<7}"
        f" {seen.pid:>7} → {seen.successor:<7} back {seen.back_seconds:>5.1f} s,"
        f" selling {seen.selling_seconds:>5.1f} s  [{' '.join(sorted(seen.phases))}]",
        flush=True,
    )


def phase_counts(done: Sequence[Seen]) -> Counter[str]:
    """In how many kills each moment was there; `none of them` where none was."""
    counts: Counter[str] = Counter()
    for seen in done:
        counts.update(seen.phases or {"none of them"})
    return counts
