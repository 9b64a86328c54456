"""One call to a gateway: within the deadline, past the breaker, with one line in the log."""

import logging
import time
from collections.abc import Callable, Mapping

import httpx

from payments.gateways.answers import Answer
from payments.gateways.base import Ambiguous, RateLimited, Unavailable
from shop.core.breaker import Breaker
from shop.core.deadline import seconds_left
from shop.core.outgoing import exchange

log = logging.getLogger(__name__)

# Status, headers and body of a response, and whether they settle anything.
Judge = Callable[[int, Mapping[str, str], bytes], Answer | Ambiguous | Unavailable]
# Gateways count calls by the minute.
LONGEST_REST, SHORTEST_REST = 60.0, 1.0


class Caller:
    """`channel_trouble`: causes that lie behind the gateway, and speak not against the gateway."""

    def __init__(
        self,
        gateway: str,
        *,
        client: httpx.Client,
        breaker: Breaker,
        auth: httpx.Auth,
        channel_trouble: frozenset[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway = gateway
        self._client = client
        self._breaker = breaker
        self._auth = auth
        self._channel_trouble = channel_trouble
        self._clock = clock
        # Until when each kind of call is not made: limits are counted by endpoint.
        self._rests: dict[tuple[str, str], float] = {}

    def call(
        self, request: httpx.Request, judge: Judge, *, path: str
    ) -> Answer | Ambiguous | Unavailable:
        """`path` is what the log says: without ids, references or query."""
        if seconds_left() <= 0:
            return Unavailable("no time left")
        kind = (request.method, path)
        if (rest := self._rests.get(kind, 0.0) - self._clock()) > 0:
            return RateLimited("rate limited", rest)
        if closed_for := self._breaker.wait():
            return Unavailable("breaker open", closed_for)
        began = time.monotonic()
        status, outcome = self._settled(request, judge)
        if isinstance(outcome, RateLimited):
            rest = min(max(outcome.retry_after, SHORTEST_REST), LONGEST_REST)
            self._rests[kind] = self._clock() + rest
        is_healthy = self._speaks_well(outcome)
        self._breaker.record(is_healthy=is_healthy)
        log.log(
            logging.INFO if is_healthy else logging.WARNING,
            "gateway_call",
            extra={
                "gateway": self._gateway,
                "method": request.method,
                "path": path,
                "status": status,
                "ms": round((time.monotonic() - began) * 1000),
                "outcome": "answered" if isinstance(outcome, Answer) else outcome.cause,
            },
        )
        return outcome

    def _speaks_well(self, outcome: Answer | Ambiguous | Unavailable) -> bool:
        """Of the gateway: one that says "too often" is there."""
        if isinstance(outcome, Answer | RateLimited):
            return True
        return outcome.cause in self._channel_trouble

    def _settled(
        self, request: httpx.Request, judge: Judge
    ) -> tuple[int | None, Answer | Ambiguous | Unavailable]:
        """The HTTP status, if there was one, and what the call came to."""
        try:
            response, body = self._exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            # Not one byte of the request has left.
            return None, Unavailable(type(error).__name__)
        except httpx.HTTPError as error:
            return None, Ambiguous(type(error).__name__)
        return response.status_code, judge(response.status_code, response.headers, body)

    def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        try:
            return exchange(self._client, request, auth=self._auth)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            # Asking again changes nothing; creating again might.
            if request.method != "GET":
                raise
            return exchange(self._client, request, auth=self._auth)


def unexpected(path: str) -> Ambiguous:
    """An answer that is none of those documented."""
    log.error("gateway_answer_unexpected", extra={"path": path})
    return Ambiguous("unexpected answer")
