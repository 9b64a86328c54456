"""One copy of each part of the product feed, in Valkey: it takes seconds to make and is public.

Whoever finds none that is fresh makes it and keeps it piece by piece while sending it; meanwhile
all others get the one before. With Valkey away each makes their own.
"""

import json
import secrets
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shop.core.cache import cache_server
from shop.core.release import release

# What is sold out may be offered for so long, and a minute more at the edge.
FRESH_SECONDS = 180
# In place of the next one, while that is made.
KEPT_SECONDS = 3600
# Who takes longer than this to make a part, or to read it, has lost it to the next.
CLAIM_SECONDS = 120
LARGEST_BYTES = 64 * 1_048_576

Pieces = Iterator[bytes]


class BeingMade(Exception):
    """Somebody makes the first copy at this moment."""


@dataclass(frozen=True, slots=True)
class Copy:
    token: str
    count: int
    made_at: float

    def is_fresh(self) -> bool:
        return time.time() < self.made_at + FRESH_SECONDS

    def pieces(self) -> Pieces:
        for number in range(self.count):
            found = cache_server().fetch(_piece(self.token, number))
            if not found or found[0] is None:
                # Evicted. The connection ends too early, so that nobody takes it for the whole.
                raise ConnectionAbortedError("a piece of the feed is gone")
            yield zlib.decompress(found[0])


def copy_or_new(name: str, make: Callable[[], Pieces]) -> Pieces:
    """The part of that name: a copy of what `make` wrote lately, or what it writes now.

    Raises BeingMade.
    """
    key = f"feed:{release()}:{name}"
    copy = _find(key)
    if copy and copy.is_fresh():
        return copy.pieces()
    is_mine = cache_server().run(
        lambda server: bool(server.set(f"claim:{key}", "1", nx=True, ex=CLAIM_SECONDS)), None
    )
    if is_mine is None:
        return make()
    if is_mine:
        return _kept(key, make)
    if copy:
        return copy.pieces()
    raise BeingMade


def _find(key: str) -> Copy | None:
    found = cache_server().fetch(key)
    return Copy(*json.loads(found[0])) if found and found[0] else None


def _kept(key: str, make: Callable[[], Pieces]) -> Pieces:
    """Sends what is made. It is the copy once it is whole."""
    made_at, token = time.time(), secrets.token_hex(8)
    count = size = 0
    is_kept = True
    try:
        for piece in make():
            packed = zlib.compress(piece)
            size += len(packed)
            is_kept = is_kept and size <= LARGEST_BYTES and _set(_piece(token, count), packed)
            count += 1
            yield piece
        if is_kept and _is_claimed(made_at):
            _set(key, json.dumps([token, count, made_at]).encode())
    finally:
        if _is_claimed(made_at):
            cache_server().run(lambda server: server.delete(f"claim:{key}"), None)


def _is_claimed(since: float) -> bool:
    """Later the claim may be another's, and so may the copy."""
    return time.time() < since + CLAIM_SECONDS


def _piece(token: str, number: int) -> str:
    return f"feed-piece:{token}:{number}"


def _set(key: str, value: bytes) -> bool:
    return cache_server().run(lambda server: bool(server.set(key, value, ex=KEPT_SECONDS)), False)
