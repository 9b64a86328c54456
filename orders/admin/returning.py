"""A return that staff ask for on behalf of a customer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.admin.product_pages import user_of
from orders.models import Order, ReturnOutcome, ReturnReason
from orders.return_forms import ReturnForm
from orders.returns.exchanging import offers_for
from orders.returns.quantities import returnable
from orders.returns.requesting import request_return
from shop.core.errors import DomainError


def ask_for_customer(request: HttpRequest, order: Order, context: dict[str, Any]) -> HttpResponse:
    """The form and its answer; the form sent twice is one return."""
    left = returnable(order, at=timezone.now(), by_staff=True)
    lines = list(
        order.lines.filter(pk__in=left).order_by("pk").select_related("variant__product", "group")
    )
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        lines=lines,
        left=left,
        offers=offers_for(lines, order=order),
    )
    if form.is_valid() and _ask(order, form, user_id=user_of(request)):
        messages.success(request, _("The return is asked for. Approve it next."))
        return redirect("admin:orders_order_change", order.pk)
    shown = context | {"title": _("Return for the customer"), "order": order, "form": form}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/orders/order/ask_return.html", shown, status=status)


def _ask(order: Order, form: ReturnForm, *, user_id: int) -> bool:
    try:
        request_return(
            order_id=order.pk,
            wanted=form.wanted(),
            outcome=ReturnOutcome(form.cleaned_data["outcome"]),
            reason=ReturnReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"],
            public_id=form.cleaned_data["token"],
            staff_id=user_id,
        )
    except DomainError as error:
        form.add_error(None, error.user_message)
        return False
    return True
