"""To whom a passkey belongs: the shop, by the host that the browser has asked."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from accounts.passkeys import Site

HOST_NUMBER = re.compile(r"[\d.]+|\[.*\]")


def site_of(request: HttpRequest) -> Site:
    """The shop as browsers know it by the host that they asked, which is one of the settings'."""
    host = request.get_host()
    scheme = urlsplit(settings.PUBLIC_URL).scheme
    return Site(split_domain_port(host)[0], f"{scheme}://{host}", settings.SHOP_NAME)


def offers_passkeys(request: HttpRequest) -> bool:
    """Browsers have none for a host that is a number, as on a laptop."""
    return not HOST_NUMBER.fullmatch(site_of(request).host)
