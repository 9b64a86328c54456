"""Showing the second factor: to sign in, and before the way to get in is changed."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.factor_sessions import (
    half_signed_in,
    is_fresh,
    note_factor,
    note_fresh,
    take_challenge,
)
from accounts.factors import TooManyCodes, WrongCode, check_code
from accounts.forms import CodeForm, ConfirmForm, PasskeyForm, RecoveryForm
from accounts.known_browsers import KNOWN_COOKIE
from accounts.models import CodeApp, User
from accounts.passkeys import PasskeyRefused, check_passkey, passkeys_of
from accounts.signing_in import TooManySignIns, WrongSignIn, identify
from shop.core.clients import network_of
from shop.core.errors import DomainError
from shop.pages.account import goal_of, let_in
from shop.pages.passkey_site import offers_passkeys, site_of

P = ParamSpec("P")
OwnersView = Callable[Concatenate[HttpRequest, User, P], HttpResponse]


def for_owner(view: OwnersView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page on which the way to get in is changed, for who has shown a moment ago who it is."""

    @wraps(view)
    @never_cache
    @login_required
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and is_fresh(request.session, user):
            return view(request, user, *args, **kwargs)
        # A form that was sent too late is filled in again on its page.
        is_form = request.method not in ("GET", "HEAD")
        goal = reverse("pages:second_factor") if is_form else request.path
        return redirect(f"{reverse('pages:confirm')}?{urlencode({'next': goal})}")

    return shown


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    goal = goal_of(request, otherwise=reverse("pages:account"))
    user = half_signed_in(request.session)
    if user is None:
        return redirect(f"{reverse('pages:sign_in')}?{urlencode({'next': goal})}")
    form = _step_form(request, user)
    refusal = _refusal(request, user, form)
    if form.is_valid() and refusal is None:
        answer = let_in(request, user, goal)
        note_factor(request.session, user)
        return answer
    return _ask(request, user, form, goal=goal, refusal=refusal)


@sensitive_post_parameters("code", "password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """By the second factor or, without one, the password. A new key, as after a sign-in."""
    goal = goal_of(request, otherwise=reverse("pages:second_factor"))
    user = request.user
    if not isinstance(user, User):
        return redirect("pages:sign_in")
    has_factor = user.factor_since is not None
    form = _step_form(request, user) if has_factor else ConfirmForm(request.POST or None)
    refusal = _refusal(request, user, form)
    if form.is_valid() and refusal is None:
        request.session.cycle_key()
        note_fresh(request.session)
        if has_factor:
            note_factor(request.session, user)
        return redirect(goal)
    return _ask(request, user, form, goal=goal, refusal=refusal)


def _step_form(request: HttpRequest, user: User) -> Form:
    """What is filled in; or what there is to fill in, without an app at least a recovery code."""
    if "credential" in request.POST:
        return PasskeyForm(request.POST)
    is_recovery = request.GET.get("by") == "recovery" or not CodeApp.objects.of(user).exists()
    return (RecoveryForm if is_recovery else CodeForm)(request.POST or None)


def _refusal(request: HttpRequest, user: User, form: Form) -> DomainError | None:
    """Why what the form says does not let in the user, if it is filled in."""
    if not form.is_valid():
        return None
    network, known = network_of(request.META), request.COOKIES.get(KNOWN_COOKIE, "")
    try:
        if isinstance(form, PasskeyForm):
            check_passkey(
                credential=form.cleaned_data["credential"],
                challenge=take_challenge(request.session),
                site=site_of(request),
                network=network,
                user=user,
            )
        elif isinstance(form, ConfirmForm):
            password = form.cleaned_data["password"]
            identify(email=user.email, password=password, network=network, known=known)
        else:
            check_code(user=user, code=form.cleaned_data["code"], network=network, known=known)
    except (WrongSignIn, TooManySignIns, WrongCode, TooManyCodes, PasskeyRefused) as error:
        return error
    return None


def _ask(
    request: HttpRequest, user: User, form: Form, *, goal: str, refusal: DomainError | None
) -> HttpResponse:
    status = 422 if form.errors else 200
    if refusal:
        form.add_error(None, refusal.user_message)
        status = refusal.status
    asked = CodeForm() if isinstance(form, PasskeyForm) else form
    context = {
        "form": form,
        "asked": asked,
        "goal": goal,
        "is_confirming": request.user.is_authenticated,
        "is_recovery": isinstance(asked, RecoveryForm),
        "by_password": isinstance(asked, ConfirmForm),
        "has_app": CodeApp.objects.of(user).exists(),
        "by_passkey": offers_passkeys(request) and bool(passkeys_of(user)),
    }
    answer = render(request, "accounts/second_step.html", context, status=status)
    retry_after = getattr(refusal, "retry_after", 0)
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
