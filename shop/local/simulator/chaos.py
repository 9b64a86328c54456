"""Chaos: trouble at random, again and again the same for the same seed.

The n-th call of a kind and the n-th webhook of an event meet the same fate under the same seed,
whatever else goes on at the time.
"""

import logging
import random
import threading
from argparse import ArgumentTypeError
from collections import Counter
from dataclasses import dataclass

from .errors import Json

log = logging.getLogger(__name__)

DEFAULT_INTENSITY = 0.15
# Mode, weight, and the seconds it may last. Long enough for the shop to give up, no longer.
Fates = tuple[tuple[str, int, tuple[float, float]], ...]
CALL_FATES: Fates = (
    ("timeout_before", 2, (8, 25)),
    ("timeout_after", 3, (8, 25)),
    ("error_after", 2, (0, 0)),
    ("unavailable", 2, (0, 0)),
    ("rate_limited", 2, (0.5, 3)),
    ("slow", 3, (0.5, 6)),
    ("garbage", 1, (0, 0)),
    ("reset_before", 1, (0, 0)),
    ("reset_after", 2, (0, 0)),
)
READ_FATES: Fates = (*CALL_FATES, ("lag", 6, (2, 20)))
WEBHOOK_FATES: Fates = (
    ("duplicate", 4, (0, 0)),
    ("replay", 4, (0, 0)),
    ("delay", 4, (1, 20)),
    ("reorder", 4, (2, 10)),
    ("drop", 3, (0, 0)),
    ("wrong_token", 2, (0, 0)),
    ("no_token", 1, (0, 0)),
    ("truncate", 2, (0, 0)),
)


def read_spec(text: str) -> tuple[int, float]:
    """`SEED` or `SEED:INTENSITY`, as `42:0.3`, from a command line."""
    seed, _, intensity = text.partition(":")
    try:
        given = (int(seed), float(intensity or DEFAULT_INTENSITY))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not SEED or SEED:INTENSITY") from None
    if given[0] < 0 or not 0 < given[1] <= 1:
        raise ArgumentTypeError("the seed is 0 or more, the intensity above 0 and at most 1")
    return given


@dataclass(frozen=True, slots=True)
class Fate:
    mode: str
    seconds: float
    times: int


class Chaos:
    """Off until it is given a seed. `intensity` is the share of calls and webhooks it strikes."""

    def __init__(self) -> None:
        self.seed: int | None = None
        self.intensity = DEFAULT_INTENSITY
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def start(self, seed: int, intensity: float = DEFAULT_INTENSITY) -> None:
        with self._lock:
            self.seed, self.intensity = seed, intensity
            self._counts.clear()
        log.warning("chaos", extra={"seed": seed, "intensity": intensity})

    def stop(self) -> None:
        with self._lock:
            was_on, self.seed = self.seed is not None, None
        if was_on:
            log.warning("chaos-ended")

    def as_json(self) -> Json | None:
        """None while it is off."""
        if self.seed is None:
            return None
        return {"seed": self.seed, "intensity": self.intensity}

    def for_call(self, kind: str) -> Fate | None:
        return self._draw(kind, READ_FATES if kind in ("get", "list") else CALL_FATES)

    def for_webhook(self, event: str) -> Fate | None:
        return self._draw(f"webhook {event}", WEBHOOK_FATES)

    def _draw(self, stream: str, fates: Fates) -> Fate | None:
        with self._lock:
            if self.seed is None:
                return None
            self._counts[stream] += 1
            seed = f"{self.seed}/{stream}/{self._counts[stream]}"
            intensity = self.intensity
        dice = random.Random(seed)  # noqa: S311 - no secret hangs on it
        if dice.random() >= intensity:
            return None
        [(mode, _, seconds)] = dice.choices(fates, weights=[weight for _, weight, _ in fates])
        return Fate(mode, round(dice.uniform(*seconds), 1), times=dice.randint(1, 3))
