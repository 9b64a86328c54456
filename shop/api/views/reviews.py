"""Reviews: what everybody reads, and what the holder of an order's token writes."""

import hashlib
from dataclasses import fields, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.catalogue import ProductNotFound
from catalog.imaging.reading import (
    PictureBroken,
    PictureMoves,
    PictureTooHeavy,
    PictureTooLarge,
    PictureUnknown,
)
from catalog.paths import moved_product
from orders.models import Order, OrderEvent, Review
from orders.order_page import OrderNotFound, find_order
from orders.reviews import own
from orders.reviews.buyers import NotBought, NotSentYet, find_bought_line
from orders.reviews.erasing import erase_review
from orders.reviews.photos import TooManyPhotos
from orders.reviews.pictures import read_upload
from orders.reviews.showing import ReviewedProduct, find_product, show_reviews
from orders.reviews.voting import OwnReview, vote_helpful, withdraw_vote
from orders.reviews.writing import (
    AlreadyReviewed,
    ReviewNotFound,
    TooManyChanges,
    Words,
    change_photos,
    change_review,
    find_own_review,
    write_review,
)
from shop.api import review_examples as examples
from shop.api.base import ApiView, CatalogueView, language_of_request, read, shown
from shop.api.errors import IdempotencyKeyInvalid, IdempotencyKeyMissing, InvalidCursor
from shop.api.openapi import (
    BUYERS_TOKEN,
    CATALOGUE_HEADERS,
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_KEY_IF_ANY,
    LANGUAGE,
    NOT_MODIFIED,
    ORDER_TOKEN,
    RETRY_AFTER,
    problems,
)
from shop.api.parsers import PhotoParser
from shop.api.repeats import key_of, required_key_of
from shop.api.review_places import ReviewPlace
from shop.api.review_repeats import photo_once, written_once
from shop.api.serializers.reviews import (
    HelpfulBody,
    HelpfulShape,
    NewReviewBody,
    OrderReviewListShape,
    OwnReviewShape,
    PhotoBody,
    ReviewListShape,
    ReviewQuery,
    ReviewWordsBody,
)
from shop.api.views.orders import order_of
from shop.core.idempotency import KeyReused, StillWorking

MINE = [BUYERS_TOKEN, LANGUAGE, RETRY_AFTER]


class ReviewListView(CatalogueView):
    permission_classes = [AllowAny]
    query_shape = ReviewQuery

    @extend_schema(
        operation_id="list_reviews",
        tags=["reviews"],
        summary="List the reviews of a product",
        description=(
            "With their summary. Follow `next` for more. Under a slug that the product no longer"
            " has, `moved_to` in the problem is the one that it has now."
        ),
        parameters=[ReviewQuery, *CATALOGUE_HEADERS],
        responses={200: ReviewListShape} | NOT_MODIFIED | problems(ProductNotFound, InvalidCursor),
        examples=[examples.REVIEWS],
    )
    def get(self, request: Request, slug: str) -> Response:
        product = reviewed_product(slug)
        place = ReviewPlace.of(self.query, product=product.pk)
        page = show_reviews(
            product_pk=product.pk,
            language=language_of_request(),
            choice=place.choice(),
            page_size=place.page_size,
        )
        # The list has become shorter than the place where this client goes on.
        is_there = page.choice.page == place.page
        has_more = is_there and place.page < page.page_count
        answer = {
            "summary": page.summary,
            "results": page.reviews if is_there else [],
            "next": next_page(product, place) if has_more else None,
        }
        return Response(shown(ReviewListShape, answer))

    @extend_schema(
        operation_id="write_review",
        tags=["reviews"],
        summary="Review what was bought",
        description=(
            "Who has the order's token reviews each of its lines once, as soon as a unit of it has"
            " left. Staff read it before others can."
        ),
        parameters=[IDEMPOTENCY_KEY, *MINE],
        request=NewReviewBody,
        responses={201: OwnReviewShape}
        | problems(
            *(IdempotencyKeyMissing, IdempotencyKeyInvalid, KeyReused, StillWorking),
            *(ProductNotFound, OrderNotFound, NotBought, NotSentYet, AlreadyReviewed),
            has_body=True,
        ),
        examples=[examples.NEW_REVIEW, examples.OWN_REVIEW],
    )
    def post(self, request: Request, slug: str) -> Response:
        # The header is asked for first: a client without it is not ready for the rest.
        key = required_key_of(request, scope="api:reviews")
        order = order_of_token(request)
        body = read(NewReviewBody, request.data)
        product = reviewed_product(slug)
        line = find_bought_line(order, body["variant"])
        if line.variant.product_id != product.pk:
            raise NotBought

        def write() -> dict[str, Any]:
            review = write_review(
                order_id=order.pk,
                variant_id=body["variant"],
                words=words_of(body),
                language=language_of_request(),
            )
            return describe(review)

        return Response(written_once(replace(key, scope=f"api:reviews:{order.pk}"), write), 201)


def reviewed_product(slug: str) -> ReviewedProduct:
    """Raises ProductNotFound, with the slug that the product has now if it is known."""
    language = language_of_request()
    try:
        return find_product(language=language, slug=slug)
    except ProductNotFound:
        now = moved_product(language=language, slug=slug)
        if now is None:
            raise
        raise ProductNotFound(slug, moved_to=now) from None


