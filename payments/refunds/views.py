"""The page on which a customer sees money come back, and says where it is to be transferred to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.order_page import find_order
from payments.refunds.accounts import account_of, awaits_transfer, name_account
from payments.refunds.forms import BANKS, AccountForm
from payments.refunds.page import refund_rows
from shop.core.errors import DomainError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def money_back(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    form = AccountForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            name_account(order_id=order.pk, account=form.account)
        except DomainError as error:
            messages.error(request, error.user_message)
        else:
            messages.success(request, _("Thank you. We transfer the money to this account."))
        return redirect("payments:money_back", token=token)
    context = {
        "order": order,
        "refunds": refund_rows(order),
        "account": account_of(order),
        "form": form if awaits_transfer(order) else None,
        "banks": BANKS,
    }
    return render(request, "payments/money_back.html", context, status=422 if form.errors else 200)
