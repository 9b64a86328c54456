"""The orders of who is signed in, and having the same once more."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orders.models import Order
from orders.order_list import order_cards
from orders.reordering import reorder
from orders.views import cart_key_of, remember_cart

PER_PAGE = 10
LONGEST_NUMBER = 18


@never_cache
@login_required
@require_safe
def list_orders(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("after", "")
    is_number = typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_NUMBER
    page = order_cards(
        customer_id=request.user.pk or 0,
        after_pk=int(typed) if is_number else None,
        size=PER_PAGE,
    )
    return render(request, "accounts/orders.html", {"page": page})


@never_cache
@login_required
@require_POST
def order_again(request: HttpRequest, number: str) -> HttpResponse:
    """What the order had goes beside what is in the cart; what does not is named."""
    order = get_object_or_404(Order, number=number, customer=request.user.pk)
    done = reorder(order=order, key=cart_key_of(request))
    answer = redirect("orders:view_cart")
    if done.cart:
        remember_cart(request, answer, done.cart)
        text = ngettext(
            "%(units)s unit of order %(number)s is in the cart.",
            "%(units)s units of order %(number)s are in the cart.",
            done.units,
        )
        messages.success(request, text % {"units": done.units, "number": order.number})
    for each in done.left_out:
        words = {"name": each.name, "reason": each.reason}
        messages.warning(request, _("%(name)s: %(reason)s") % words)
    return answer
