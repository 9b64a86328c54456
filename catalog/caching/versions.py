"""A version for each thing that pages show: a page built with another one is not served again.

| name | stands for |
|---|---|
| `tree` | what every page may show: categories, options, names of facets, settings |
| `catalogue` | anything in lists of the whole catalogue: home, search |
| `c:<slug>` | the pages of a category, under its slug in any language |
| `p:<slug>` | the page of a product, under its slug in any language |
| `k:<pk>` | the card of a product, on pages that show a few and find out which |
| `r:<slug>` | the reviews of a product, under its slug in any language |

A version reads `<id> <id of the one before>`, an id `<milliseconds>-<random>`. No id ever returns.
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from redis import Redis
from redis.client import Pipeline

from shop.core.cache import cache_server

# Twice what a page is kept, which counts from later. Each page that is built asks for it anew.
TTL_SECONDS = 120
# What came of it first: it has replaced nothing, so nobody may be shown what was before.
UNCHANGED_SINCE = "0"
AT_ONCE = 500

# A version that nobody holds is left alone: there is no page that could be outdated, and an import
# of a million products writes none of theirs.
_BUMP = f"""
for position, key in ipairs(KEYS) do
  local old = redis.call('GET', key)
  if old then
    redis.call('SET', key, ARGV[1] .. ' ' .. string.match(old, '^%S+'), 'EX', {TTL_SECONDS})
  end
end
"""


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    before: str

    @classmethod
    def of(cls, value: bytes) -> Self:
        current, _, before = value.decode().partition(" ")
        return cls(current, before)

    @property
    def began_at(self) -> float:
        """Seconds since the epoch, by the clock of whoever bumped it."""
        return _seconds(self.id)

    @property
    def previous_began_at(self) -> float:
        return _seconds(self.before)


def _seconds(version_id: str) -> float:
    return int(version_id.partition("-")[0]) / 1000


def bump(names: Iterable[str]) -> bool:
    """What the names stand for has changed and the change is committed.

    False if Valkey could not be told: whoever still knows the change calls again, else pages show
    the old state until they expire.
    """
    keys = [version_key(name) for name in dict.fromkeys(names)]
    # Tried even in the pause after a failure: once Valkey is back, this is what must not be late.
    return cache_server().run(lambda server: _bump(server, keys), False, insist=True)


def _bump(server: Redis, keys: Sequence[str]) -> bool:
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        server.eval(_BUMP, len(some), *some, _new_id(time.time()))
    return True


def version_key(name: str) -> str:
    return f"version:{name}"


class Reading:
    """The versions of some keys, read as part of a pipeline; those that are missing begin now."""

    def __init__(self, pipe: Pipeline, keys: Sequence[str]) -> None:
        self._first = f"{_new_id(0)} {UNCHANGED_SINCE}"
        for key in keys:
            pipe.set(key, self._first, nx=True, get=True, ex=TTL_SECONDS)
            # Whatever is built with it must not outlive it.
            pipe.expire(key, TTL_SECONDS)

    def versions(self, answers: Sequence[bytes | None]) -> tuple[bytes, ...]:
        """From the pipeline's answers to these commands."""
        return tuple(self._first.encode() if old is None else old for old in answers[::2])


def _new_id(at: float) -> str:
    return f"{int(at * 1000)}-{secrets.token_hex(8)}"
