"""Cart and order pages. What belongs to one visitor is never kept by a cache."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from catalog import picker
from catalog.catalogue import ProductPage, get_product
from orders import carts
from orders.cart_page import count_items, find_removed, quantity_of, show_cart
from orders.merging import bring_along
from orders.models import Cart
from orders.order_page import find_order, show_order
from orders.owners import CartKey, Carts, carts_of
from orders.promotions.coupons import remove_coupon, try_coupon
from shop.core.clients import network_of
from shop.core.errors import DomainError
from shop.core.origin import same_origin_only

CART_COOKIE = "cart"
CART_COOKIE_AGE = 90 * 24 * 3600


def carts_of_visitor(request: HttpRequest) -> Carts:
    return carts_of(device_token=_device_token(request), customer_id=request.user.pk)


def _device_token(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.COOKIES[CART_COOKIE])
    except (KeyError, ValueError):
        return None


def cart_of(request: HttpRequest) -> Cart | None:
    return carts_of_visitor(request).current


def cart_key_of(request: HttpRequest) -> CartKey | None:
    """No query for a guest."""
    if request.user.pk is None:
        token = _device_token(request)
        return CartKey(token, None) if token else None
    cart = cart_of(request)
    return CartKey(cart.token, cart.customer_id) if cart else None


def remember_cart(request: HttpRequest, response: HttpResponse, cart: Cart) -> None:
    """A guest's in the browser; that of somebody who is signed in goes to their account."""
    if cart.customer_id is None and request.user.pk:
        carts = bring_along(
            customer_id=request.user.pk,
            device_token=cart.token,
            language=get_language() or settings.LANGUAGE_CODE,
        )
        cart = carts.current or cart
    if cart.customer_id is not None:
        forget_cart(response)
        return
    response.set_cookie(
        CART_COOKIE,
        str(cart.token),
        max_age=CART_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget_cart(response: HttpResponse) -> None:
    response.delete_cookie(CART_COOKIE, samesite="Lax")


@csrf_exempt
@require_POST
@same_origin_only
def add_to_cart(request: HttpRequest) -> HttpResponse:
    product = get_product(
        language=get_language() or settings.LANGUAGE_CODE,
        slug=request.POST.get("product", ""),
        currency=settings.DEFAULT_CURRENCY,
    )
    choice = picker.read_choice(product, request.POST.dict())
    missing = picker.missing_options(product, choice)
    if missing:
        return _ask_again(product, choice, missing=missing[0].code)
    variant = picker.find_variant(product, choice)
    if variant is None or variant.available <= 0:
        return _ask_again(product, choice, problem="sold_out" if variant else "not_made")
    key = cart_key_of(request)
    try:
        cart = carts.add_to_cart(
            cart_token=key.token if key else None,
            customer_id=key.customer_id if key else None,
            variant_id=variant.public_id,
            quantity=_quantity(request, at_least=1),
        )
    except DomainError as error:
        return _ask_again(product, choice, problem=error.code)
    return _answer_added(request, cart, product)


def _answer_added(request: HttpRequest, cart: Cart, product: ProductPage) -> HttpResponse:
    buys_now = request.POST.get("then") == "checkout"
    response = redirect("pages:checkout" if buys_now else "orders:view_cart")
    remember_cart(request, response, cart)
    if not buys_now:
        messages.success(request, _("Added: %(name)s") % {"name": product.name})
    return response


def _ask_again(product: ProductPage, choice: dict[str, str], **problem: str) -> HttpResponse:
    """Back to the product with all that was chosen; what is wrong stands in the address too.

    So the product page needs neither cookie nor session to say it.
    """
    anchor = f"#option-{problem['missing']}" if "missing" in problem else "#buy"
    path = reverse("catalog:view_product", args=[product.slug])
    return HttpResponseRedirect(f"{path}?{urlencode(choice | problem)}{anchor}")


def _quantity(request: HttpRequest, *, at_least: int) -> int:
    typed = request.POST.get("quantity", "").strip()
    return max(int(typed), at_least) if typed.isdecimal() and len(typed) < 6 else 1


@never_cache
@require_safe
def view_cart(request: HttpRequest) -> HttpResponse:
    carts_found = carts_of_visitor(request)
    cart = carts_found.current
    language = get_language() or settings.LANGUAGE_CODE
    shown = show_cart(cart=cart, language=language) if cart else None
    removed = find_removed(request.GET, cart=cart, language=language) if cart else None
    context = {"cart": shown, "removed": removed, "must_choose": carts_found.must_choose}
    return render(request, "orders/cart.html", context)


@never_cache
@require_POST
def set_quantity(request: HttpRequest, variant_id: UUID) -> HttpResponse:
    """Change or remove a line. What was removed stands in the address, so that it can come back."""
    key = cart_key_of(request)
    wanted = _quantity(request, at_least=0)
    before = quantity_of(key, variant_id=variant_id) if key else 0
    try:
        if key:
            carts.set_quantity(
                cart_token=key.token,
                customer_id=key.customer_id,
                variant_id=variant_id,
                quantity=wanted,
            )
    except DomainError as error:
        messages.error(request, error.user_message)
        return redirect("orders:view_cart")
    address = reverse("orders:view_cart")
    undo = urlencode({"removed": variant_id, "quantity": before}) if before and not wanted else ""
    return redirect(f"{address}?{undo}" if undo else address)


@never_cache
@require_POST
def set_coupon(request: HttpRequest) -> HttpResponse:
    key = cart_key_of(request)
    try:
        if key and "remove" in request.POST:
            remove_coupon(cart_token=key.token, customer_id=key.customer_id)
        elif key:
            try_coupon(
                cart_token=key.token,
                customer_id=key.customer_id,
                code=request.POST.get("code", ""),
                network=network_of(request.META),
            )
    except DomainError as error:
        messages.error(request, error.user_message)
    return redirect(f"{reverse('orders:view_cart')}#coupon")


@never_cache
@require_safe
def cart_badge(request: HttpRequest) -> HttpResponse:
    key = cart_key_of(request)
    count = count_items(key) if key else 0
    return render(request, "orders/badge.html", {"count": count})


@never_cache
@require_safe
def view_order(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    return render(request, "orders/order.html", {"page": show_order(order), "order": order})
