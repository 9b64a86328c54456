"""Signing in and out. The cart goes along, and is never merged unasked."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.factor_sessions import begin_half, end_half, note_fresh
from accounts.forms import SignInForm
from accounts.known_browsers import KNOWN_COOKIE, remember
from accounts.models import User
from accounts.signed_in import note_browser
from accounts.signing_in import TooManySignIns, WrongSignIn, identify
from orders.merging import bring_along
from orders.order_list import order_cards
from orders.views import carts_of_visitor, forget_cart
from payments.credit.balance import store_credit_of_customer
from shop.core.clients import network_of
from shop.pages.passkey_site import offers_passkeys

# Kept by a browser that has signed in, so that nobody else can use up its tries.
LATEST_ORDERS = 3
KNOWN_COOKIE_AGE = 365 * 24 * 3600


@never_cache
@require_safe
def show_account(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(f"{reverse('pages:sign_in')}?{urlencode({'next': request.path})}")
    context = {
        "carts": carts_of_visitor(request),
        "credits": store_credit_of_customer(request.user.pk),
        "latest": order_cards(customer_id=request.user.pk, size=LATEST_ORDERS).cards,
    }
    return render(request, "accounts/account.html", context)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    goal = goal_of(request, otherwise=reverse("pages:account"))
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(goal)
    form = SignInForm(request.POST or None)
    status, retry_after = (422 if form.errors else 200), 0
    if form.is_valid():
        try:
            user = identify(
                **form.cleaned_data,
                network=network_of(request.META),
                known=request.COOKIES.get(KNOWN_COOKIE, ""),
            )
        except (WrongSignIn, TooManySignIns) as error:
            form.add_error(None, error.user_message)
            status, retry_after = error.status, getattr(error, "retry_after", 0)
        else:
            return welcome(request, user, goal)
    context = {"form": form, "goal": goal, "has_passkeys": offers_passkeys(request)}
    answer = render(request, "accounts/sign_in.html", context, status=status)
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def show_form(
    request: HttpRequest,
    form: Form,
    *,
    title: str | Promise,
    text: str | Promise,
    button: str | Promise,
    status: int = 200,
) -> HttpResponse:
    """A page of one form; a link that came by mail is told to no other site."""
    context = {"form": form, "title": title, "text": text, "button": button}
    return render(request, "accounts/form.html", context, status=status)


def welcome(request: HttpRequest, user: User, goal: str) -> HttpResponse:
    """Whoever has shown password or mailbox is signed in, or asked for the second factor."""
    if user.factor_since is None:
        return let_in(request, user, goal)
    begin_half(request.session, user)
    return redirect(f"{reverse('pages:second_step')}?{urlencode({'next': goal})}")


def let_in(request: HttpRequest, user: User, goal: str) -> HttpResponse:
    """Sign in whoever has shown all that is asked for; the cart comes along."""
    device = carts_of_visitor(request).device
    end_half(request.session)
    login(request, user)
    note_fresh(request.session)
    note_browser(request.session, request.headers.get("User-Agent", ""))
    carts = bring_along(
        customer_id=user.pk,
        device_token=device.token if device else None,
        language=get_language() or settings.LANGUAGE_CODE,
    )
    if carts.must_choose:
        answer = redirect(f"{reverse('pages:choose_cart')}?{urlencode({'next': goal})}")
    else:
        answer = redirect(goal)
        forget_cart(answer)
    keep_known(request, answer, user)
    return answer


def keep_known(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    answer.set_cookie(
        KNOWN_COOKIE,
        remember(user, request.COOKIES.get(KNOWN_COOKIE, "")),
        max_age=KNOWN_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The account keeps its cart; what only this device has stays with it."""
    logout(request)
    return redirect("pages:home")


def goal_of(request: HttpRequest, *, otherwise: str) -> str:
    """Where to go on: a page of ours, whatever a forged link asks for."""
    given = request.POST.get("next") or request.GET.get("next", "")
    is_ours = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_ours else otherwise
