"""The checkout: one page, four sections, guest first."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orders.address_choice import AddressChoice
from orders.checkout import CartChanged, PriceChanged
from orders.forms import CheckoutForm
from orders.models import Cart
from orders.regions.choosing import FIND, SHOW
from orders.shipping.allowance import asked_from
from orders.views import cart_of, carts_of_visitor
from payments.checkout import Placed, find_placed, offer_methods, place_and_pay
from payments.cod.risk import Purchase
from payments.gateways.methods import MethodSpec
from shop.core.clients import network_of
from shop.core.errors import DomainError
from shop.core.idempotency import KeyReused, RequestKey, hash_request
from shop.core.money import Money
from shop.pages.checkout_address import USE, KnownAddresses
from shop.pages.checkout_credit import CreditPart
from shop.pages.checkout_page import CheckoutPage

NO_COURIER_YET = _("Check courier and total, then send the order.")


# Buttons that only show the page anew, with more on it.
SHOW_ONLY = ("quote", FIND, SHOW, USE)


@sensitive_post_parameters("gift_card")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    carts = carts_of_visitor(request)
    cart = carts.current
    repeat = _repeated(request, cart) if cart else None
    if repeat is not None:
        return redirect("payments:pay", token=repeat.order.token)
    if carts.must_choose and request.method != "POST":
        return redirect(f"{reverse('pages:choose_cart')}?{urlencode({'next': request.path})}")
    known = KnownAddresses(request)
    given = known.filled_in()
    choice = AddressChoice.of(given)
    page = _page(request, cart, choice, given) if cart else None
    if cart is None or page is None or page.cart.is_empty:
        return redirect("orders:view_cart")
    credit = CreditPart.of(request, cart, page)
    if request.method != "POST" or any(name in request.POST for name in SHOW_ONLY):
        form = _form(page, credit, choice, initial=given)
        return _answer(request, page, credit, form, known)
    form = _form(page, credit, choice, data=request.POST)
    if form.is_valid():
        _check_shown(page, credit, form)
    if not form.is_valid():
        _say_what_changed(page, form)
        return _answer(request, page, credit, form, known, status=422)
    try:
        with asked_from(network_of(request.META)):
            placed = _place(request, cart, page, credit, form)
    except DomainError as error:
        return _answer_refusal(request, cart, known, error)
    known.keep_of(form)
    return redirect("payments:pay", token=placed.order.token)


@never_cache
@require_POST
def shipping_options(request: HttpRequest) -> HttpResponse:
    """The couriers for the address as it is now, or only the totals for the courier just chosen."""
    cart = cart_of(request)
    if cart is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    choice = AddressChoice.of(request.POST.dict())
    page = _page(request, cart, choice, request.POST.dict())
    credit = CreditPart.of(request, cart, page)
    context = {"page": page, "credit": credit, "part": request.GET.get("part")}
    return render(request, "pages/checkout/shipping_options.html", context)


def _page(
    request: HttpRequest, cart: Cart, choice: AddressChoice, given: dict[str, str]
) -> CheckoutPage:
    with asked_from(network_of(request.META)):
        return CheckoutPage.of(
            cart,
            given,
            destination=choice.destination,
            language=get_language() or settings.LANGUAGE_CODE,
        )


def _form(
    page: CheckoutPage,
    credit: CreditPart,
    choice: AddressChoice,
    *,
    data: QueryDict | None = None,
    initial: dict[str, Any] | None = None,
) -> CheckoutForm:
    methods = [(method.code, str(method.name)) for method in _methods(page, credit)]
    is_free = page.is_quoted and not credit.rest.minor
    return CheckoutForm(data, choice=choice, methods=methods, is_free=is_free, initial=initial)


def _check_shown(page: CheckoutPage, credit: CreditPart, form: CheckoutForm) -> None:
    """Before pressing the button the customer has seen couriers, a total, and what pays it."""
    if not page.is_quoted or form.cleaned_data["expected_total"] is None:
        form.add_error(None, page.refusal or NO_COURIER_YET)
    if credit.refusal:
        form.add_error(None, credit.refusal)


def _methods(page: CheckoutPage, credit: CreditPart) -> list[MethodSpec]:
    """Those for the purchase as far as it is known; placement decides."""
    purchase = Purchase(
        total=page.total,
        is_part_paid=credit.rest != page.total,
        parcels=len(page.groups),
        country=page.destination.country if page.destination else "",
        province=page.destination.province if page.destination else "",
        couriers=[group.chosen.courier for group in page.groups],
        buyer=page.buyer,
    )
    return offer_methods(total=credit.rest, purchase=purchase)


def _say_what_changed(page: CheckoutPage, form: CheckoutForm) -> None:
    """The page shows today's goods and total: what is confirmed next is not what was seen."""
    goods, total = form.cleaned_data.get("goods"), form.cleaned_data.get("expected_total")
    if goods and goods != page.priced.version:
        form.add_error(None, CartChanged.message)
    elif page.is_quoted and total is not None and total != page.total.minor:
        form.add_error(None, PriceChanged(page.total).user_message)


def _key(request: HttpRequest, cart: Cart) -> RequestKey:
    return RequestKey(
        scope=f"checkout:{cart.token}",
        # The database keeps no NUL; the form refuses such a token afterwards.
        key=request.POST.get("form_token", "").replace("\x00", ""),
        # What was posted, and not what is shown now: a repeat is the same form, whatever moved.
        request_hash=hash_request(sorted(request.POST.items())),
    )


def _repeated(request: HttpRequest, cart: Cart) -> Placed | None:
    """The order that this very form has made: its cart may be empty by now, since it was paid."""
    try:
        return find_placed(_key(request, cart)) if request.method == "POST" else None
    except KeyReused:
        # Another form under the same token is refused where it is placed, with all its inputs.
        return None


def _place(
    request: HttpRequest, cart: Cart, page: CheckoutPage, credit: CreditPart, form: CheckoutForm
) -> Placed:
    return place_and_pay(
        cart_token=cart.token,
        customer_id=cart.customer_id,
        contact=form.contact(),
        address=form.address(),
        shipping=page.shipping_choice(),
        method=form.cleaned_data["method"],
        details=form.payment_details(),
        expected_total=Money(form.cleaned_data["expected_total"], cart.currency),
        expected_goods=form.cleaned_data["goods"],
        language=get_language() or settings.LANGUAGE_CODE,
        request=_key(request, cart),
        credit=credit.wish,
    )


def _answer(
    request: HttpRequest,
    page: CheckoutPage,
    credit: CreditPart,
    form: CheckoutForm,
    known: KnownAddresses,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": page,
        "credit": credit,
        "form": form,
        "known": known,
        "methods": _methods(page, credit),
        "chosen_method": form["method"].value(),
    }
    return render(request, "pages/checkout/page.html", context, status=status)


def _answer_refusal(
    request: HttpRequest, cart: Cart, known: KnownAddresses, error: DomainError
) -> HttpResponse:
    """The page again, with today's stock and prices, all that was typed, and a fresh form token."""
    data = request.POST.copy()
    data["form_token"] = str(uuid.uuid4())
    choice = AddressChoice.of(request.POST.dict())
    page = _page(request, cart, choice, request.POST.dict())
    credit = CreditPart.of(request, cart, page)
    form = _form(page, credit, choice, data=data)
    form.add_error(None, error.user_message)
    return _answer(request, page, credit, form, known, status=error.status)
