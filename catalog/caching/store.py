"""Pages in Valkey: found with one command, built by one request at a time.

With Valkey away nothing is found, nobody waits, and what is built is not kept.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis

from catalog.caching.entries import Entry, Freshness, joined
from catalog.caching.versions import Reading, version_key
from shop.core.cache import cache_server

# Longer than most pages take. Of one that takes longer a second building begins: so soon are the
# pages of a process back that was killed while it built them.
CLAIM_MILLISECONDS = 700
# Kept in place of an answer that is not kept: nobody waits for it, each asks for their own.
NOT_KEPT = b"-"
NOT_KEPT_MILLISECONDS = 1000

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is kept, and the versions that it depends on."""

    key: str
    names: tuple[str, ...]
    version_keys: tuple[str, ...]

    @classmethod
    def of(cls, key: str, names: Sequence[str]) -> "Place":
        return cls(key, tuple(names), tuple(version_key(name) for name in names))

    @property
    def claim_key(self) -> str:
        return f"claim:{self.key}"


@dataclass(frozen=True, slots=True)
class Found:
    entry: Entry | None
    freshness: Freshness
    is_never_kept: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to build a page, and the versions that held before anything of it was read.

    Without an owner it is only the versions: nobody else is kept from building it too.
    """

    versions: bytes
    built_at: float
    token: str
    is_owner: bool
    found: Found


NOTHING = Found(None, Freshness.OUTDATED)
# Page → what it depended on besides the names of its view when this process last saw it, so that
# these versions are asked for in the same command. Only a guess: the page itself says it.
_more: dict[str, tuple[str, ...]] = {}
MOST_REMEMBERED = 2048


def find_or_claim(place: Place) -> tuple[Found, Claim | None]:
    """What is kept of the page, and unless that is fresh a claim to build it.

    Without a claim Valkey is away, or everybody builds their own.
    """
    found = find(place)
    if found.freshness is Freshness.FRESH or found.is_never_kept:
        return found, None
    mine = claim(place)
    if mine is None:
        return found, None
    if mine.is_owner and mine.found.freshness is Freshness.FRESH:
        # Another has built it since we looked.
        cache_server().run(lambda server: _release(server, place, mine), None)
    return mine.found, mine


def find(place: Place) -> Found:
    """What is kept of the page. One command, if it shows what it showed when last seen."""
    more = _more.get(place.key, ())
    keys = (*place.version_keys, *map(version_key, more))
    kept, *versions = cache_server().fetch(place.key, *keys) or [None]
    return _found(place, kept, versions, more)


def _found(
    place: Place, kept: bytes | None, versions: Sequence[bytes | None], more: tuple[str, ...]
) -> Found:
    """`versions` are those of the place and of `more`, which may be others than the page has."""
    if kept is None:
        return NOTHING
    if kept == NOT_KEPT:
        return Found(None, Freshness.OUTDATED, is_never_kept=True)
    entry = Entry.from_bytes(kept)
    if entry.more != more:
        if len(_more) >= MOST_REMEMBERED:
            _more.clear()
        _more[place.key] = entry.more
        versions = cache_server().fetch(*place.version_keys, *map(version_key, entry.more)) or ()
        if not versions:
            return NOTHING
    return Found(entry, entry.freshness(versions, now=time.time()))


def claim(place: Place) -> Claim | None:
    """Try to be the one that builds the page, and read the versions to build it with.

    None if Valkey is away.
    """
    token = secrets.token_hex(8)
    return cache_server().run(lambda server: _claim(server, place, token), None)


def _claim(server: Redis, place: Place, token: str) -> Claim:
    built_at = time.time()
    pipe = server.pipeline(transaction=False)
    pipe.set(place.claim_key, token, nx=True, px=CLAIM_MILLISECONDS)
    pipe.get(place.key)
    reading = Reading(pipe, place.version_keys)
    is_owner, kept, *answers = pipe.execute()
    versions = reading.versions(answers)
    found = _found(place, kept, versions, ())
    return Claim(joined(versions), built_at, token, is_owner=bool(is_owner), found=found)


def _release(server: Redis, place: Place, claim: Claim) -> None:
    # Only our own: by now it may have expired and be somebody else's.
    server.eval(_RELEASE, 1, place.claim_key, claim.token)


def keep(place: Place, claim: Claim, entry: Entry, *, seconds: int) -> None:
    """Show the entry to everybody, and let go of the claim."""
    _end(place, claim, entry.to_bytes(), milliseconds=seconds * 1000)


def give_up(place: Place, claim: Claim, *, is_broken: bool) -> None:
    """What came out is for nobody else: who waits for it builds their own.

    What was kept before stays if the answer `is_broken`, as it may still be shown.
    """
    _end(place, claim, NOT_KEPT, milliseconds=NOT_KEPT_MILLISECONDS, is_new=is_broken)


def _end(
    place: Place, claim: Claim, kept: bytes, *, milliseconds: int, is_new: bool = False
) -> None:
    def end(server: Redis) -> None:
        pipe = server.pipeline(transaction=False)
        pipe.set(place.key, kept, px=milliseconds, nx=is_new)
        if claim.is_owner:
            _release(pipe, place, claim)
        pipe.execute()

    cache_server().run(end, None)
