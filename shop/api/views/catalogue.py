"""Products and categories."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.catalogue import (
    ProductNotFound,
    category_tree,
    get_product,
    related_products,
)
from catalog.paths import moved_product
from shop.api.base import CatalogueView, language_of_request, shown
from shop.api.openapi import CATALOGUE_HEADERS, NOT_MODIFIED, problems
from shop.api.serializers.catalogue import (
    CategoryListShape,
    ProductShape,
)


class ProductView(CatalogueView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="get_product",
        tags=["catalogue"],
        summary="Show a product",
        description=(
            "With everything that can be bought of it. Its slug differs by language. Under a slug"
            " that it no longer has, `moved_to` in the problem is the one that it has now."
        ),
        parameters=CATALOGUE_HEADERS,
        responses={200: ProductShape} | NOT_MODIFIED | problems(ProductNotFound),
    )
    def get(self, request: Request, slug: str) -> Response:
        language, currency = language_of_request(), settings.DEFAULT_CURRENCY
        try:
            product = get_product(language=language, slug=slug, currency=currency)
        except ProductNotFound:
            now = moved_product(language=language, slug=slug)
            if now is None:
                raise
            # An app that kept a link finds the product again.
            raise ProductNotFound(slug, moved_to=now) from None
        related = related_products(product, language=language, currency=currency)
        return Response(shown(ProductShape, product, {"currency": currency, "related": related}))


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
