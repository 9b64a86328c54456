"""The pages on which a placed order is paid. Known by the order's token, kept by nobody."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orders.order_page import find_order
from payments import checkout
from payments.cancelling import cancel_by_customer
from payments.forms import MethodForm
from payments.gateways.methods import MethodSpec
from payments.pay_page import PayPage, Stage, show_payment
from payments.polling import nudge
from shop.core.errors import DomainError
from shop.core.qr import qr_png


@never_cache
@require_safe
def pay(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    page = show_payment(order)
    if page.stage == Stage.PAID:
        return redirect("orders:view_order", token=token)
    return _answer(request, page, _form(page))


@never_cache
@require_safe
def pay_status(request: HttpRequest, token: str) -> HttpResponse:
    """204 while all is as the page shows it; else the page is told to load itself anew."""
    page = show_payment(find_order(token=token))
    if request.GET.get("seen") == page.stage:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Refresh": "true"})


@never_cache
@require_safe
def pay_qr(request: HttpRequest, token: str) -> HttpResponse:
    """The code to scan, as a picture that can be saved and sent to another phone."""
    code = show_payment(find_order(token=token)).qr_string
    if not code:
        raise Http404
    return HttpResponse(qr_png(code), content_type="image/png")


@never_cache
@require_POST
def check_payment(request: HttpRequest, token: str) -> HttpResponse:
    nudge(find_order(token=token))
    return redirect(reverse("payments:pay", args=[token]) + "?returned=1")


@never_cache
@require_POST
def pay_again(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    form = _form(show_payment(order), request)
    if not form.is_valid():
        return _answer(request, show_payment(order), form, status=422)
    try:
        checkout.pay_again(order=order, method=form.cleaned_data["method"], details=form.details())
    except checkout.PaymentClosed:
        return redirect("payments:pay", token=token)
    except DomainError as error:
        form.add_error(None, error.user_message)
        return _answer(request, show_payment(order), form, status=error.status)
    return redirect("payments:pay", token=token)


@never_cache
@require_POST
def cancel_order(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    try:
        cancel_by_customer(order_id=order.pk, seen_paid="paid" in request.POST)
    except DomainError as error:
        messages.error(request, error.user_message)
    return redirect("orders:view_order", token=token)


def _offered(page: PayPage) -> list[MethodSpec]:
    return checkout.offer_again(order=page.order, rest=page.to_pay)


def _form(page: PayPage, request: HttpRequest | None = None) -> MethodForm:
    contact = getattr(page.order, "contact", None)
    methods = [(one.code, str(one.name)) for one in _offered(page)]
    return MethodForm(
        request.POST if request else None, methods=methods, phone=contact.phone if contact else ""
    )


def _answer(
    request: HttpRequest, page: PayPage, form: MethodForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "page": page,
        "order": page.order,
        "form": form,
        "methods": _offered(page),
        # From the gateway's page, or by saying so. Whether there is money, the gateway says.
        "has_returned": "returned" in request.GET,
        "chosen_method": form["method"].value(),
    }
    return render(request, "payments/pay.html", context, status=status)
