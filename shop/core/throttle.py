"""How often one network may do what costs others something: mail, rows, a person's time.

Counted in Valkey for all processes together. While that is away each process counts for itself,
which lets through a few times as much, but never everything. What guards a password or a code is
counted in the database instead, which it cannot be checked without: that count always holds.
"""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from redis import Redis

from shop.core.cache import cache_server
from shop.core.errors import DomainError
from shop.core.models import ThrottleCount
from shop.core.prepared import read_prepared

MOST_REMEMBERED = 10_000


class Throttled(DomainError):
    """`retry_after` is in seconds, for the header of that name."""

    code = "throttled"
    status = 429
    message = _("Too many requests have come from your network. Try again in {minutes} min.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("too many requests", minutes=-(-retry_after // 60))
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in each window of so many seconds; windows follow each other."""

    times: int
    seconds: int


def count(what: str, *, network: str, limits: Sequence[Limit]) -> None:
    """Note that the network does it once more. Raises Throttled beyond any of the limits."""
    now = time.time()
    for limit in limits:
        window, gone = divmod(int(now), limit.seconds)
        key = f"throttle:{what}:{limit.seconds}:{window}:{_hashed(network)}"
        if _counted(key, limit.seconds) > limit.times:
            raise Throttled(retry_after=limit.seconds - gone)


COUNT = """
INSERT INTO core_throttlecount AS old (key, times, ends_at)
VALUES (%(key)s, 1, STATEMENT_TIMESTAMP() + %(seconds)s * INTERVAL '1 second')
ON CONFLICT (key) DO UPDATE SET
    times = CASE WHEN old.ends_at <= STATEMENT_TIMESTAMP() THEN 1 ELSE old.times + 1 END,
    ends_at = CASE WHEN old.ends_at <= STATEMENT_TIMESTAMP()
        THEN excluded.ends_at ELSE old.ends_at END
RETURNING times, CEIL(EXTRACT(EPOCH FROM ends_at - STATEMENT_TIMESTAMP()))::integer
"""


def count_lastingly(what: str, *, of: str, limits: Sequence[Limit]) -> None:
    """As `count`, in the database: not inside a transaction, which would forget it if it fails.

    `of`: a network, an address or an account. A stretch begins with the first time; the narrowest
    limit comes first, and what it refuses does not count for the wider ones.
    """
    for limit in limits:
        key = f"{what}:{limit.seconds}:{_hashed(of)}"
        [(times, rest)] = read_prepared(COUNT, {"key": key, "seconds": limit.seconds})
        if times > limit.times:
            raise Throttled(retry_after=max(rest, 1))


def prune() -> None:
    """Counts that are over are nobody's business any more."""
    ThrottleCount.objects.filter(ends_at__lt=Now()).delete()


def _hashed(network: str) -> str:
    """An address is kept nowhere, not even for an hour."""
    return hmac.new(settings.SECRET_KEY.encode(), network.encode(), hashlib.sha256).hexdigest()[:24]


def _counted(key: str, seconds: int) -> int:
    def ask(server: Redis) -> int:
        pipe = server.pipeline()
        pipe.incr(key)
        pipe.expire(key, seconds)
        return int(pipe.execute()[0])

    return cache_server().run(ask, 0) or _counted_here(key, time.monotonic() + seconds)


# Key → how often, and when that is over. Only while Valkey is away.
_here: dict[str, tuple[int, float]] = {}


def _counted_here(key: str, until: float) -> int:
    if len(_here) >= MOST_REMEMBERED:
        forget_own()
    times = _here.get(key, (0, until))[0] + 1
    _here[key] = (times, until)
    return times


def forget_own() -> None:
    """Drop what this process has counted and is over; all of it, if nothing is."""
    now = time.monotonic()
    over = [key for key, (_times, until) in _here.items() if until <= now]
    for key in over or list(_here):
        _here.pop(key, None)
