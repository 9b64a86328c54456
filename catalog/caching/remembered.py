"""Small values that many pages show, such as the categories of the header."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from redis import Redis

from catalog.caching.building import Building, page_being_built
from catalog.caching.entries import KEEP_SECONDS, joined
from catalog.caching.versions import Reading, version_key
from shop.core.cache import cache_server
from shop.core.release import release

# How long a process shows what it has without asking. What is kept for all never rests on that.
OWN_SECONDS = 1.0
Value = TypeVar("Value")


class NotDeclared(RuntimeError):
    """A page shows a value that changes with something that the page is not declared to show."""


@dataclass(frozen=True, slots=True)
class Remembered:
    value: Any
    versions: bytes
    until: float


_own: dict[str, Remembered] = {}


def remember(
    name: str,
    *,
    versions: Sequence[str],
    build: Callable[[], Any],
    read: Callable[[Any], Value] = lambda value: value,
) -> Value:
    """What `build` returns, built once for all processes until one of the versions is bumped.

    The value must be JSON, small and never changed by who gets it; the name one of a few. `read`
    makes of it what is returned, once in each process. Outside of a cached page it may be a second
    old.
    """
    page = page_being_built()
    if page is not None and settings.STRICT_SHARED_PAGES and not set(versions) <= set(page.names):
        raise NotDeclared(f"{name} changes with {versions}, the page only with {page.names}")
    own = _own.get(name)
    if own is None or not _holds(own, page, versions):
        value, held = _from_all(name, versions) or _built(name, versions, build)
        # As it comes back out of Valkey, so that nobody relies on a tuple.
        shown = read(json.loads(value))
        own = _own[name] = Remembered(shown, held, time.monotonic() + OWN_SECONDS)
    answer: Value = own.value
    return answer


def _holds(own: Remembered, page: Building | None, versions: Sequence[str]) -> bool:
    if page is None or page.versions is None:
        return time.monotonic() < own.until
    # The page will be kept for all, under the versions that held when it was begun: a value from
    # before these would stay in it.
    return own.versions == joined([page.versions[name] for name in versions])


def _from_all(name: str, versions: Sequence[str]) -> tuple[bytes, bytes] | None:
    """The value and the versions it was built with; None if it is not known or outdated."""
    keys = [version_key(one) for one in versions]
    fetched = [one for one in cache_server().fetch(_key(name), *keys) or () if one is not None]
    if len(fetched) <= len(keys):
        return None
    held, _, value = fetched[0].partition(b"\n")
    return (value, held) if held == joined(fetched[1:]) else None


def _built(name: str, versions: Sequence[str], build: Callable[[], Any]) -> tuple[bytes, bytes]:
    keys = [version_key(one) for one in versions]
    # Before anything is read: what changes while it is built makes it outdated.
    held = cache_server().run(lambda server: _read(server, keys), b"")
    value = json.dumps(build()).encode()
    if held:
        cache_server().run(
            lambda server: server.set(_key(name), held + b"\n" + value, ex=KEEP_SECONDS), None
        )
    return value, held


def _read(server: Redis, keys: Sequence[str]) -> bytes:
    pipe = server.pipeline(transaction=False)
    reading = Reading(pipe, keys)
    return joined(reading.versions(pipe.execute()))


def _key(name: str) -> str:
    return f"value:{release()}:{name}"


def forget_own() -> None:
    """Ask Valkey again for everything, as a new process does."""
    _own.clear()
