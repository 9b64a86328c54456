"""Where somebody is signed in: browsers and apps in one list, each can be signed out."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import tokens
from accounts.factor_sessions import has_shown_factor, note_factor
from accounts.models import User
from accounts.signed_in import (
    browsers_of,
    named,
    note_browser,
    sign_out_browser,
    sign_out_everywhere,
)
from accounts.tokens import DeviceNotFound, devices_of
from shop.pages.account import keep_known


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return redirect("pages:sign_in")
    if request.method == "POST":
        return _sign_out(request, user)
    here = request.session.session_key
    browsers = [
        {"row": row, "name": named(row.agent), "is_this": row.session_key == here}
        for row in browsers_of(user)
    ]
    context = {"browsers": browsers, "apps": devices_of(user)}
    return render(request, "accounts/devices.html", context)


def _sign_out(request: HttpRequest, user: User) -> HttpResponse:
    if "everywhere" in request.POST:
        return _keep_this_one_only(request, user)
    if "browser" in request.POST:
        sign_out_browser(user=user, public_id=request.POST["browser"])
    else:
        _end_app(user, request.POST.get("app", ""))
    messages.success(request, _("Signed out there."))
    return redirect("pages:devices")


def _end_app(user: User, typed: str) -> None:
    """One that is gone already is signed out as well."""
    try:
        tokens.end(user=user, public_id=UUID(typed))
    except (ValueError, DeviceNotFound):
        return


def _keep_this_one_only(request: HttpRequest, user: User) -> HttpResponse:
    answer = redirect("pages:devices")
    keep_this_one_only(request, answer, user)
    messages.success(request, _("Signed out everywhere else."))
    return answer


def keep_this_one_only(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    """This browser is signed in anew: of what it had before, nothing lets in any more."""
    had_factor = has_shown_factor(request.session, user)
    sign_out_everywhere(user=user)
    request.session.flush()
    login(request, user)
    note_browser(request.session, request.headers.get("User-Agent", ""))
    if had_factor:
        note_factor(request.session, user)
    keep_known(request, answer, user)
