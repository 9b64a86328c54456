"""The queue for last units that others have reserved: until when, a place in it, and one's turn."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import waiting as queue
from catalog.waiting import NothingReserved
from orders.carts import add_held
from orders.forms import WaitingForm
from orders.views import cart_key_of, remember_cart
from orders.waiting_page import QueuePage, show_queue, show_waiting
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
            return _answer_joined(request, page, form.cleaned_data)
        except (NothingReserved, Throttled) as error:
            form.add_error(None, error.user_message)
    context = {"page": page, "form": form, "is_asked": "asked" in request.GET}
    status = 422 if form.errors else 200
    return render(request, "orders/waiting_join.html", context, status=status)


def _answer_joined(
    request: HttpRequest, page: QueuePage, wanted: dict[str, Any]
) -> HttpResponseRedirect:
    """To the place of whoever is signed in; of any other address only its mailbox learns it."""
    user = request.user
    is_own = user.is_authenticated and user.email.lower() == wanted["email"].lower()
    queue.count_try(email=wanted["email"], network=network_of(request.META))
    place = queue.join(
        variant_id=page.variant_id,
        quantity=wanted["quantity"],
        email=wanted["email"],
        language=_language(),
        is_own=is_own,
    )
    if is_own:
        return redirect("orders:view_waiting", token=place.token)
    said = urlencode({"variant": page.variant_id, "asked": 1})
    return redirect(f"{reverse('orders:join_waiting')}?{said}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def view_waiting(request: HttpRequest, token: UUID) -> HttpResponse:
    """A place in the queue: how many are before it, or what is held and until when."""
    for word, act in (("leave", queue.leave), ("confirm", queue.confirm)):
        if word in request.POST:
            act(token=token)
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
