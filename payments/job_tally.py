"""What the money loop of this process has done within a minute, for the log: one line a kind."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

log = logging.getLogger(__name__)
SECONDS = 60.0


@dataclass(slots=True)
class Count:
    """Pieces of work of a kind: how many, how many of them raised, and the seconds they took."""

    jobs: int = 0
    failed: int = 0
    seconds: float = 0.0
    longest: float = 0.0


class Tally:
    """For any number of threads. Its times are those of `time.monotonic`."""

    def __init__(self, *, began: float) -> None:
        self._lock = Lock()
        self._counts: dict[str, Count] = {}
        self._began = began

    def count(self, name: str, *, seconds: float, is_failure: bool) -> None:
        with self._lock:
            count = self._counts.setdefault(name, Count())
            count.jobs += 1
            count.failed += is_failure
            count.seconds += seconds
            count.longest = max(count.longest, seconds)

    def tell(self, *, now: float) -> None:
        """Log the minute that is over, and begin another; nothing before its end."""
        if now - self._began < SECONDS:
            return
        for name, count in self._taken(now):
            facts = {"job": name, "jobs": count.jobs, "failed": count.failed}
            times = {
                "mean_ms": round(1000 * count.seconds / count.jobs),
                "longest_ms": round(1000 * count.longest),
            }
            log.info("money_jobs", extra=facts | times)

    def _taken(self, now: float) -> Iterable[tuple[str, Count]]:
        with self._lock:
            taken, self._counts, self._began = self._counts, {}, now
        return sorted(taken.items())


TALLY = Tally(began=time.monotonic())
