"""The wishlist of whoever has its cookie. What belongs to one visitor is kept by no cache."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from catalog import wishlists
from catalog.models import Wishlist
from catalog.wishlist_page import kept_slugs, show_wishlist
from catalog.wishlists import KEPT_FOR, LIMITS, MAX_LINES, WishlistNotFound
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.errors import DomainError
from shop.core.origin import same_origin_only
from shop.core.throttle import Throttled

WISHLIST_COOKIE = "wishlist"
WISHLIST_COOKIE_AGE = KEPT_FOR


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def wishlist_token_of(request: HttpRequest) -> UUID | None:
    token = request.get_signed_cookie(WISHLIST_COOKIE, default=None, salt=WISHLIST_COOKIE)
    return UUID(token) if token else None


def wishlist_of(request: HttpRequest) -> Wishlist | None:
    token = wishlist_token_of(request)
    return Wishlist.objects.filter(token=token).first() if token else None


def remember_wishlist(response: HttpResponse, wishlist: Wishlist) -> None:
    response.set_signed_cookie(
        WISHLIST_COOKIE,
        str(wishlist.token),
        salt=WISHLIST_COOKIE,
        max_age=WISHLIST_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@never_cache
@require_safe
def view_wishlist(request: HttpRequest) -> HttpResponse:
    wishlist = wishlist_of(request)
    lines = (
        show_wishlist(wishlist=wishlist, language=_language(), currency=settings.DEFAULT_CURRENCY)
        if wishlist
        else []
    )
    return render(request, "catalog/wishlist.html", {"lines": lines, "limit": MAX_LINES})


@csrf_exempt
@never_cache
@require_POST
@same_origin_only
def change_wishlist(request: HttpRequest) -> HttpResponse:
    """Keep or drop a product: for a page by a redirect, for its script by the new badge."""
    is_script = request.headers.get("X-Requested-With") == "fetch"
    try:
        wishlist = _change(request)
    except DomainError as error:
        messages.error(request, error.user_message)
        return _refused(error) if is_script else _to_wishlist()
    if is_script:
        response = _badge(request, wishlist.token if wishlist else None)
    else:
        kept, dropped = _("It is on your wishlist now."), _("It is off your wishlist.")
        messages.success(request, kept if "keep" in request.POST else dropped)
        response = _to_wishlist()
    if wishlist:
        remember_wishlist(response, wishlist)
    return response


def _refused(error: DomainError) -> HttpResponse:
    """The script then opens the wishlist, where the message stands."""
    response = HttpResponse(status=error.status)
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _change(request: HttpRequest) -> Wishlist | None:
    wishlist, language = wishlist_of(request), _language()
    token = wishlist.token if wishlist else None
    if "keep" in request.POST:
        if token is None:
            throttle.count("wishlists", network=network_of(request.META), limits=LIMITS)
        return wishlists.keep(
            token=token,
            slug=request.POST["keep"],
            language=language,
            currency=settings.DEFAULT_CURRENCY,
        )
    try:
        slug = request.POST.get("drop", "").replace("\x00", "")
        return wishlists.drop(token=token, slug=slug, language=language) if token else None
    except WishlistNotFound:
        # Then the product is not on it either.
        return None


def _to_wishlist() -> HttpResponse:
    return redirect("catalog:view_wishlist")


@never_cache
@require_safe
def wishlist_badge(request: HttpRequest) -> HttpResponse:
    """How many products are kept, and which, for the hearts of a page that knows no visitor."""
    return _badge(request, wishlist_token_of(request))


def _badge(request: HttpRequest, token: UUID | None) -> HttpResponse:
    slugs = kept_slugs(token=token, language=_language()) if token else []
    return render(request, "catalog/wishlist_badge.html", {"slugs": slugs})
