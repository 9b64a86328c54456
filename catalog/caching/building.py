"""The page that is being built, and what it turns out to show besides what its view declares."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from redis import Redis

from catalog.caching.versions import Reading, version_key
from shop.core.cache import cache_server

# Bumped with the card of any product, and before it.
ANY_CARD = "catalogue"
TRIES = 3
# Of what changed while it was read, or could not be asked for: no version is ever called so.
NEVER_HOLDS = b"0-never 0"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Building:
    """`versions` is None if the page will not be kept; `more` are of what it shows besides."""

    names: Sequence[str]
    versions: Mapping[str, bytes] | None
    more: dict[str, bytes] = field(default_factory=dict)


_building: ContextVar[Building | None] = ContextVar("building", default=None)


@contextmanager
def building(names: Sequence[str], versions: bytes | None) -> Iterator[Building]:
    """A page with these names and versions is built in this block."""
    known = dict(zip(names, versions.split(b"|"), strict=True)) if versions and names else None
    page = Building(names, known)
    token = _building.set(page)
    try:
        yield page
    finally:
        _building.reset(token)


def page_being_built() -> Building | None:
    return _building.get()


def show_cards_of(
    read: Callable[[], Found], product_pks: Callable[[Found], Sequence[int]]
) -> Found:
    """What `read` returns, which shows the cards of these products.

    The page that is being built is not shown any more once one of the cards has changed.
    """
    page = _building.get()
    if page is None or page.versions is None:
        return read()
    for _ in range(TRIES):
        before = _hold([ANY_CARD])
        found = read()
        names = [f"k:{pk}" for pk in product_pks(found)]
        held = _hold([*names, ANY_CARD])
        # Which cards they are is known only now. A change since they were read has not met their
        # versions, if nobody held these, but that of any card.
        if not held:
            break
        if held[-1:] == before:
            page.more.update(zip(names, held, strict=False))
            return found
    page.more.update(dict.fromkeys(names, NEVER_HOLDS))
    return found


def _hold(names: Sequence[str]) -> tuple[bytes, ...]:
    """The versions, which from now on are bumped; none if Valkey is away."""

    def read(server: Redis) -> tuple[bytes, ...]:
        pipe = server.pipeline(transaction=False)
        reading = Reading(pipe, [version_key(name) for name in names])
        return reading.versions(pipe.execute())

    return cache_server().run(read, ())
