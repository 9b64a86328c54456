"""The cache of the shop: a server that is gone is a miss, never an error."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
Result = TypeVar("Result")


class LastingClient(RedisCacheClient):
    """Keeps the client of its server: Django makes one per command, which costs more than a GET."""

    _kept: Redis | None = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        if self._kept is None:
            self._kept = super().get_client(key, write=True)
        return self._kept


class ForgivingRedisCache(RedisCache):
    """Reads miss and writes are dropped while the server is away.

    After a failure it is left alone for a few seconds, so that a black-holed server costs one
    short time-out and not one in every request. Then one request tries for all.
    """

    _away_until = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = LastingClient

    def run(
        self, command: Callable[[Redis], Result], fallback: Result, *, insist: bool = False
    ) -> Result:
        """What `command` gets from the server itself, for what Django's cache cannot say.

        `insist` asks even if the server was away a moment ago: for whom a time-out harms nobody.
        """

        def ask() -> Result:
            return command(self._cache.get_client(write=True))

        answer: Result = self._try(ask, fallback, insist=insist)
        return answer

    def fetch(self, *keys: str) -> list[bytes | None] | None:
        """The values as they were set with `run`, in one command; None if the server is away."""
        return self.run(lambda server: cast(list[bytes | None], server.mget(keys)), None)

    def _try(self, call: Callable[[], Any], fallback: Any, *, insist: bool = False) -> Any:
        cls = type(self)
        now = time.monotonic()
        if now < cls._away_until and not insist:
            return fallback
        if cls._away_until:
            # Everybody else goes on without it until this one knows.
            cls._away_until = now + PAUSE_SECONDS
        try:
            answer = call()
        except (RedisError, OSError) as error:
            cls._away_until = time.monotonic() + PAUSE_SECONDS
            log.warning("cache_away", extra={"error": type(error).__name__})
            return fallback
        cls._away_until = 0.0
        return answer

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).add(*args, **kwargs), False)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._try(
            lambda: super(ForgivingRedisCache, self).get(key, default, version), default
        )

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).touch(*args, **kwargs), False)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).delete(*args, **kwargs), False)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).get_many(*args, **kwargs), {})

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).has_key(*args, **kwargs), False)

    def incr(self, key: Any, delta: Any = 1, version: Any = None) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return self._try(
            lambda: super(ForgivingRedisCache, self).set_many(data, *args, **kwargs), list(data)
        )

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try(
            lambda: super(ForgivingRedisCache, self).delete_many(*args, **kwargs), None
        )

    def is_alive(self) -> bool:
        """For `/readyz`: asked anew, reported, never required."""
        try:
            return bool(self._cache.get_client(None, write=True).ping())
        except (RedisError, OSError):
            return False


def cache_server() -> ForgivingRedisCache:
    """The shop's cache, for who has to `run` something on it."""
    return cast(ForgivingRedisCache, caches["default"])
