"""The nota of an order, as a page to print and as a PDF, in the order's language."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.models import Order
from orders.order_page import find_order
from orders.receipts.nota import NoReceiptYet, nota_of
from orders.receipts.pdf import write_pdf


@never_cache
@require_safe
def view_nota(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    with translation.override(order.language):
        try:
            nota = nota_of(order)
        except NoReceiptYet:
            return redirect("orders:view_order", token=token)
        return render(request, "orders/nota.html", {"nota": nota, "order": order})


@never_cache
@require_safe
def download_nota(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    try:
        return pdf_of(order)
    except NoReceiptYet:
        return redirect("orders:view_order", token=token)


def pdf_of(order: Order) -> HttpResponse:
    """Raises NoReceiptYet."""
    with translation.override(order.language):
        content = write_pdf(nota_of(order))
    name = f'inline; filename="nota-{order.number}.pdf"'
    headers = {"Content-Disposition": name, "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
