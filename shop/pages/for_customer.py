"""Staff make an order for somebody who called or wrote: one page, the total with every step."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.admin.product_pages import user_of
from orders.address_choice import AddressChoice
from orders.carts import CartNotFound, get_cart, new_cart, set_quantity
from orders.checkout import ByStaff
from orders.models import Cart
from orders.promotions.coupons import remove_coupon, set_coupon
from orders.variant_search import MOST_FOUND, search_variants
from payments.checkout import Placed
from payments.for_customers import place_for_customer
from shop.core.errors import DomainError
from shop.core.idempotency import RequestKey, hash_request
from shop.core.money import Money
from shop.pages.checkout_page import CheckoutPage
from shop.pages.for_customer_forms import ForCustomerForm

QUANTITY = "quantity-"
EXCEED = "orders.exceed_open_orders"


@dataclass(slots=True)
class Desk:
    """What lies on the desk: the cart that staff fill, the address so far, and what they typed."""

    cart: Cart | None
    choice: AddressChoice
    given: Mapping[str, str]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Desk":
        return cls(_cart(given.get("cart", "")), AddressChoice.of(given), given)

    def page(self) -> CheckoutPage | None:
        if self.cart is None:
            return None
        self.cart = get_cart(token=self.cart.token)
        return CheckoutPage.of(
            self.cart, self.given, destination=self.choice.destination, language=_language()
        )


def _cart(token: str) -> Cart | None:
    try:
        return get_cart(token=UUID(token))
    except (ValueError, CartNotFound):
        return None


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@require_http_methods(["GET", "HEAD", "POST"])
def order_for_customer(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("orders.add_order"):
        raise PermissionDenied
    desk = Desk.of(request.POST.dict())
    refusals = _change_cart(desk) if request.method == "POST" else []
    if "place" not in request.POST or refusals:
        form = _form(request, desk, initial=request.POST.dict())
        return _answer(request, desk, form, refusals)
    form = _form(request, desk, data=request.POST)
    if not form.is_valid() or form.cleaned_data["expected_total"] is None or desk.cart is None:
        if form.is_valid():
            form.add_error(None, _("Check goods, courier and total, then make the order."))
        return _answer(request, desk, form, status=422)
    try:
        placed = _place(request, desk, form)
    except DomainError as error:
        return _answer_refusal(request, desk, error)
    messages.success(request, _("The order is made. Send the customer the payment link below."))
    return redirect("admin:orders_order_change", placed.order.pk)


def _change_cart(desk: Desk) -> list[str]:
    """What was pressed and typed, as far as it can be; returns why some of it cannot."""
    refusals = []
    for variant_id, quantity in _wanted(desk):
        try:
            desk.cart = desk.cart or new_cart()
            set_quantity(cart_token=desk.cart.token, variant_id=variant_id, quantity=quantity)
        except DomainError as error:
            refusals.append(error.user_message)
    if desk.cart and "use_code" in desk.given:
        code = desk.given.get("code", "")
        try:
            if code.strip():
                set_coupon(cart_token=desk.cart.token, code=code)
            else:
                remove_coupon(cart_token=desk.cart.token)
        except DomainError as error:
            refusals.append(error.user_message)
    return refusals


def _wanted(desk: Desk) -> list[tuple[UUID, int]]:
    """Quantities that differ from the cart's, and one of what was just added."""
    lines = desk.cart.lines.select_related("variant") if desk.cart else ()
    kept = {line.variant.public_id: line.quantity for line in lines}
    wanted = []
    for variant_id, quantity in kept.items():
        typed = desk.given.get(f"{QUANTITY}{variant_id}", "").strip()
        if typed.isdecimal() and int(typed[:4]) != quantity:
            wanted.append((variant_id, int(typed[:4])))
    try:
        added = UUID(desk.given.get("add", ""))
    except ValueError:
        return wanted
    return wanted if added in kept else [*wanted, (added, 1)]


def _form(
    request: HttpRequest,
    desk: Desk,
    *,
    data: QueryDict | None = None,
    initial: dict[str, Any] | None = None,
) -> ForCustomerForm:
    may_exceed = request.user.has_perm(EXCEED)
    return ForCustomerForm(data, choice=desk.choice, may_exceed=may_exceed, initial=initial)


def _place(request: HttpRequest, desk: Desk, form: ForCustomerForm) -> Placed:
    page = desk.page()
    if page is None or desk.cart is None:
        raise CartNotFound
    said = form.cleaned_data
    return place_for_customer(
        request=RequestKey(
            scope=f"for-customer:{user_of(request)}",
            key=str(said["form_token"]),
            request_hash=hash_request(sorted(request.POST.items())),
        ),
        cart_token=desk.cart.token,
        contact=form.contact(),
        address=form.address(),
        shipping=page.shipping_choice(),
        expected_total=Money(said["expected_total"], desk.cart.currency),
        language=said["language"],
        by_staff=ByStaff(
            user_of(request), exceeds_open_orders=said.get("exceeds_open_orders", False)
        ),
        window=form.window(),
        sends_mail=said["sends_mail"],
    )


def _answer(
    request: HttpRequest,
    desk: Desk,
    form: ForCustomerForm,
    refusals: list[str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    query = desk.given.get("q", "")
    is_searched = bool(query.strip()) and ("look" in desk.given or "add" in desk.given)
    currency = desk.cart.currency if desk.cart else settings.DEFAULT_CURRENCY
    page = desk.page()
    context = {
        **admin.site.each_context(request),
        "title": _("New order for a customer"),
        "form": form,
        "page": page,
        "cart": desk.cart,
        "refusals": refusals or [],
        "q": query,
        "is_searched": is_searched,
        "most_found": MOST_FOUND,
        "found": search_variants(query, currency=currency, language=_language())
        if is_searched
        else [],
    }
    template = "admin/orders/order/for_customer.html"
    return TemplateResponse(request, template, context, status=status)


def _answer_refusal(request: HttpRequest, desk: Desk, error: DomainError) -> HttpResponse:
    """The page again with all that was typed, at today's stock and prices."""
    data = request.POST.copy()
    data["form_token"] = str(uuid.uuid4())
    form = _form(request, desk, data=data)
    form.add_error(None, error.user_message)
    return _answer(request, desk, form, status=error.status)
