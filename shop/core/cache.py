"""The cache of the shop: a server that is gone is a miss, never an error."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0


class ForgivingRedisCache(RedisCache):
    """Reads miss and writes are dropped while the server is away.

    After a failure it is left alone for a few seconds, so that a black-holed server costs one
    short time-out and not one in every request.
    """

    _away_until = 0.0

    def _try(self, call: Callable[[], Any], fallback: Any) -> Any:
        if time.monotonic() < type(self)._away_until:
            return fallback
        try:
            return call()
        except (RedisError, OSError) as error:
            type(self)._away_until = time.monotonic() + PAUSE_SECONDS
            log.warning("cache_away", extra={"error": type(error).__name__})
            return fallback

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
