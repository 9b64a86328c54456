"""Carts and what it costs to send them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.pictures import variant_pictures
from orders.addresses import Contact, InvalidAddress, checked_contact, destination_of
from orders.carts import (
    CartFull,
    CartNotFound,
    NotForSale,
    TooFewInStock,
    TooManyWanted,
    get_cart,
    new_cart,
    set_quantity,
)
from orders.checkout import EmptyCart, Quoted, quote_cart
from orders.merging import CartsToChoose, Choice, take_cart
from orders.models import Cart
from orders.phones import InvalidPhone
from orders.priced_cart import price_cart
from orders.promotions.coupons import UnknownCoupon, remove_coupon, try_coupon
from orders.shipping import CourierChanged, NoShipping
from orders.shipping.allowance import asked_from
from payments.credit.guessing import TooManyGuesses
from payments.credit.spending import (
    CreditWish,
    GiftCardRefused,
    Tender,
    TooManyCards,
    paid_by,
    tenders_for,
)
from shop.api import examples
from shop.api.base import ApiView, language_of_request, read, shown
from shop.api.bearer import customer_id_of
from shop.api.errors import IdempotencyKeyInvalid, SignInRequired
from shop.api.openapi import KEY_OF_NOBODY, LANGUAGE, RETRY_AFTER, problems
from shop.api.repeats import SHORTEST_KEY_OF_NOBODY, key_of, token_once
from shop.api.serializers.carts import (
    CartShape,
    CartTokenShape,
    CouponBody,
    NewCartBody,
    QuantityBody,
    ShippingQuoteBody,
    ShippingQuoteShape,
)
from shop.core.clients import network_of
from shop.core.idempotency import KeyReused, StillWorking
from shop.core.money import Money
from shop.core.throttle import Throttled


class CartListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="create_cart",
        tags=["carts"],
        summary="Begin a cart",
        description=(
            "An `Idempotency-Key` has at least 16 characters here. Who is signed in gets the one"
            " cart of the account, and finds only that; `guest_cart` brings along what was put into"
            " a cart before signing in. Where both have something in them, `choice` says what to"
            " do; without it nothing is done."
        ),
        parameters=[KEY_OF_NOBODY, LANGUAGE, RETRY_AFTER],
        request=NewCartBody,
        responses={201: CartTokenShape}
        | problems(
            *(IdempotencyKeyInvalid, KeyReused, StillWorking, SignInRequired),
            *(CartsToChoose, CartFull),
            has_body=True,
        ),
        examples=[examples.NEW_CART],
    )
    def post(self, request: Request) -> Response:
        body = read(NewCartBody, request.data)
        # Looked at whoever asks: an app learns of a bad one before its user signs out.
        key = key_of(request, scope="api:carts", shortest=SHORTEST_KEY_OF_NOBODY)
        customer_id = customer_id_of(request)
        if customer_id is not None:
            cart = take_cart(
                customer_id=customer_id,
                guest_token=body.get("guest_cart"),
                choice=Choice(body["choice"]) if "choice" in body else None,
                language=language_of_request(),
            )
            return Response({"token": str(cart.token)}, status=201)
        if body:
            raise SignInRequired
        return Response(token_once(key, lambda: new_cart().token), status=201)


class CartView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_cart",
        tags=["carts"],
        summary="Show a cart",
        description="At today's prices. Nothing is reserved before the order is placed.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: CartShape} | problems(CartNotFound),
        examples=[examples.FILLED_CART],
    )
    def get(self, request: Request, token: UUID) -> Response:
        return cart_answer(get_cart(token=token, customer_id=customer_id_of(request)))


class CartLineView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="set_cart_line",
        tags=["carts"],
        summary="Make it exactly that many",
        description="Adds the variant if it is not in the cart. Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        request=QuantityBody,
        responses={200: CartShape}
        | problems(CartNotFound, NotForSale, TooFewInStock, TooManyWanted, CartFull, has_body=True),
        examples=[examples.ONE_SHIRT, examples.FILLED_CART],
    )
    def put(self, request: Request, token: UUID, variant: UUID) -> Response:
        quantity = read(QuantityBody, request.data)["quantity"]
        return cart_answer(_set(request, token, variant, quantity))

    @extend_schema(
        operation_id="delete_cart_line",
        tags=["carts"],
        summary="Take it out of the cart",
        description="Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: CartShape} | problems(CartNotFound),
    )
    def delete(self, request: Request, token: UUID, variant: UUID) -> Response:
        return cart_answer(_set(request, token, variant, 0))


class CartCouponView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="set_coupon",
        tags=["carts"],
        summary="Put a coupon's code into the cart",
        description=(
            "In place of another. A code that exists is kept even while it takes nothing off:"
            " `coupon.trouble` says why. Codes are not for guessing: a network has 600 tries an"
            " hour."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=CouponBody,
        responses={200: CartShape}
        | problems(CartNotFound, UnknownCoupon, Throttled, has_body=True),
        examples=[examples.COUPON, examples.FILLED_CART],
    )
    def put(self, request: Request, token: UUID) -> Response:
        code = read(CouponBody, request.data)["code"]
        cart = try_coupon(
            cart_token=token,
            code=code,
            network=network_of(request.META),
            customer_id=customer_id_of(request),
        )
        return cart_answer(cart)

    @extend_schema(
        operation_id="remove_coupon",
        tags=["carts"],
        summary="Take the code out of the cart",
        description="Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: CartShape} | problems(CartNotFound),
    )
    def delete(self, request: Request, token: UUID) -> Response:
        return cart_answer(remove_coupon(cart_token=token, customer_id=customer_id_of(request)))


class ShippingQuoteView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="quote_shipping",
        tags=["carts"],
        summary="Ask what it costs to send the cart",
        description=(
            "Every group of the answer needs one of its options in the order. The totals are those"
            " of the options chosen so far, with all promotions, the coupon and tax."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=ShippingQuoteBody,
        responses={200: ShippingQuoteShape}
        | problems(
            *(CartNotFound, EmptyCart, InvalidAddress, InvalidPhone, NoShipping, CourierChanged),
            *(GiftCardRefused, TooManyCards, TooManyGuesses),
            has_body=True,
        ),
        examples=[examples.DESTINATION, examples.QUOTES],
    )
    def post(self, request: Request, token: UUID) -> Response:
        body = read(ShippingQuoteBody, request.data)
        network = network_of(request.META)
        cart = get_cart(token=token, customer_id=customer_id_of(request))
        with asked_from(network):
            quoted = quote_cart(
                cart=cart,
                destination=destination_of(**body["address"]),
                language=language_of_request(),
                choice={one["group"]: one["option"] for one in body.get("shipping", [])},
                contact=contact_of(body),
            )
        wish = wish_of(body.get("credit"), network)
        tenders = tenders_for(wish, total=quoted.priced.total, cart_token=cart.token)
        return Response(quote_answer(quoted, tenders))


def _set(request: Request, token: UUID, variant: UUID, quantity: int) -> Cart:
    customer_id = customer_id_of(request)
    return set_quantity(
        cart_token=token, variant_id=variant, quantity=quantity, customer_id=customer_id
    )


def contact_of(body: dict[str, Any]) -> Contact | None:
    """Who will buy, as far as the app says it already. Raises InvalidPhone."""
    email, phone = body.get("email", ""), body.get("phone", "")
    if not phone:
        return Contact(email, "") if email else None
    return checked_contact(Contact(email, phone), country=body["address"]["country"])


def wish_of(body: dict[str, Any] | None, network: str) -> CreditWish:
    """The gift cards of a request."""
    if body is None:
        return CreditWish()
    return CreditWish(
        codes=" ".join(body["gift_card_codes"]),
        network=network,
        expected_minor=body.get("expected_amount"),
    )


def quote_answer(quoted: Quoted, tenders: list[Tender]) -> dict[str, Any]:
    total, paid = quoted.priced.total, paid_by(tenders)
    credit = {
        "amount": Money(paid, total.currency),
        "to_pay": Money(total.minor - paid, total.currency),
        "gift_cards": tenders,
    }
    value = {
        "groups": quoted.groups,
        "chosen": [{"group": key, "option": option.code} for key, option in quoted.chosen.items()],
        "discounts": quoted.priced.discounts,
        "totals": quoted.priced.calculation,
        "credit": credit if tenders else None,
    }
    return shown(ShippingQuoteShape, value, {"currency": quoted.priced.currency})


def cart_answer(cart: Cart) -> Response:
    priced = price_cart(cart=cart, language=language_of_request())
    images = variant_pictures([line.variant_pk for line in priced.lines])
    return Response(shown(CartShape, priced, {"images": images}))
