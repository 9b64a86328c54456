"""HTTP that ends when it must: name look-up, connecting, sending and reading share one deadline.

httpx limits each step and each read by itself, so a server that sends one byte now and then holds
a caller for hours, and a name server that does not answer is not limited at all.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_ends_at: ContextVar[float] = ContextVar("deadline", default=float("inf"))


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Every request made inside through DeadlineTransport is over when the seconds are.

    One inside another cannot put off its end.
    """
    token = _ends_at.set(min(time.monotonic() + seconds, _ends_at.get()))
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> float:
    return max(_ends_at.get() - time.monotonic(), 0.0)


def _limit(
    timeout: float | None, expired: type[httpcore.TimeoutException] = httpcore.ReadTimeout
) -> float:
    """How long the next step may take. Raises `expired` where there is no time for it."""
    left = seconds_left() if timeout is None else min(timeout, seconds_left())
    if left <= 0:
        # A socket takes zero for "never wait", which reads as another error.
        raise expired("deadline passed")
    return left


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _limit(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = _limit(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def __init__(self, check: "Callable[[str, int], None] | None") -> None:
        self._check = check

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        with deadline(_limit(timeout, httpcore.ConnectTimeout)):
            addresses = _addresses_of(host, port)
            if self._check is not None:
                # Of the very addresses that are connected to next: a second look-up could differ.
                for address in addresses:
                    self._check(address, port)
            # One address that swallows packets must leave time for the others.
            for rest in range(len(addresses), 0, -1):
                share = _limit(None, httpcore.ConnectTimeout) / rest
                try:
                    return _Stream(
                        super().connect_tcp(
                            addresses[-rest], port, share, local_address, socket_options
                        )
                    )
                except (httpcore.ConnectError, httpcore.ConnectTimeout):
                    if rest == 1:
                        raise
        raise httpcore.ConnectError(f"no address for {host}")


def _addresses_of(host: str, port: int) -> list[str]:
    """Look a name up, in a thread because getaddrinfo knows no limit."""
    answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(address[0]) for *_, address in found])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, name="name-look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds_left())
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"no answer about {host}") from None
    if isinstance(answer, list):
        return answer
    raise httpcore.ConnectError(str(answer)) from answer


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's own transport over sockets that know the deadline.

    `check` is given each address that a name has, and the port, before anything is connected to;
    it refuses by raising.
    """

    def __init__(
        self, *, keepalive_expiry: float, check: "Callable[[str, int], None] | None" = None
    ) -> None:
        tls = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=tls)
        # httpx has no argument for it; the tests with a trickling server notice a renaming.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, keepalive_expiry=keepalive_expiry, network_backend=_Backend(check)
        )
