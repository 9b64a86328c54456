"""Placing an order, looking at it, paying for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from orders.addresses import Address, Contact, InvalidAddress
from orders.carts import CartNotFound
from orders.checkout import CartChanged, EmptyCart, PriceChanged, SoldOut
from orders.models import Order
from orders.order_page import OrderNotFound
from orders.own_orders import own_orders
from orders.phones import InvalidPhone
from orders.placing import PurchaseLimit, ReservationOver, TooManyOpenOrders
from orders.promotions.uses import PromotionUsedUp
from orders.shipping import CourierChanged, NoShipping, ShippingNotOffered
from orders.shipping.allowance import asked_from
from payments.checkout import (
    MethodNotOffered,
    PaymentClosed,
    Placed,
    TooLittleTime,
    TooManyAttempts,
    offer_methods,
    pay_again,
    place_and_pay,
)
from payments.cod.risk import CodNotOffered, Purchase
from payments.credit.guessing import TooManyGuesses
from payments.credit.moving import CreditChanged
from payments.credit.spending import GiftCardRefused, TooManyCards
from payments.offering import AmountChanged
from payments.transfers.amounts import NoAmountLeft
from shop.api import account_examples, examples
from shop.api.base import ApiView, NoQuery, read, shown
from shop.api.bearer import customer_id_of, signed_in
from shop.api.cursors import ListCursor, list_id, read_cursor
from shop.api.errors import (
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    InvalidCursor,
)
from shop.api.openapi import (
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_KEY_IF_ANY,
    LANGUAGE,
    ORDER_TOKEN,
    RETRY_AFTER,
    problems,
)
from shop.api.order_answers import (
    describe_order,
    describe_own,
    describe_payment,
    describe_placed,
    find_order,
    payer_details,
)
from shop.api.repeats import (
    key_of,
    paid_once,
    placed_once,
    required_key_of,
    settled_attempt,
)
from shop.api.serializers.orders import (
    MethodListShape,
    MethodQuery,
    OrderBody,
    OrderListQuery,
    OrderListShape,
    OrderShape,
    PaymentBody,
    PaymentShape,
    PlacedOrderShape,
)
from shop.api.views.carts import wish_of
from shop.core.clients import network_of
from shop.core.idempotency import KeyReused, RequestKey, StillWorking
from shop.core.money import Money

READS = ("GET", "HEAD")


class PaymentMethodListView(ApiView):
    permission_classes = [AllowAny]
    query_shape = MethodQuery

    @extend_schema(
        operation_id="list_payment_methods",
        tags=["orders"],
        summary="List the payment methods for a total",
        parameters=[MethodQuery, LANGUAGE, RETRY_AFTER],
        responses={200: MethodListShape} | problems(),
    )
    def get(self, request: Request) -> Response:
        total = Money(self.query["total"], self.query["currency"])
        country = self.query.get("country", "")
        purchase = Purchase(total, self.query["parcels"], country) if country else None
        methods = offer_methods(total=total, purchase=purchase)
        return Response(shown(MethodListShape, {"results": methods}))


class OrderListView(ApiView):
    permission_classes = [AllowAny]

    def get_permissions(self) -> Sequence[Any]:
        """Anybody orders; only who is signed in has orders to list."""
        return [IsAuthenticated()] if self.request.method in READS else super().get_permissions()

    def read_query(self, request: Request) -> dict[str, Any]:
        shape = OrderListQuery if request.method in READS else NoQuery
        return read(shape, request.query_params.dict())

    @extend_schema(
        operation_id="list_orders",
        tags=["orders"],
        summary="List the orders of the account",
        description=(
            "The newest first; follow `next` for more. Orders placed as a guest are not among them"
            " until the account has claimed them."
        ),
        parameters=[OrderListQuery, LANGUAGE, RETRY_AFTER],
        responses={200: OrderListShape} | problems(InvalidCursor),
        examples=[account_examples.ORDERS],
    )
    def get(self, request: Request) -> Response:
        user, _device = signed_in(request)
        # A cursor of another account's list goes with no other.
        name = list_id({"orders_of": user.pk})
        after = None
        if "cursor" in self.query:
            after = read_cursor(self.query["cursor"], of=name).after
        page = own_orders(customer_id=user.pk, after=after, size=self.query["page_size"])
        following = (
            ListCursor(name, after=page.next_position).text() if page.next_position else None
        )
        return Response(describe_own(page.orders, following, self.query["page_size"]))

    @extend_schema(
        operation_id="place_order",
        tags=["orders"],
        summary="Place an order and begin its payment",
        description=(
            "Reserves the goods until `payment.expires_at` and asks the gateway for the money, or"
            " refuses and changes nothing. Placing the same cart again replaces its unpaid order."
            " Who is signed in places the cart of the account, and the order is the account's."
        ),
        parameters=[IDEMPOTENCY_KEY, LANGUAGE, RETRY_AFTER],
        request=OrderBody,
        responses={201: PlacedOrderShape}
        | problems(
            *(IdempotencyKeyMissing, IdempotencyKeyInvalid, KeyReused, StillWorking),
            *(CartNotFound, EmptyCart, CartChanged, SoldOut, PriceChanged),
            *(TooManyOpenOrders, PurchaseLimit, ReservationOver, PromotionUsedUp),
            *(InvalidAddress, InvalidPhone, NoShipping, ShippingNotOffered, MethodNotOffered),
            *(TooLittleTime, NoAmountLeft, CodNotOffered, CourierChanged),
            *(GiftCardRefused, TooManyCards, TooManyGuesses, CreditChanged),
            has_body=True,
            examples=[examples.PRICE_CHANGED, examples.OUT_OF_STOCK],
        ),
        examples=[examples.ORDER, examples.PLACED],
    )
    def post(self, request: Request) -> Response:
        # The header is asked for first: a client without it is not ready for the rest.
        key = required_key_of(request, scope="api:orders")
        body = read(OrderBody, request.data)
        network = network_of(request.META)
        with asked_from(network):
            key = replace(key, scope=f"{key.scope}:{body['cart']}")
            placed = place(body, key, network, customer_id_of(request))
        return Response(placed_once(placed, describe_placed), status=201)


def place(body: dict[str, Any], key: RequestKey, network: str, customer_id: int | None) -> Placed:
    address = body["address"]
    payment = body.get("payment", {})
    return place_and_pay(
        request=key,
        cart_token=body["cart"],
        contact=Contact(email=body["email"], phone=body["phone"]),
        address=Address(**{"phone": body["phone"], "postal_code": ""} | address),
        shipping={choice["group"]: choice["option"] for choice in body["shipping"]},
        method=payment.get("method", ""),
        details=payment.get("details", {}),
        expected_total=Money(body["expected_total"]["amount"], body["expected_total"]["currency"]),
        language=body["language"],
        expected_goods=body["cart_version"],
        customer_id=customer_id,
        credit=wish_of(body.get("credit"), network),
    )


class OrderView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_order",
        tags=["orders"],
        summary="Show an order",
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={200: OrderShape} | problems(OrderNotFound),
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(describe_order(order_of(request, number)))


class OrderPaymentListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="pay_order_again",
        tags=["orders"],
        summary="Pay by another method, or try again",
        description=(
            "While the same method still waits for the customer, its payment is given again"
            " instead of a second one."
        ),
        parameters=[ORDER_TOKEN, IDEMPOTENCY_KEY_IF_ANY, LANGUAGE, RETRY_AFTER],
        request=PaymentBody,
        responses={201: PaymentShape}
        | problems(
            *(IdempotencyKeyInvalid, KeyReused, StillWorking, OrderNotFound, PaymentClosed),
            *(MethodNotOffered, TooLittleTime, NoAmountLeft, CodNotOffered),
            *(InvalidPhone, TooManyAttempts, AmountChanged),
            has_body=True,
        ),
        examples=[examples.PAY_WITH_VA, examples.PAYMENT],
    )
    def post(self, request: Request, number: str) -> Response:
        order = order_of(request, number)
        body = read(PaymentBody, request.data)
        key = key_of(request, scope=f"api:payments:{order.number}")
        answer = paid_once(key, lambda: pay(order, body)) if key else pay(order, body)
        return Response(answer, status=201)


def pay(order: Order, body: dict[str, Any]) -> dict[str, Any]:
    details = payer_details(order, body.get("details", {}))
    attempt = pay_again(order=order, method=body["method"], details=details)
    return describe_payment(settled_attempt(order) or attempt)


def order_of(request: Request, number: str) -> Order:
    return find_order(
        number=number,
        token=request.headers.get("X-Order-Token", ""),
        customer_id=customer_id_of(request),
    )
