"""Fetching what a file merely names, without being led into the shop's own network.

A supplier's file may hold any address, so the shop must not become a way to reach machines that
only it can reach. The name is looked up here, every address that it has must be a public one, and
those very addresses are connected to; the same for each redirect.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalog.imaging import MAX_BYTES
from shop.core.deadline import DeadlineTransport, deadline
from shop.core.errors import DomainError

SECONDS = 20.0
MAX_REDIRECTS = 3
# Answers of cloud machines about themselves that lie in public ranges.
METADATA = frozenset({"168.63.129.16", "100.100.100.200", "192.0.0.192"})
NAT64 = IPv6Network("64:ff9b::/96")
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The server may think better of these.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
Address = IPv4Address | IPv6Address


class NotFetched(DomainError):
    """The message is what staff read beside the picture. `is_passing`: worth another try."""

    code = "not_fetched"
    message = _("The picture could not be fetched.")
    is_passing = False


class Unreachable(NotFetched):
    message = _("The server of the picture does not answer.")
    is_passing = True


class ForbiddenAddress(NotFetched):
    message = _("The address leads to a place that the shop does not fetch from.")


class TooManyRedirects(NotFetched):
    message = _("The address leads on to others without end.")


class TooLarge(NotFetched):
    message = _("The picture is too large.")


class PackedAnswer(NotFetched):
    message = _("The server of the picture sends it packed, which the shop did not ask for.")


class NoPicture(NotFetched):
    message = _("There is no picture at this address.")


class Refused(NotFetched):
    message = _("The server of the picture answered {status}.")

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}", status=status)
        self.is_passing = status in _PASSING


def fetch_picture(url: str) -> bytes:
    """The bytes of a picture, by their own word for it. Raises NotFetched."""
    # A client for each: a kept connection would go past the check of its address.
    transport = DeadlineTransport(keepalive_expiry=0, check=_refuse_private)
    headers = {
        "User-Agent": f"Etalase ({settings.PUBLIC_URL})",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    try:
        with (
            deadline(SECONDS),
            httpx.Client(
                transport=transport, trust_env=False, timeout=SECONDS, headers=headers
            ) as client,
        ):
            data = _follow(client, url)
    except (
        httpx.HTTPError,
        httpcore.NetworkError,
        httpx.InvalidURL,
        OSError,
        UnicodeError,
    ) as error:
        raise Unreachable(type(error).__name__) from error
    if not _looks_like_picture(data):
        raise NoPicture
    return data


def _follow(client: httpx.Client, url: str) -> bytes:
    for _step in range(MAX_REDIRECTS + 1):
        _refuse_scheme(url)
        with client.stream("GET", url) as response:
            if response.status_code not in _REDIRECTS:
                return _body(response)
            url = _next(url, response.headers.get("Location", ""))
    raise TooManyRedirects


def _next(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise ForbiddenAddress(location) from None


def _refuse_scheme(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        raise ForbiddenAddress(url) from None
    if parts.scheme not in ("http", "https") or port not in settings.PICTURE_FETCH_PORTS:
        raise ForbiddenAddress(url)


def _body(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        raise Refused(response.status_code)
    # Never unpacked: a thousand bytes can be a gigabyte, and that before anybody could count.
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise PackedAnswer
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_raw(65_536):
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _looks_like_picture(data: bytes) -> bool:
    """By its first bytes: what servers say about the type is often wrong."""
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    is_avif_or_heic = data[4:8] == b"ftyp"
    return data.startswith(SIGNATURES) or is_webp or is_avif_or_heic


def _refuse_private(address: str, port: int) -> None:
    """Given each address that a name has, before anything is connected to."""
    ip = ip_address(address.partition("%")[0])
    if port not in settings.PICTURE_FETCH_PORTS or not is_public(ip):
        raise ForbiddenAddress(address)


def is_public(ip: Address) -> bool:
    """Whether anybody on the internet could reach it, also where one address hides another."""
    if any(ip in ip_network(network) for network in settings.PICTURE_FETCH_NETWORKS):
        return True
    hidden = _hidden_in(ip)
    if hidden is not None:
        return is_public(hidden)
    return ip.is_global and not ip.is_multicast and str(ip) not in METADATA


def _hidden_in(ip: Address) -> IPv4Address | None:
    """The IPv4 address inside of an IPv6 one: mapped, 6to4, Teredo, NAT64."""
    if isinstance(ip, IPv4Address):
        return None
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo is not None:
        return ip.teredo[1]
    return ip.ipv4_mapped or ip.sixtofour
