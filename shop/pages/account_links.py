"""Pages that mail a link, and those it leads to. To open one changes nothing: mail programs do."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import EmailForm, NewPasswordForm, RegistrationForm
from accounts.links import (
    LinkKind,
    ask_for_link,
    read_registration,
    register,
    reset_password,
    sign_in_by_link,
)
from shop.core.clients import network_of
from shop.core.throttle import Throttled
from shop.pages.account import show_form, welcome

TITLES = {
    LinkKind.REGISTER: _("Create an account"),
    LinkKind.RESET: _("Forgotten password"),
    LinkKind.SIGN_IN: _("Sign in by e-mail"),
}
INTRODUCTIONS = {
    LinkKind.REGISTER: _("We mail you a link. With it you choose your password."),
    LinkKind.RESET: _("We mail you a link. With it you choose a new password."),
    LinkKind.SIGN_IN: _("We mail you a link that signs you in without a password."),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, kind: LinkKind) -> HttpResponse:
    """The answer is the same for every address."""
    form = EmailForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            ask_for_link(
                kind=kind,
                email=form.cleaned_data["email"],
                language=get_language() or settings.LANGUAGE_CODE,
                network=network_of(request.META),
            )
        except Throttled as error:
            form.add_error(None, error.user_message)
            status = error.status
        else:
            return redirect("pages:link_sent")
    return show_form(
        request,
        form,
        title=TITLES[kind],
        text=INTRODUCTIONS[kind],
        button=_("Mail me a link"),
        status=status,
    )


@never_cache
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish_sign_in(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        return welcome(request, sign_in_by_link(token), reverse("pages:account"))
    return show_form(
        request,
        forms.Form(),
        title=TITLES[LinkKind.SIGN_IN],
        text=_("Continue on this device with the button."),
        button=_("Sign in"),
    )


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish_reset(request: HttpRequest, token: str) -> HttpResponse:
    form = NewPasswordForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            user = reset_password(token, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("password", error)
            status = 422
        else:
            return welcome(request, user, reverse("pages:account"))
    return show_form(
        request,
        form,
        title=_("Choose a new password"),
        text=_("All devices that are signed in to your account are signed out."),
        button=_("Save password"),
        status=status,
    )


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish_registration(request: HttpRequest, token: str) -> HttpResponse:
    # Nothing is to be filled in for an address that is not confirmed.
    read_registration(token)
    form = RegistrationForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            user = register(token, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("password", error)
            status = 422
        else:
            return welcome(request, user, reverse("pages:account"))
    return show_form(
        request,
        form,
        title=TITLES[LinkKind.REGISTER],
        text=_("Your e-mail address is confirmed. Choose a password to finish."),
        button=TITLES[LinkKind.REGISTER],
        status=status,
    )
