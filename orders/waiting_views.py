"""The queue for last units that others have reserved: until when, a place in it, and one's turn."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import waiting as queue
from catalog.waiting import AlreadyWaiting, NothingReserved
from orders.carts import add_held
from orders.forms import WaitingForm
from orders.views import cart_key_of, remember_cart
from orders.waiting_page import show_queue, show_waiting
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.errors import DomainError
from shop.core.throttle import Throttled


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_waiting(request: HttpRequest) -> HttpResponse:
    """How things stand with a variant, and the form for a place in its queue."""
    form = WaitingForm(request.POST or None, initial={"quantity": 1})
    given = request.POST if request.method == "POST" else request.GET
    page = show_queue(variant_id=given.get("variant", ""), language=_language())
    if form.is_valid():
        try:
            throttle.count("waiting", network=network_of(request.META), limits=queue.LIMITS)
            place = queue.join(
                variant_id=page.variant_id,
                quantity=form.cleaned_data["quantity"],
                email=form.cleaned_data["email"],
                language=_language(),
            )
        except (AlreadyWaiting, NothingReserved, Throttled) as error:
            form.add_error(None, error.user_message)
        else:
            return redirect("orders:view_waiting", token=place.token)
    status = 422 if form.errors else 200
    return render(request, "orders/waiting_join.html", {"page": page, "form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def view_waiting(request: HttpRequest, token: UUID) -> HttpResponse:
    """A place in the queue: how many are before it, or what is held and until when."""
    if "leave" in request.POST:
        queue.leave(token=token)
        return redirect("orders:view_waiting", token=token)
    if request.method == "POST":
        key = cart_key_of(request)
        try:
            cart = add_held(
                cart_token=key.token if key else None,
                customer_id=key.customer_id if key else None,
                waiting_token=token,
            )
        except DomainError as error:
            messages.error(request, error.user_message)
            return redirect("orders:view_waiting", token=token)
        answer = redirect("pages:checkout")
        remember_cart(request, answer, cart)
        return answer
    return render(
        request,
        "orders/waiting.html",
        {"page": show_waiting(token=token, language=_language())},
    )
