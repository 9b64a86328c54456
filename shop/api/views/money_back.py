"""What a customer sees of money that goes back, and says about where to."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Order
from orders.order_page import OrderNotFound
from payments.refunds.accounts import (
    NotAnAccountNumber,
    NothingToTransfer,
    TooManyAccounts,
    account_of,
    awaits_transfer,
    name_account,
    typed_account,
)
from payments.refunds.page import refund_rows
from shop.api.base import ApiView, read, shown
from shop.api.openapi import LANGUAGE, ORDER_TOKEN, RETRY_AFTER, problems
from shop.api.serializers.money_back import MoneyBackShape, PayoutAccountBody
from shop.api.views.orders import order_of

ACCOUNT = OpenApiExample(
    "An account with BCA",
    {"bank": "BCA", "number": "123 456 7890", "holder": "Siti Aminah"},
    request_only=True,
)


class MoneyBackView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_money_back",
        tags=["orders"],
        summary="Show what money of an order goes back, by which way, and how that stands",
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={200: MoneyBackShape} | problems(OrderNotFound),
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(describe_money_back(order_of(request, number)))

    @extend_schema(
        operation_id="name_payout_account",
        tags=["orders"],
        summary="Say which bank account the money is transferred to",
        description=(
            "While a refund `awaiting_transfer` or `draft` goes by `bank_transfer`; another account"
            " replaces the one before. The order's mailbox is told of each. It is kept encrypted,"
            " never shown whole again, and deleted after the transfer."
        ),
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        request=PayoutAccountBody,
        responses={200: MoneyBackShape}
        | problems(
            *(OrderNotFound, NothingToTransfer, NotAnAccountNumber, TooManyAccounts), has_body=True
        ),
        examples=[ACCOUNT],
    )
    def put(self, request: Request, number: str) -> Response:
        order = order_of(request, number)
        name_account(
            order_id=order.pk, account=typed_account(**read(PayoutAccountBody, request.data))
        )
        return Response(describe_money_back(order))


def describe_money_back(order: Order) -> dict[str, Any]:
    account = account_of(order)
    facts = {
        "refunds": refund_rows(order),
        "awaits_account": account is None and awaits_transfer(order),
        "account": account,
    }
    return shown(MoneyBackShape, facts)
