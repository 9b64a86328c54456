"""The clock's hand: one thread that runs the due jobs and sleeps until the next is due."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from .clock import Now

log = logging.getLogger(__name__)

# A job does its due work and answers when it next has some.
Job = Callable[[], datetime | None]
LONGEST_SLEEP = 5.0  # seconds; also how late a step of the machine's clock is noticed


class Ticker:
    def __init__(self, *jobs: Job, now: Now) -> None:
        self._jobs = jobs
        self._now = now
        self._woken = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._is_stopping = True
        self.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping:
            # Cleared before the work: what is woken during it is seen in the next round.
            self._woken.clear()
            self._woken.wait(self._tick())

    def _tick(self) -> float:
        """Seconds until there is work again."""
        try:
            due = [moment for job in self._jobs if (moment := job())]
        except Exception:
            # A full disk must not stop the clock for good.
            log.exception("tick-failed")
            return 1.0
        if not due:
            return LONGEST_SLEEP
        return min(max((min(due) - self._now()).total_seconds(), 0.0), LONGEST_SLEEP)
