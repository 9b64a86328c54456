"""Passkeys: adding and removing them, and signing in without a password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factor_sessions import half_signed_in, new_challenge, note_factor, take_challenge
from accounts.forms import NewPasskeyForm, PasskeyForm
from accounts.models import User
from accounts.passkeys import (
    PasskeyRefused,
    TooManyPasskeys,
    add_passkey,
    authentication_options,
    check_passkey,
    registration_options,
    remove_passkey,
)
from accounts.signing_in import TRIES_OF_A_NETWORK, TooManySignIns
from shop.core import throttle
from shop.core.clients import network_of
from shop.pages.account import goal_of, let_in
from shop.pages.account_factors import show_codes
from shop.pages.passkey_site import site_of
from shop.pages.second_step import for_owner


@sensitive_post_parameters("credential")
@require_http_methods(["GET", "HEAD", "POST"])
@for_owner
def add(request: HttpRequest, user: User) -> HttpResponse:
    form = NewPasskeyForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        given, challenge = form.cleaned_data, take_challenge(request.session)
        try:
            codes = add_passkey(user=user, challenge=challenge, site=site_of(request), **given)
        except (PasskeyRefused, TooManyPasskeys) as error:
            form.add_error(None, error.user_message)
            status = error.status
        else:
            note_factor(request.session, user)
            messages.success(request, _("You can sign in with your passkey from now on."))
            return show_codes(request, codes)
    return render(request, "accounts/add_passkey.html", {"form": form}, status=status)


@require_POST
@for_owner
def adding_options(request: HttpRequest, user: User) -> HttpResponse:
    challenge = new_challenge(request.session)
    return JsonResponse(registration_options(user=user, site=site_of(request), challenge=challenge))


@require_POST
@for_owner
def remove(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    remove_passkey(user=user, pk=pk)
    messages.success(request, _("The passkey is removed."))
    return redirect("pages:second_factor")


@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """Of the keys of whoever is signed in, or half so; of any, for a stranger."""
    throttle.count("passkey", network=network_of(request.META), limits=TRIES_OF_A_NETWORK)
    user = request.user if isinstance(request.user, User) else half_signed_in(request.session)
    challenge = new_challenge(request.session)
    found = authentication_options(user=user, site=site_of(request), challenge=challenge)
    return JsonResponse(found)


@sensitive_post_parameters("credential")
@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    goal = goal_of(request, otherwise=reverse("pages:account"))
    form = PasskeyForm(request.POST)
    try:
        if not form.is_valid():
            raise PasskeyRefused
        user = check_passkey(
            credential=form.cleaned_data["credential"],
            challenge=take_challenge(request.session),
            site=site_of(request),
            network=network_of(request.META),
        )
    except (PasskeyRefused, TooManySignIns) as error:
        messages.error(request, error.user_message)
        return redirect(f"{reverse('pages:sign_in')}?{urlencode({'next': goal})}")
    answer = let_in(request, user, goal)
    note_factor(request.session, user)
    return answer
