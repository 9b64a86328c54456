"""Calls to other people's servers: one client per process, answers of a bounded size, on time."""

import atexit
import os

import httpx

from shop.core.deadline import DeadlineTransport, seconds_left

CONNECT_TIMEOUT = 3.0
LARGEST_ANSWER = 1_048_576
# Shorter than servers keep a connection, so that a POST seldom meets one that was just closed.
KEEPALIVE_EXPIRY = 15.0

# Keyed by process: a forked child must not share its parent's sockets, nor a lock held meanwhile.
_clients: dict[int, httpx.Client] = {}


def client() -> httpx.Client:
    """This process's client; its calls obey `shop.core.deadline`."""
    pid = os.getpid()
    if pid not in _clients:
        # trust_env would let a stray .netrc replace our credentials.
        fresh = httpx.Client(
            transport=DeadlineTransport(keepalive_expiry=KEEPALIVE_EXPIRY), trust_env=False
        )
        # setdefault is atomic: threads that come here together all leave with the same client.
        if _clients.setdefault(pid, fresh) is fresh:
            atexit.register(fresh.close)
    return _clients[pid]


def exchange(
    client: httpx.Client, request: httpx.Request, *, auth: httpx.Auth | None = None
) -> tuple[httpx.Response, bytes]:
    """Send once, within the deadline, and read at most LARGEST_ANSWER bytes.

    Raises httpx.HTTPError.
    """
    limit = seconds_left()
    timeout = httpx.Timeout(limit, connect=min(CONNECT_TIMEOUT, limit))
    request.extensions["timeout"] = timeout.as_dict()
    response = client.send(request, auth=auth, stream=True)
    try:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise httpx.DecodingError("answer too large", request=request)
    finally:
        response.close()
    return response, bytes(body)
