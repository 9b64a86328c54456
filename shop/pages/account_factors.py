"""Setting up, renewing and removing the second factor of one's own account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.factor_sessions import note_factor
from accounts.factors import (
    FactorExists,
    WrongCode,
    recovery_codes_left,
    remove_app,
    renew_recovery_codes,
    set_up_app,
)
from accounts.forms import CodeForm
from accounts.models import CodeApp, User
from accounts.passkeys import passkeys_of
from accounts.totp import new_secret, otpauth_uri
from shop.core.qr import qr_png
from shop.core.sealed import CannotUnseal, seal, unseal
from shop.pages.passkey_site import offers_passkeys
from shop.pages.second_step import for_owner

# In the session, sealed: a secret until its app is set up, recovery codes until they are shown.
SECRET, CODES = "app_secret", "recovery_codes"


@require_safe
@for_owner
def show_factors(request: HttpRequest, user: User) -> HttpResponse:
    context = {
        "app": CodeApp.objects.of(user).first(),
        "codes_left": recovery_codes_left(user),
        "passkeys": passkeys_of(user),
        "has_passkeys": offers_passkeys(request),
    }
    return render(request, "accounts/second_factor.html", context)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@for_owner
def set_up(request: HttpRequest, user: User) -> HttpResponse:
    secret = _opened(request.session, SECRET) or new_secret()
    form = CodeForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            codes = set_up_app(user=user, secret=secret, code=form.cleaned_data["code"])
        except FactorExists as error:
            messages.info(request, error.user_message)
            return redirect("pages:recovery_codes")
        except WrongCode as error:
            form.add_error("code", error.user_message)
            status = error.status
        else:
            request.session.pop(SECRET, None)
            note_factor(request.session, user)
            messages.success(request, _("From now on signing in asks for a code of your app."))
            return show_codes(request, codes)
    _keep(request.session, SECRET, secret)
    context = {
        "form": form,
        "key": secret,
        "groups": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "uri": _uri(secret, user),
    }
    return render(request, "accounts/set_up_app.html", context, status=status)


@require_safe
@for_owner
def secret_qr(request: HttpRequest, user: User) -> HttpResponse:
    secret = _opened(request.session, SECRET)
    if not secret:
        raise Http404
    return HttpResponse(qr_png(_uri(secret, user)), content_type="image/png")


@require_POST
@for_owner
def remove(request: HttpRequest, user: User) -> HttpResponse:
    remove_app(user=user)
    messages.success(request, _("Signing in no longer asks for a code of an app."))
    return redirect("pages:second_factor")


@require_http_methods(["GET", "POST"])
@for_owner
def recovery_codes(request: HttpRequest, user: User) -> HttpResponse:
    """New ones by POST; shown by the next GET, and by no other."""
    if request.method == "POST":
        return show_codes(request, renew_recovery_codes(user=user))
    codes = _opened(request.session, CODES).split()
    request.session.pop(CODES, None)
    if not codes:
        return redirect("pages:second_factor")
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """By a redirect: whoever presses a button twice sees them all the same."""
    if codes:
        _keep(request.session, CODES, " ".join(codes))
    return redirect("pages:recovery_codes")


def _keep(session: SessionBase, name: str, text: str) -> None:
    session[name] = seal({name: text}).decode()


def _opened(session: SessionBase, name: str) -> str:
    try:
        return unseal(session[name].encode())[name]
    except (KeyError, CannotUnseal):
        return ""


def _uri(secret: str, user: User) -> str:
    return otpauth_uri(secret, account=user.email, issuer=settings.SHOP_NAME)
