"""The queue for last units: a place in it, how it stands, and what is held when it is its turn."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import waiting as queue
from catalog.waiting import HoldOver, NothingReserved, WaitingNotFound
from orders.carts import CartFull, CartNotFound, NotForSale, TooManyWanted, add_held, get_cart
from orders.waiting_page import show_waiting
from shop.api import examples as cart_examples
from shop.api import waiting_examples as examples
from shop.api.base import ApiView, language_of_request, read, shown
from shop.api.bearer import customer_id_of
from shop.api.openapi import LANGUAGE, RETRY_AFTER, problems
from shop.api.serializers.carts import CartShape
from shop.api.serializers.waiting import WaitingBody, WaitingShape
from shop.api.views.carts import cart_answer
from shop.core.clients import network_of
from shop.core.throttle import Throttled


class WaitingListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="join_waiting",
        tags=["waiting"],
        summary="Take a place in the queue for last units",
        description=(
            "While others have reserved all that is left and may not pay. The way to the place is"
            " told to the mailbox alone: the mail's link ends in its token, for `confirm`. Until"
            " then it does not count, and after a day it is forgotten; confirmed, it counts as of"
            " when it was taken. Safe to repeat: an address has one place for a variant, and is"
            " written to again. The answer does not tell whether it had one. A network may ask 10"
            " times an hour."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=WaitingBody,
        responses={204: None}
        | problems(WaitingNotFound, NothingReserved, Throttled, has_body=True),
        examples=[examples.WANTS_ONE],
    )
    def post(self, request: Request) -> Response:
        asked = read(WaitingBody, request.data)
        queue.count_try(email=asked["email"], network=network_of(request.META))
        queue.join(
            variant_id=asked["variant"],
            quantity=asked["quantity"],
            email=asked["email"],
            language=language_of_request(),
        )
        return Response(status=204)


class WaitingView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_waiting",
        tags=["waiting"],
        summary="Show a place in the queue",
        description="How many are before it, or what is held and until when.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: WaitingShape} | problems(WaitingNotFound),
        examples=[examples.SECOND, examples.OFFERED],
    )
    def get(self, request: Request, token: UUID) -> Response:
        return waiting_answer(token)

    @extend_schema(
        operation_id="leave_waiting",
        tags=["waiting"],
        summary="Give up a place in the queue",
        description="And what is held: the next one has it at once. Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: WaitingShape} | problems(WaitingNotFound),
        examples=[examples.LEFT],
    )
    def delete(self, request: Request, token: UUID) -> Response:
        queue.leave(token=token)
        return waiting_answer(token)


class WaitingConfirmView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="confirm_waiting",
        tags=["waiting"],
        summary="Confirm a place in the queue",
        description="With the token from the mail. Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        request=None,
        responses={200: WaitingShape} | problems(WaitingNotFound),
        examples=[examples.SECOND, examples.OFFERED],
    )
    def post(self, request: Request, token: UUID) -> Response:
        queue.confirm(token=token)
        return waiting_answer(token)


class CartHoldView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="put_held_into_cart",
        tags=["waiting"],
        summary="Put what is held into the cart",
        description=(
            "It joins what the cart has of it, as far as limits and stock allow, and is held for"
            " this cart until the line's `held_until`. Safe to repeat."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=None,
        responses={200: CartShape}
        | problems(CartNotFound, WaitingNotFound, HoldOver, NotForSale, TooManyWanted, CartFull),
        examples=[cart_examples.FILLED_CART],
    )
    def put(self, request: Request, token: UUID, waiting: UUID) -> Response:
        customer_id = customer_id_of(request)
        cart = get_cart(token=token, customer_id=customer_id)
        return cart_answer(
            add_held(cart_token=cart.token, waiting_token=waiting, customer_id=customer_id)
        )


def waiting_answer(token: UUID) -> Response:
    page = show_waiting(token=token, language=language_of_request())
    return Response(shown(WaitingShape, page))
