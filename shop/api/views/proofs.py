"""A customer shows that a transfer by hand was made."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Order
from orders.order_page import OrderNotFound
from payments.proofs.keeping import (
    LIMITS,
    MOST_OF_ORDER,
    NothingAwaited,
    ProofNotStored,
    TooManyProofs,
    awaits_proof,
    keep_from_customer,
    proofs_of,
)
from payments.proofs.reading import ProofTooHeavy, ProofUnknown, read_proof
from shop.api.base import ApiView, read, shown
from shop.api.openapi import LANGUAGE, ORDER_TOKEN, RETRY_AFTER, problems
from shop.api.parsers import ProofParser
from shop.api.serializers.proofs import ProofBody, ProofListShape
from shop.api.views.orders import order_of
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.throttle import Throttled


class ProofListView(ApiView):
    permission_classes = [AllowAny]
    parser_classes = [ProofParser]

    @extend_schema(
        operation_id="list_transfer_proofs",
        tags=["orders"],
        summary="List the files that were sent to show a transfer",
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={200: ProofListShape} | problems(OrderNotFound),
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(describe_proofs(order_of(request, number)))

    @extend_schema(
        operation_id="send_transfer_proof",
        tags=["orders"],
        summary="Show that a transfer by hand was made",
        description=(
            "While a `bca_transfer` of the order is awaited. Nothing follows from a file by itself:"
            " the payment counts once the money is in the account. The same file sent again is kept"
            " once and answered like the first time, so that no `Idempotency-Key` is needed. Only"
            " staff see it; it is deleted some time after the order."
        ),
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        request={"multipart/form-data": ProofBody},
        responses={201: ProofListShape}
        | problems(
            *(OrderNotFound, NothingAwaited, TooManyProofs, ProofTooHeavy, ProofUnknown),
            *(ProofNotStored, Throttled),
            has_body=True,
        ),
    )
    def post(self, request: Request, number: str) -> Response:
        order = order_of(request, number)
        throttle.count("proofs", network=network_of(request.META), limits=LIMITS)
        upload = read_proof(read(ProofBody, request.data)["proof"])
        keep_from_customer(order=order, upload=upload)
        return Response(describe_proofs(order), status=201)


def describe_proofs(order: Order) -> dict[str, Any]:
    """Two queries."""
    facts = {
        "results": list(proofs_of(order)),
        "is_awaited": awaits_proof(order),
        "most": MOST_OF_ORDER,
    }
    return shown(ProofListShape, facts)
