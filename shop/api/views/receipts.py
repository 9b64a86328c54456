"""The receipt of an order and its credit notes, as PDF."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from orders.order_page import OrderNotFound
from orders.receipt_views import credit_note_pdf_of, pdf_of
from orders.receipts.credit_note import CreditNoteNotFound
from orders.receipts.nota import NoReceiptYet
from shop.api.base import ApiView
from shop.api.openapi import LANGUAGE, ORDER_TOKEN, RETRY_AFTER, problems
from shop.api.views.orders import order_of


class PdfRenderer(BaseRenderer):
    """Says that the address answers with PDF; the file itself is written by `pdf_of`."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        del accepted_media_type, renderer_context
        return bytes(data)


class ReceiptView(ApiView):
    permission_classes = [AllowAny]
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(
        operation_id="get_receipt",
        tags=["orders"],
        summary="Download the receipt of a paid order",
        description=(
            "In the language of the order. It carries the invoice number as soon as that is given,"
            " some seconds after the payment, and the order's number until then."
        ),
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, "The receipt, A5.")
        }
        | problems(OrderNotFound, NoReceiptYet),
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        return pdf_of(order_of(request, number))


class CreditNoteView(ApiView):
    permission_classes = [AllowAny]
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(
        operation_id="get_credit_note",
        tags=["orders"],
        summary="Download a credit note of an order",
        description=(
            "One of `credit_notes` of the order, by its `position`; in the language of the order."
            " Until it has its number it says that this follows."
        ),
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, "The credit note, A5.")
        }
        | problems(OrderNotFound, CreditNoteNotFound),
    )
    def get(self, request: Request, number: str, position: int) -> HttpResponse:
        return credit_note_pdf_of(order_of(request, number), seq=position)
