"""Products and categories."""

from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.catalogue import (
    CategoryNotFound,
    ProductNotFound,
    category_tree,
    get_product,
    list_products,
)
from catalog.catalogue import Place as Page
from shop.api.base import CatalogueView, language_of_request, shown
from shop.api.cursors import Place
from shop.api.errors import InvalidCursor
from shop.api.openapi import CATALOGUE_HEADERS, NOT_MODIFIED, problems
from shop.api.serializers.catalogue import (
    CategoryListShape,
    ProductListShape,
    ProductQuery,
    ProductShape,
)


class ProductListView(CatalogueView):
    permission_classes = [AllowAny]
    query_shape = ProductQuery

    @extend_schema(
        operation_id="list_products",
        tags=["catalogue"],
        summary="List products",
        description="One page of what is on display. Follow `next` for more.",
        parameters=[ProductQuery, *CATALOGUE_HEADERS],
        responses={200: ProductListShape}
        | NOT_MODIFIED
        | problems(CategoryNotFound, InvalidCursor),
    )
    def get(self, request: Request) -> Response:
        place = Place.of(self.query)
        listing = list_products(
            language=language_of_request(),
            currency=settings.DEFAULT_CURRENCY,
            category_slug=place.category or None,
            place=Page(page=place.page, page_size=place.page_size),
            sort=place.sort,
        )
        # The list has become shorter than the place where this client goes on.
        cards = listing.cards if listing.page == place.page else []
        is_last = listing.page != place.page or place.page >= listing.page_count
        answer = {"results": cards, "next": None if is_last else next_page(place)}
        return Response(shown(ProductListShape, answer))


def next_page(place: Place) -> str:
    cursor = replace(place, page=place.page + 1).cursor()
    return f"{settings.PUBLIC_URL}{reverse('api:list_products')}?{urlencode({'cursor': cursor})}"


class ProductView(CatalogueView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_product",
        tags=["catalogue"],
        summary="Show a product",
        description="With everything that can be bought of it. Its slug differs by language.",
        parameters=CATALOGUE_HEADERS,
        responses={200: ProductShape} | NOT_MODIFIED | problems(ProductNotFound),
    )
    def get(self, request: Request, slug: str) -> Response:
        currency = settings.DEFAULT_CURRENCY
        product = get_product(language=language_of_request(), slug=slug, currency=currency)
        return Response(shown(ProductShape, product, {"currency": currency}))


class CategoryListView(CatalogueView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="list_categories",
        tags=["catalogue"],
        summary="Show the tree of categories",
        parameters=CATALOGUE_HEADERS,
        responses={200: CategoryListShape} | NOT_MODIFIED | problems(),
    )
    def get(self, request: Request) -> Response:
        return Response(shown(CategoryListShape, {"results": category_tree(language_of_request())}))
