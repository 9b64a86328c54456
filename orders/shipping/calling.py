"""One call to a courier API: within the deadline, past the breaker, with one line in the log."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

import httpx

from orders.models import RateSource
from orders.shipping.rates import Unavailable
from shop.core.breaker import Breaker
from shop.core.deadline import seconds_left
from shop.core.outgoing import exchange

log = logging.getLogger(__name__)

MOST_AT_ONCE = 8
# Ours to mend, or to wait for; asking again at once helps nobody.
_TROUBLE = {
    401: "key refused",
    402: "balance used up",
    403: "key refused",
    429: "too many requests",
}
Result = TypeVar("Result")
Document = dict[str, Any]


class Caller:
    """Threads may share one."""

    def __init__(self, *, source: RateSource, client: httpx.Client, breaker: Breaker) -> None:
        self._source = source
        self._client = client
        self._breaker = breaker

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        trouble: Callable[[int, Document], str] = lambda _status, _document: "",
    ) -> Document | Unavailable:
        """The document of a 2xx answer. `trouble` may see in a document what its status hides."""
        if seconds_left() <= 0:
            return Unavailable("no time left")
        if self._breaker.wait():
            return Unavailable("breaker open")
        began = time.monotonic()
        request = self._client.build_request(
            method, url, headers=headers, params=params, json=body, data=form
        )
        status, outcome, is_healthy = self._settled(request, trouble)
        self._breaker.record(is_healthy=is_healthy)
        log.log(
            logging.INFO if is_healthy else logging.WARNING,
            "courier_call",
            extra={
                "source": str(self._source),
                "path": request.url.path,
                "status": status,
                "ms": round((time.monotonic() - began) * 1000),
                "outcome": outcome.cause if isinstance(outcome, Unavailable) else "answered",
            },
        )
        return outcome

    def _settled(
        self, request: httpx.Request, trouble: Callable[[int, Document], str]
    ) -> tuple[int | None, Document | Unavailable, bool]:
        """The HTTP status, if there was one; what the call came to; whether the API is well."""
        try:
            response, raw = exchange(self._client, request)
        except httpx.HTTPError as error:
            return None, Unavailable(type(error).__name__), False
        status = response.status_code
        document = _read(raw)
        cause = _TROUBLE.get(status, "") or trouble(status, document or {})
        if cause or status >= 500:
            return status, Unavailable(cause or f"status {status}"), False
        if document is None:
            return status, Unavailable("garbage"), False
        if not response.is_success:
            # A refusal of this one request: the API is well, and another parcel may go.
            return status, Unavailable(f"status {status}", is_lasting=True), True
        return status, document, True


def _read(raw: bytes) -> Document | None:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def in_parallel(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """The results in the order of the tasks, which share the caller's deadline.

    They must not touch the database: a thread's connection is not the caller's.
    """
    if len(tasks) == 1:
        return [tasks[0]()]
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="courier") as pool:
        running = [pool.submit(partial(copy_context().run, task)) for task in tasks]
        return [each.result() for each in running]
