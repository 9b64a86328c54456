"""Catalogue pages that make mistakes, and some that must not be kept, as an URL configuration."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.views.decorators.vary import vary_on_cookie

from catalog.caching import cached_page, remember
from catalog.caching.middleware import LARGEST_BODY


def shows(answer: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], HttpResponse]:
    """A catalogue page that does this with its request before it answers."""

    @cached_page("tree")
    def page(request: HttpRequest) -> HttpResponse:
        made = answer(request)
        return made if hasattr(made, "status_code") else HttpResponse(f"{made}")

    return page


def with_cookie(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse("a page")
    response.set_cookie("seen", "1")
    return response


MISTAKES = {
    "reads-session": lambda request: request.session.get("cart"),
    "writes-session": lambda request: request.session.update({"cart": "1"}),
    "asks-who": lambda request: request.user.is_authenticated,
    "makes-token": get_token,
    "shows-messages": lambda request: list(messages.get_messages(request)),
    "counts-messages": lambda request: len(messages.get_messages(request)),
    "adds-message": lambda request: messages.info(request, "Hello"),
    "makes-nonce": lambda request: str(request.csp_nonce),
    "sets-cookie": with_cookie,
    "varies": vary_on_cookie(lambda _request: HttpResponse("a page")),
}
ODD = {
    "large": lambda _request: HttpResponse(token_hex(LARGEST_BODY + 1000)),
    "streamed": lambda _request: StreamingHttpResponse([b"a ", b"page"]),
    "private": lambda _request: HttpResponse("a page", headers={"Cache-Control": "private"}),
    "broken": lambda _request: HttpResponse("a page", status=503),
    "elsewhere": lambda _request: HttpResponse(status=302, headers={"Location": "/"}),
    "moved": lambda _request: HttpResponse(status=301, headers={"Location": "/p/new/"}),
    "undeclared": lambda _request: remember("x", versions=("catalogue",), build=lambda: 1),
}
urlpatterns = [path(f"{name}/", shows(view)) for name, view in (MISTAKES | ODD).items()]
