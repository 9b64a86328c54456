"""Where the shop gets a gateway from: one object per process, and one pool of connections."""

import atexit
import os

import httpx

from payments.gateways.base import Gateway
from payments.gateways.breaker import Breaker
from payments.gateways.xendit import Xendit, XenditConfig
from shop.core.deadline import DeadlineTransport

# Shorter than servers keep a connection, so that a POST seldom meets one that was just closed.
KEEPALIVE_EXPIRY = 15.0

# Keyed by process: a forked child must not share its parent's sockets, nor a lock held meanwhile.
_clients: dict[int, httpx.Client] = {}
_xendits: dict[tuple[int, XenditConfig], Xendit] = {}


def gateway(code: str) -> Gateway:
    """The gateway of that code, as configured now. Raises LookupError for a code nobody has."""
    if code != Xendit.code:
        raise LookupError(f"no gateway {code!r}")
    key = (os.getpid(), XenditConfig.from_settings())
    found = _xendits.get(key)
    if found is None:
        # setdefault is atomic: threads that come here together all leave with the same object.
        found = _xendits.setdefault(key, Xendit(key[1], client=_client(), breaker=Breaker()))
    return found


def _client() -> httpx.Client:
    pid = os.getpid()
    if pid not in _clients:
        # trust_env would let a stray .netrc replace our credentials.
        fresh = httpx.Client(
            transport=DeadlineTransport(keepalive_expiry=KEEPALIVE_EXPIRY), trust_env=False
        )
        if _clients.setdefault(pid, fresh) is fresh:
            atexit.register(fresh.close)
    return _clients[pid]
