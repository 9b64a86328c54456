"""What is left on a gift card: asked with its code, which stands in no address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from payments.credit.balance import balance_of
from payments.credit.forms import BalanceForm
from shop.core.clients import network_of
from shop.core.errors import DomainError


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def gift_card(request: HttpRequest) -> HttpResponse:
    form = BalanceForm(request.POST or None)
    card, status, retry_after = None, 422 if form.errors else 200, 0
    if form.is_valid():
        try:
            card = balance_of(form.cleaned_data["code"], network=network_of(request.META))
        except DomainError as error:
            form.add_error("code", error.user_message)
            status, retry_after = error.status, getattr(error, "retry_after", 0)
    answer = render(request, "payments/gift_card.html", {"form": form, "card": card}, status=status)
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
