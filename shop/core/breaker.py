"""A circuit breaker: when a service is down, say so at once instead of after a time-out each."""

import threading
import time
from collections import deque
from collections.abc import Callable

# What was begun and never ended, as its thread died, is forgotten.
_FORGOTTEN_AFTER = 60.0


class Breaker:
    """Opens after `failures` in a row within `within` seconds; after `pause` lets one call try.

    Closes with the first call that goes well. A call that has waited for `slow` seconds counts as
    a failure for as long as it waits, so that a service that is mute cannot take the threads one
    after the other. One per service and process; safe among threads.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        within: float = 30.0,
        pause: float = 5.0,
        slow: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._within = within
        self._pause = pause
        self._slow = slow
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._open_until: float | None = None
        # When each thread began the call that it waits for.
        self._begun: dict[int, float] = {}

    def wait(self) -> float:
        """Seconds until a call makes sense. 0.0: call now, and `record` how it went."""
        with self._lock:
            now = self._clock()
            if self._open_until is None:
                if self._is_stuck(now):
                    return self._slow
            elif now < self._open_until:
                return self._open_until - now
            else:
                # This caller tries for all. Should it never report back, another one tries in turn.
                self._open_until = now + self._pause
            self._begun[threading.get_ident()] = now
            return 0.0

    def record(self, *, is_healthy: bool) -> None:
        with self._lock:
            self._begun.pop(threading.get_ident(), None)
            if is_healthy:
                self._failed_at.clear()
                self._open_until = None
                return
            now = self._clock()
            self._failed_at.append(now)
            if self._open_until is not None or self._recent(now) == self._failures:
                self._open_until = now + self._pause

    def _recent(self, now: float) -> int:
        return sum(now - failed_at <= self._within for failed_at in self._failed_at)

    def _is_stuck(self, now: float) -> bool:
        waiting = sum(
            self._slow <= now - began < _FORGOTTEN_AFTER for began in self._begun.values()
        )
        return waiting > 0 and waiting + self._recent(now) >= self._failures
