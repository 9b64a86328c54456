"""The local mailbox as pages: what customers would have got by mail."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shop.local.letters import Letter, LetterNotFound, newest_letters, read_letter

_LIMIT = 100


@require_safe
@never_cache
def list_mail(request: HttpRequest) -> HttpResponse:
    letters = list(newest_letters(Path(settings.MAILBOX_DIR), limit=_LIMIT))
    return render(request, "local/mail_list.html", {"letters": letters, "limit": _LIMIT})


@require_safe
@never_cache
def view_mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "local/mail.html", {"letter": _letter(name)})


@require_safe
@never_cache
def view_mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part as a mail program shows it: styled, unable to run or load anything."""
    response = HttpResponse(_letter(name).html)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response


def _letter(name: str) -> Letter:
    try:
        return read_letter(Path(settings.MAILBOX_DIR), name)
    except LetterNotFound as error:
        raise Http404 from error
