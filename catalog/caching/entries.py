"""A page as it is kept, and how good it still is. Pure: the clock is passed in."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

from catalog.caching.versions import Version

# From then on one request builds the page anew, while the others are still shown this one …
FRESH_SECONDS = 45.0
# … and then it is gone. So long may a page be wrong if a change could not be told to Valkey.
KEEP_SECONDS = 60
# The end of a link that somebody has sent around. A stranger can ask for as many as they like.
KEEP_MISSING_SECONDS = 10
# How old news a page may show while it is built anew: with the time that a change takes to get
# here it stays below the second that the shop promises.
GRACE_SECONDS = 0.5

Headers = Mapping[str, str]


class Freshness(Enum):
    FRESH = "fresh"
    # To be shown while somebody else builds it anew.
    USABLE = "usable"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Entry:
    """`versions` and `built_at` (seconds since the epoch) are of the moment before building.

    `more` are names that the page depends on besides those of its view; their versions come last.
    """

    versions: bytes
    built_at: float
    status: int
    headers: Headers
    packed_body: bytes
    more: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        versions: bytes,
        built_at: float,
        status: int,
        headers: Headers,
        body: bytes,
        more: Mapping[str, bytes] | None = None,
    ) -> Self:
        digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        # Weak, as it is the same whether the body goes out packed or not.
        named = {**headers, "ETag": f'W/"{digest}"'}
        more = more or {}
        return cls(
            joined([versions, *more.values()]),
            built_at,
            status,
            named,
            gzip.compress(body, 6, mtime=0),
            tuple(more),
        )

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.packed_body)

    def to_bytes(self) -> bytes:
        head = json.dumps([self.built_at, self.status, dict(self.headers), self.more]).encode()
        return b"\n".join((self.versions, head, self.packed_body))

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        versions, head, packed_body = kept.split(b"\n", 2)
        built_at, status, headers, more = json.loads(head)
        return cls(versions, built_at, status, headers, packed_body, tuple(more))

    def freshness(self, current: Sequence[bytes | None], *, now: float) -> Freshness:
        """How good it is when these are the versions by now; None is one that is not known."""
        known = [value for value in current if value is not None]
        if len(known) < len(current):
            return Freshness.OUTDATED
        age = now - self.built_at
        if joined(known) == self.versions:
            return Freshness.FRESH if age < FRESH_SECONDS else Freshness.USABLE
        is_young = 0 <= age < GRACE_SECONDS
        changes = [
            (Version.of(old), Version.of(new))
            for old, new in zip(self.versions.split(b"|"), known, strict=True)
            if old != new
        ]
        if is_young and all(_is_in_a_row(new) for _old, new in changes):
            return Freshness.FRESH
        if is_young or all(_has_just_replaced(old, new, now=now) for old, new in changes):
            return Freshness.USABLE
        return Freshness.OUTDATED


def joined(versions: Sequence[bytes]) -> bytes:
    return b"|".join(versions)


def _is_in_a_row(version: Version) -> bool:
    """Changes come faster than pages should be built: a sale that sells by the second."""
    return version.began_at - version.previous_began_at < GRACE_SECONDS


def _has_just_replaced(old: Version, new: Version, *, now: float) -> bool:
    """Only of the last version is known since when it no longer holds."""
    return new.before == old.id and 0 <= now - new.began_at < GRACE_SECONDS
