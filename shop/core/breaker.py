"""A circuit breaker: when a service is down, say so at once instead of after a time-out each."""

import threading
import time
from collections import deque
from collections.abc import Callable


class Breaker:
    """Opens after `failures` in a row within `within` seconds; after `pause` lets one call try.

    Closes with the first call that goes well. One per service and process; safe among threads.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        within: float = 30.0,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._within = within
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._open_until: float | None = None

    def wait(self) -> float:
        """Seconds until a call makes sense. 0.0: call now, and `record` how it went."""
        with self._lock:
            if self._open_until is None:
                return 0.0
            now = self._clock()
            if now < self._open_until:
                return self._open_until - now
            # This caller tries for all. Should it never report back, another one tries in its turn.
            self._open_until = now + self._pause
            return 0.0

    def record(self, *, is_healthy: bool) -> None:
        with self._lock:
            if is_healthy:
                self._failed_at.clear()
                self._open_until = None
                return
            now = self._clock()
            self._failed_at.append(now)
            if self._open_until is not None or self._is_down(now):
                self._open_until = now + self._pause

    def _is_down(self, now: float) -> bool:
        is_full = len(self._failed_at) == self._failed_at.maxlen
        return is_full and now - self._failed_at[0] <= self._within
