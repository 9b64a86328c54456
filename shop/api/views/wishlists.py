"""Wishlists: what somebody keeps, with today's price beside the one of that day."""

from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.catalogue import ProductNotFound
from catalog.models import Wishlist
from catalog.wishlist_page import show_wishlist
from catalog.wishlists import (
    LIMITS,
    WishlistFull,
    WishlistNotFound,
    drop,
    get_wishlist,
    keep,
    new_wishlist,
    wishlist_of_account,
)
from shop.api import wishlist_examples as examples
from shop.api.base import ApiView, language_of_request, read, shown
from shop.api.bearer import customer_id_of
from shop.api.errors import IdempotencyKeyInvalid
from shop.api.openapi import KEY_OF_NOBODY, LANGUAGE, RETRY_AFTER, problems
from shop.api.repeats import SHORTEST_KEY_OF_NOBODY, key_of, token_once
from shop.api.serializers.wishlists import NewWishlistBody, WishlistShape, WishlistTokenShape
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.idempotency import KeyReused, StillWorking
from shop.core.throttle import Throttled


class WishlistListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="create_wishlist",
        tags=["wishlists"],
        summary="Begin a wishlist",
        description=(
            "An `Idempotency-Key` has at least 16 characters here. A wishlist is forgotten a year"
            " after its last change, an empty one after a day; then begin another. A network may"
            " begin 120 an hour. Who is signed in gets the one of the account, which is kept as"
            " long as that, and finds only it."
        ),
        parameters=[KEY_OF_NOBODY, RETRY_AFTER],
        request=NewWishlistBody,
        responses={201: WishlistTokenShape}
        | problems(IdempotencyKeyInvalid, KeyReused, StillWorking, Throttled, has_body=True),
        examples=[examples.NEW_WISHLIST],
    )
    def post(self, request: Request) -> Response:
        read(NewWishlistBody, request.data)
        # Looked at whoever asks: an app learns of a bad one before its user signs out.
        key = key_of(request, scope="api:wishlists", shortest=SHORTEST_KEY_OF_NOBODY)
        throttle.count("wishlists", network=network_of(request.META), limits=LIMITS)
        customer_id = customer_id_of(request)
        if customer_id is not None:
            own = wishlist_of_account(customer_id=customer_id)
            return Response({"token": str(own.token)}, status=201)
        return Response(token_once(key, lambda: new_wishlist().token), status=201)


class WishlistView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_wishlist",
        tags=["wishlists"],
        summary="Show a wishlist",
        description="Each product as it is today. Keeping one reserves nothing.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: WishlistShape} | problems(WishlistNotFound),
        examples=[examples.KEPT_SHIRT],
    )
    def get(self, request: Request, token: UUID) -> Response:
        return wishlist_answer(get_wishlist(token=token, customer_id=customer_id_of(request)))


class WishlistLineView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="keep_product",
        tags=["wishlists"],
        summary="Keep a product",
        description=(
            "By its slug in the language of the request. Safe to repeat: the price stays the one"
            " of the first time. A wishlist holds up to 200 products."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=None,
        responses={200: WishlistShape} | problems(WishlistNotFound, ProductNotFound, WishlistFull),
        examples=[examples.KEPT_SHIRT],
    )
    def put(self, request: Request, token: UUID, slug: str) -> Response:
        customer_id = customer_id_of(request)
        wishlist = get_wishlist(token=token, customer_id=customer_id)
        keep(
            customer_id=customer_id,
            token=wishlist.token,
            slug=slug,
            language=language_of_request(),
            currency=settings.DEFAULT_CURRENCY,
        )
        return wishlist_answer(wishlist)

    @extend_schema(
        operation_id="drop_product",
        tags=["wishlists"],
        summary="Take a product off the wishlist",
        description="Also one that is no longer sold. Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: WishlistShape} | problems(WishlistNotFound),
    )
    def delete(self, request: Request, token: UUID, slug: str) -> Response:
        wishlist = drop(
            token=token,
            slug=slug,
            language=language_of_request(),
            customer_id=customer_id_of(request),
        )
        return wishlist_answer(wishlist)


def wishlist_answer(wishlist: Wishlist) -> Response:
    lines = show_wishlist(
        wishlist=wishlist, language=language_of_request(), currency=settings.DEFAULT_CURRENCY
    )
    return Response(shown(WishlistShape, {"token": wishlist.token, "lines": lines}))
