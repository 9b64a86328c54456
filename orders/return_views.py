"""Returns, asked for behind an order's link."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from orders.models import Order, ReturnOutcome, ReturnReason
from orders.order_page import find_order
from orders.return_forms import ReturnForm
from orders.returns.exchanging import offers_for
from orders.returns.quantities import returnable
from orders.returns.requesting import cancel_return, request_return
from shop.core.errors import DomainError, InvalidTransition


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_return(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    left = returnable(order, at=timezone.now())
    lines = list(
        order.lines.filter(pk__in=left).order_by("pk").select_related("variant__product", "group")
    )
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        lines=lines,
        left=left,
        offers=offers_for(lines, order=order),
    )
    if form.is_valid() and _ask(order, form):
        messages.success(request, _("We have your request and answer it soon."))
        return redirect("orders:view_order", token=token)
    context = {"order": order, "form": form}
    return render(request, "orders/return_form.html", context, status=422 if form.errors else 200)


def _ask(order: Order, form: ReturnForm) -> bool:
    try:
        request_return(
            order_id=order.pk,
            wanted=form.wanted(),
            outcome=ReturnOutcome(form.cleaned_data["outcome"]),
            reason=ReturnReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"],
            public_id=form.cleaned_data["token"],
        )
    except DomainError as error:
        form.add_error(None, error.user_message)
        return False
    return True


@never_cache
@require_POST
def drop_return(request: HttpRequest, token: str, return_id: UUID) -> HttpResponse:
    order = find_order(token=token)
    try:
        cancel_return(order_id=order.pk, public_id=return_id)
    except InvalidTransition as error:
        messages.error(request, error.user_message)
    else:
        messages.success(request, _("Your return has ended; nothing needs to be sent."))
    return redirect("orders:view_order", token=token)
