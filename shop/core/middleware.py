"""Middleware of every request: its id and log line, its language, its refusals."""

import logging
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)

from shop.core.errors import DomainError
from shop.core.throttle import Throttled

log = logging.getLogger("shop.request")
GetResponse = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Asked every few seconds by a balancer: a line each would drown the log.
RETRY_SECONDS = "2"
QUIET_PATHS = ("/livez", "/readyz", "/static/", "/media/")


class RequestIdMiddleware:
    """Gives every request an id, in its answer and in each of its log lines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-Id", "")
        request_id = offered if REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        request.META["REQUEST_ID"] = request_id
        started = time.perf_counter()
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        if not request.path.startswith(QUIET_PATHS):
            log.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                    **({"page": request.META["PAGE"]} if "PAGE" in request.META else {}),
                },
            )
        return response


class PathLanguageMiddleware:
    """The language is in the path: `/en/…` is English, everything else Indonesian.

    Django's own middleware also looks at a cookie and varies on `Accept-Language`, either of which
    would keep a CDN from sharing a page. The API and the admin, which are never shared, do follow
    `Accept-Language`.
    """

    NEGOTIATED = ("/api/", "/admin/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        negotiated = request.path_info.startswith(self.NEGOTIATED)
        language = (
            accepted_language(request.headers.get("Accept-Language", ""))
            if negotiated
            else translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        )
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def accepted_language(header: str) -> str:
    """The first language of an `Accept-Language` header that the shop speaks."""
    for code, _quality in parse_accept_lang_header(header):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


class DomainErrorMiddleware:
    """A refusal that no view turned into something better becomes a page that says what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError):
            # A queue on a hot row longer than the lock timeout, or a database that is away.
            log.warning("database_busy", exc_info=error)
            response = render(request, "503.html", status=503)
            response.headers["Retry-After"] = RETRY_SECONDS
            return response
        if not isinstance(error, DomainError):
            return None
        response = _refusal(request, error)
        if isinstance(error, Throttled):
            response.headers["Retry-After"] = str(error.retry_after)
        return response


def _refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return JsonResponse(
            problem(error), status=error.status, content_type="application/problem+json"
        )
    template = "404.html" if error.status == 404 else "refused.html"
    return render(request, template, {"error": error}, status=error.status)


def problem(error: DomainError) -> dict[str, object]:
    """RFC 9457: the machine reads `code`, the person `detail`."""
    return {
        "type": "about:blank",
        "title": error.code.replace("_", " "),
        "status": error.status,
        "code": error.code,
        "detail": error.user_message,
        **{key: value for key, value in error.extra.items() if key != "formatted"},
    }
