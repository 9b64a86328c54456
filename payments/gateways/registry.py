"""Where the shop gets a gateway from: one object per process, and one pool of connections."""

import os

from payments.gateways.base import Gateway
from payments.gateways.xendit import Xendit, XenditConfig
from shop.core import outgoing
from shop.core.breaker import Breaker

# Keyed by process: a forked child must not share its parent's sockets, nor a lock held meanwhile.
_xendits: dict[tuple[int, XenditConfig], Xendit] = {}


def gateway(code: str) -> Gateway:
    """The gateway of that code, as configured now. Raises LookupError for a code nobody has."""
    if code != Xendit.code:
        raise LookupError(f"no gateway {code!r}")
    key = (os.getpid(), XenditConfig.from_settings())
    found = _xendits.get(key)
    if found is None:
        # setdefault is atomic: threads that come here together all leave with the same object.
        found = _xendits.setdefault(
            key, Xendit(key[1], client=outgoing.client(), breaker=Breaker())
        )
    return found