def next_page(product: ReviewedProduct, place: ReviewPlace) -> str:
    path = reverse("api:list_reviews", args=[product.slug])
    cursor = replace(place, page=place.page + 1).cursor()
    return f"{settings.PUBLIC_URL}{path}?{urlencode({'cursor': cursor})}"


class OrderReviewListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="list_order_reviews",
        tags=["reviews"],
        summary="Show what can be and was reviewed of an order",
        parameters=[ORDER_TOKEN, LANGUAGE, RETRY_AFTER],
        responses={200: OrderReviewListShape} | problems(OrderNotFound),
    )
    def get(self, request: Request, number: str) -> Response:
        lines = own.own_lines(order_of(request, number))
        results = [
            {"line": each.line, "can_review": each.can_review, "review": each.own} for each in lines
        ]
        return Response(shown(OrderReviewListShape, {"results": results}))


class ReviewView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="change_review",
        tags=["reviews"],
        summary="Say it anew",
        description="It is read again before others see it. The same words change nothing.",
        parameters=MINE,
        request=ReviewWordsBody,
        responses={200: OwnReviewShape}
        | problems(OrderNotFound, ReviewNotFound, TooManyChanges, has_body=True),
        examples=[examples.CHANGED_WORDS, examples.OWN_REVIEW_AGAIN],
    )
    def put(self, request: Request, review: UUID) -> Response:
        order = order_of_token(request)
        words = words_of(read(ReviewWordsBody, request.data))
        changed = change_review(
            order_id=order.pk, review_id=review, words=words, language=language_of_request()
        )
        return Response(describe(changed))

    @extend_schema(
        operation_id="erase_review",
        tags=["reviews"],
        summary="Delete words and photos",
        description="For good. The stars remain, without a name. Safe to repeat.",
        parameters=MINE,
        responses={200: OwnReviewShape} | problems(OrderNotFound, ReviewNotFound),
    )
    def delete(self, request: Request, review: UUID) -> Response:
        order = order_of_token(request)
        found = find_own_review(order_id=order.pk, review_id=review)
        erase_review(review_id=found.pk, by=OrderEvent.Actor.CUSTOMER)
        return Response(describe(find_own_review(order_id=order.pk, review_id=review)))


class ReviewPhotoListView(ApiView):
    permission_classes = [AllowAny]
    parser_classes = [PhotoParser]

    @extend_schema(
        operation_id="add_review_photo",
        tags=["reviews"],
        summary="Add a photo to a review",
        description=(
            "At most four, 10 MB each. It is turned upright and stripped of all that the camera"
            " wrote into it, and `ready` after some seconds. The review is read again."
        ),
        parameters=[IDEMPOTENCY_KEY_IF_ANY, *MINE],
        request={"multipart/form-data": PhotoBody},
        responses={201: OwnReviewShape}
        | problems(
            *(IdempotencyKeyInvalid, KeyReused, StillWorking, OrderNotFound, ReviewNotFound),
            *(PictureUnknown, PictureBroken, PictureMoves, PictureTooLarge, PictureTooHeavy),
            *(TooManyPhotos, TooManyChanges),
            has_body=True,
        ),
    )
    def post(self, request: Request, review: UUID) -> Response:
        order = order_of_token(request)
        find_own_review(order_id=order.pk, review_id=review)
        upload = read_upload(read(PhotoBody, request.data)["photo"])
        key = key_of(request, scope=f"api:photos:{review}")
        if key is not None:
            key = replace(key, request_hash=hashlib.sha256(upload.data).hexdigest())

        def add(photos: list[Any]) -> dict[str, Any]:
            return describe(change_photos(order_id=order.pk, review_id=review, photos=photos))

        return Response(photo_once(key, upload, add), status=201)


class ReviewPhotoView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="remove_review_photo",
        tags=["reviews"],
        summary="Remove a photo from a review",
        description="Safe to repeat.",
        parameters=MINE,
        responses={200: OwnReviewShape} | problems(OrderNotFound, ReviewNotFound, TooManyChanges),
    )
    def delete(self, request: Request, review: UUID, photo: UUID) -> Response:
        order = order_of_token(request)
        return Response(
            describe(change_photos(order_id=order.pk, review_id=review, removed=[photo]))
        )


class HelpfulView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="vote_review_helpful",
        tags=["reviews"],
        summary="Say that another buyer's review helped",
        description="Once for each order that has the product. Safe to repeat.",
        parameters=MINE,
        request=HelpfulBody,
        responses={200: HelpfulShape}
        | problems(OrderNotFound, ReviewNotFound, OwnReview, NotBought, has_body=True),
        examples=[examples.HELPFUL, examples.HELPFUL_COUNT],
    )
    def put(self, request: Request, review: UUID) -> Response:
        order = order_of_token(request)
        is_helpful = read(HelpfulBody, request.data)["is_helpful"]
        vote = vote_helpful if is_helpful else withdraw_vote
        return Response(shown(HelpfulShape, vote(order=order, review_id=review)))


def order_of_token(request: Request) -> Order:
    """The order whose token the request has. Raises OrderNotFound."""
    return find_order(token=request.headers.get("X-Order-Token", ""))


def words_of(body: dict[str, Any]) -> Words:
    return Words(**{field.name: body[field.name] for field in fields(Words)})


def describe(review: Review) -> dict[str, Any]:
    return shown(OwnReviewShape, own.OwnReview(review, own.own_photos(review)))
