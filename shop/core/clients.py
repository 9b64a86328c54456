"""From where a request comes, as far as that can be believed."""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# A household or a phone is given a whole network of this size.
IPV6_PREFIX = 64
UNKNOWN = "unknown"


def network_of(meta: Mapping[str, object]) -> str:
    """The client's IPv4 address or IPv6 network, from `request.META`.

    Proxies append to `X-Forwarded-For` whom they were asked by; whatever stands left of the first
    that is not ours may be invented.
    """
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    asked_by = _address(str(meta.get("REMOTE_ADDR", "")))
    if not proxies:
        return _named(asked_by)
    for hop in reversed(str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")):
        # A proxy on the same machine may speak through a socket, which has no address.
        if not (asked_by is None or asked_by.is_loopback or any(asked_by in p for p in proxies)):
            break
        asked_by = _address(hop)
        if asked_by is None:
            break
    return _named(asked_by)


@lru_cache(maxsize=8)
def _networks(written: Sequence[str]) -> list[Network]:
    return [ipaddress.ip_network(one, strict=False) for one in written]


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _named(address: Address | None) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
    return str(address) if address else UNKNOWN
