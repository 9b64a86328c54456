"""What a customer does with a placed order: cancel it, return what it brought."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders.calling_off import BeingPacked
from orders.models import Order, ReturnOutcome, ReturnReason
from orders.order_page import OrderNotFound, show_order
from orders.returns.exchanging import ExchangeNotOffered
from orders.returns.quantities import returnable
from orders.returns.requesting import (
    NothingToReturn,
    NotReturnable,
    ReturnNotFound,
    Wanted,
    cancel_return,
    request_return,
)
from orders.reviews.buyers import NotBought
from payments.cancelling import PaidAlready, cancel_by_customer
from shop.api import order_life_examples as examples
from shop.api.base import ApiView, read, shown
from shop.api.errors import IdempotencyKeyInvalid
from shop.api.openapi import (
    IDEMPOTENCY_KEY_IF_ANY,
    LANGUAGE,
    ORDER_TOKEN,
    RETRY_AFTER,
    problems,
)
from shop.api.order_answers import describe_order
from shop.api.repeats import key_of
from shop.api.review_repeats import written_once
from shop.api.serializers.orders import CancelBody, OrderShape
from shop.api.serializers.returns import ReturnBody, ReturnShape
from shop.api.views.orders import order_of
from shop.core.errors import InvalidTransition
from shop.core.idempotency import KeyReused, StillWorking


class OrderCancelView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="cancel_order",
        tags=["orders"],
        summary="Cancel an order that nobody has begun to pack",
        description=(
            "Its goods become free; the cart stays. The payment of an unpaid one is stopped, and"
            " money that arrives all the same is booked and answered; what was paid goes back."
            " An order that is paid is cancelled only for who says to know that (`is_paid`)."
            " Cancelling again changes nothing."
        ),
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        request=CancelBody,
        responses={200: OrderShape}
        | problems(OrderNotFound, PaidAlready, BeingPacked, has_body=True),
    )
    def post(self, request: Request, number: str) -> Response:
        seen = read(CancelBody, request.data)
        order = order_of(request, number)
        cancel_by_customer(order_id=order.pk, seen_paid=seen["is_paid"])
        order.refresh_from_db()
        return Response(describe_order(order))


class OrderReturnListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="request_return",
        tags=["orders"],
        summary="Ask to return or exchange what has arrived",
        description=(
            "While `can_return` of the order says so. The shop answers first: send nothing before"
            " its `state` is `approved`. An exchange is for the same product at the same price and"
            " free of charge."
        ),
        parameters=[ORDER_TOKEN, IDEMPOTENCY_KEY_IF_ANY, LANGUAGE, RETRY_AFTER],
        request=ReturnBody,
        responses={201: ReturnShape}
        | problems(
            *(IdempotencyKeyInvalid, KeyReused, StillWorking, OrderNotFound),
            *(NotBought, NothingToReturn, NotReturnable, ExchangeNotOffered),
            has_body=True,
            examples=[examples.NOT_RETURNABLE],
        ),
        examples=[examples.RETURN, examples.REQUESTED],
    )
    def post(self, request: Request, number: str) -> Response:
        order = order_of(request, number)
        body = read(ReturnBody, request.data)
        key = key_of(request, scope=f"api:returns:{order.number}")
        answer = written_once(key, lambda: ask(order, body)) if key else ask(order, body)
        return Response(answer, status=201)


def ask(order: Order, body: dict[str, Any]) -> dict[str, Any]:
    goods_return = request_return(
        order_id=order.pk,
        wanted=_wanted(order, body["lines"]),
        outcome=ReturnOutcome(body["outcome"]),
        reason=ReturnReason(body["reason"]),
        note=body["note"],
    )
    return _described(order, goods_return.public_id)


def _described(order: Order, public_id: UUID) -> dict[str, Any]:
    for view in show_order(order).returns:
        if view.goods_return.public_id == public_id:
            return shown(ReturnShape, view)
    raise ReturnNotFound


def _wanted(order: Order, lines: list[dict[str, Any]]) -> list[Wanted]:
    """The order's lines by variant; of two of one variant that of which enough can come back.

    Raises NotBought, and leaves to `request_return` to judge the rest.
    """
    left = returnable(order, at=timezone.now())
    pks: dict[UUID, list[int]] = {}
    for line in order.lines.select_related("variant").order_by("pk"):
        pks.setdefault(line.variant.public_id, []).append(line.pk)
    wanted = []
    for each in lines:
        if each["variant"] not in pks:
            raise NotBought
        same = pks[each["variant"]]
        enough = [pk for pk in same if left.get(pk, 0) >= each["quantity"]]
        wanted.append(Wanted((enough or same)[0], each["quantity"], each.get("exchange_for")))
    return wanted


class OrderReturnView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="cancel_return",
        tags=["orders"],
        summary="Keep it after all",
        description="While `state` is `requested`. Again it changes nothing.",
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={200: ReturnShape} | problems(OrderNotFound, ReturnNotFound, InvalidTransition),
    )
    def delete(self, request: Request, number: str, goods_return: UUID) -> Response:
        order = order_of(request, number)
        cancel_return(order_id=order.pk, public_id=goods_return)
        return Response(_described(order, goods_return))
