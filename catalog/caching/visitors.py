"""What keeps the visitor out of a page that everybody is shown."""

import logging
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages.storage.base import BaseStorage
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

SERVER = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "PATH_INFO", "REQUEST_ID")
VARY = {"accept-encoding", "accept-language"}


class VisitorInSharedPage(RuntimeError):
    """A view whose answer is kept for everybody has asked who is there."""


def request_of_nobody(request: HttpRequest, query: str) -> HttpRequest:
    """The same address without cookies, headers or body: nothing of a visitor can get in.

    Host and scheme are the shop's own, so that no forged one ends up in somebody else's links.
    """
    public = urlsplit(settings.PUBLIC_URL)
    environ = {name: request.META[name] for name in SERVER if name in request.META}
    environ |= {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query,
        "HTTP_HOST": public.netloc,
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": request.META.get("wsgi.errors"),
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        header, _https = settings.SECURE_PROXY_SSL_HEADER
        environ[header] = public.scheme
    return WSGIRequest(environ)


def keep_visitors_out(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer may be kept; False where the view has touched what is a visitor's.

    That is a mistake in the view: tests and laptops stop there. Elsewhere the page is shown, and
    what would overwrite the visitor's own session is taken off it.
    """
    touched = _touched(request, response)
    if not touched:
        return True
    if settings.STRICT_SHARED_PAGES:
        raise VisitorInSharedPage(f"{request.path} uses {', '.join(touched)}")
    log.error("visitor_in_shared_page", extra={"path": request.path, "touched": touched})
    response.cookies.clear()
    response.headers["Cache-Control"] = "no-store"
    return False


def _touched(request: HttpRequest, response: HttpResponse) -> list[str]:
    session = getattr(request, "session", None)
    messages = getattr(request, "_messages", None)
    vary = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    signs = {
        "the session": session is not None and session.accessed,
        "messages": messages is not None and _is_touched(messages),
        "a CSRF token": "CSRF_COOKIE_NEEDS_UPDATE" in request.META,
        "a nonce": hasattr(request, "_csp_nonce"),
        "cookies": bool(response.cookies),
        f"Vary: {', '.join(sorted(vary - VARY))}": bool(vary - VARY),
    }
    return [name for name, is_touched in signs.items() if is_touched]


def _is_touched(messages: BaseStorage) -> bool:
    return messages.used or messages.added_new or hasattr(messages, "_loaded_data")
