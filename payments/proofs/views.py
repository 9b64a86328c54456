"""A customer sends what the bank says of a transfer. Known by the order's token."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.order_page import find_order
from payments.proofs.keeping import LIMITS, keep_from_customer
from payments.proofs.reading import ProofUnknown, read_proof
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.errors import DomainError


@never_cache
@require_POST
def send_proof(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    try:
        throttle.count("proofs", network=network_of(request.META), limits=LIMITS)
        file = request.FILES.get("proof")
        if file is None:
            raise ProofUnknown
        keep_from_customer(order=order, upload=read_proof(file))
    except DomainError as error:
        messages.error(request, error.user_message)
    else:
        text = _("Thank you, we have it. Your payment counts as soon as it is in our account.")
        messages.success(request, text)
    return redirect("payments:pay", token=token)
