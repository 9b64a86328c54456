"""Calls per minute and endpoint in a sliding window, as Xendit counts. Off unless switched on."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from shop.local.simulator.clock import Now
from shop.local.simulator.routing import Response
from shop.local.simulator.settings import Settings

from .faults import rate_limited

WINDOW = timedelta(minutes=1)


class Limits:
    def __init__(self, settings: Settings, *, now: Now) -> None:
        self._settings = settings
        self._now = now
        self._seen: dict[str, deque[datetime]] = defaultdict(deque)
        self._lock = threading.Lock()

    def around(self, endpoint: str, answer: Callable[[], Response]) -> Response:
        limit = int(self._settings["rate_limit"])
        if not limit:
            return answer()
        with self._lock:
            now, seen = self._now(), self._seen[endpoint]
            while seen and seen[0] <= now - WINDOW:
                seen.popleft()
            left = limit - len(seen)
            reset = (seen[0] + WINDOW - now).total_seconds() if seen else WINDOW.total_seconds()
            if left > 0:
                seen.append(now)
        if left <= 0:
            return rate_limited(limit, reset)
        headers = {
            "Rate-Limit-Limit": str(limit),
            "Rate-Limit-Remaining": str(left - 1),
            "Rate-Limit-Reset": f"{reset:.3f}",
        }
        response = answer()
        return replace(response, headers=response.headers | headers)
