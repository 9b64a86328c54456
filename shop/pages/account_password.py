"""A new password for who is signed in and knows the old one."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import ChangePasswordForm
from accounts.known_browsers import KNOWN_COOKIE
from accounts.passwords import choose_password
from accounts.signing_in import TooManySignIns, WrongSignIn, identify
from shop.core.clients import network_of
from shop.pages.account import keep_known, show_form


@sensitive_post_parameters("current", "password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid() and request.user.is_authenticated:
        try:
            user = identify(
                email=request.user.email,
                password=form.cleaned_data["current"],
                network=network_of(request.META),
                known=request.COOKIES.get(KNOWN_COOKIE, ""),
            )
            choose_password(user, form.cleaned_data["password"])
        except (WrongSignIn, TooManySignIns) as error:
            form.add_error("current", error.user_message)
            status = error.status
        except ValidationError as error:
            form.add_error("password", error)
            status = 422
        else:
            update_session_auth_hash(request, user)
            messages.success(
                request, _("Your password is changed. All other devices are signed out.")
            )
            answer = redirect("pages:account")
            keep_known(request, answer, user)
            return answer
    return show_form(
        request,
        form,
        title=_("Change password"),
        text=_("All other devices that are signed in to your account are signed out."),
        button=_("Save password"),
        status=status,
    )
