"""Nota and credit notes of an order, as pages to print and as PDF, in the order's language."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.models import Order
from orders.order_page import find_order
from orders.receipts.credit_note import credit_note_of
from orders.receipts.credit_note_pdf import write_credit_note
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
        return render(request, "orders/nota.html", {"paper": nota, "order": order})


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
    return _file(content, f"nota-{order.number}.pdf")


@never_cache
@require_safe
def view_credit_note(request: HttpRequest, token: str, seq: int) -> HttpResponse:
    order = find_order(token=token)
    with translation.override(order.language):
        note = credit_note_of(order, seq=seq)
        return render(request, "orders/credit_note.html", {"paper": note, "order": order})


@never_cache
@require_safe
def download_credit_note(request: HttpRequest, token: str, seq: int) -> HttpResponse:
    return credit_note_pdf_of(find_order(token=token), seq=seq)


def credit_note_pdf_of(order: Order, *, seq: int) -> HttpResponse:
    """`seq` counts from 1. Raises CreditNoteNotFound."""
    with translation.override(order.language):
        content = write_credit_note(credit_note_of(order, seq=seq))
    return _file(content, f"credit-note-{order.number}-{seq}.pdf")


def _file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
