"""Pages on which a customer takes over orders that were placed before the account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from orders.claiming import ClaimInvalid, ask_to_claim, claim
from shop.core.throttle import Throttled


def _user(request: HttpRequest) -> User:
    """Behind `login_required`."""
    if request.user.is_anonymous:
        raise PermissionError
    return request.user


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_claim(request: HttpRequest) -> HttpResponse:
    """One button; the answer is the same whether there are such orders or not."""
    user = _user(request)
    if request.method == "POST":
        try:
            ask_to_claim(user=user)
        except Throttled as error:
            messages.error(request, error.user_message)
        else:
            text = _("If there are orders with this e-mail, we have sent a link to it.")
            messages.success(request, text)
        return redirect("orders:ask_claim")
    return render(request, "orders/claim_ask.html", {"email": user.email})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim_orders(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, since mail programs open links too; its button does."""
    if request.method != "POST":
        return render(request, "orders/claim.html", {"email": _user(request).email})
    try:
        orders = claim(token=token, user=_user(request))
    except ClaimInvalid as error:
        messages.error(request, error.user_message)
        return redirect("orders:ask_claim")
    text = ngettext(
        "%(count)s order now belongs to your account.",
        "%(count)s orders now belong to your account.",
        len(orders),
    )
    messages.success(request, text % {"count": len(orders)})
    return redirect("orders:ask_claim")
