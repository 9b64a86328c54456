"""Lists of products: narrowed down, searched, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.catalogue import (
    CategoryNotFound,
    Filters,
    ListingView,
    Place,
    Vocabulary,
    list_products,
    read_filters,
)
from catalog.frame import known_branches, known_vocabulary
from catalog.listing.counts import CAP
from catalog.listing_page import is_counted
from catalog.search import record_miss, search_products, suggest
from shop.api.base import CatalogueView, language_of_request, read, shown
from shop.api.cursors import ListCursor, list_id, read_cursor
from shop.api.errors import InvalidCursor
from shop.api.examples import LISTED, SUGGESTED
from shop.api.openapi import CATALOGUE_HEADERS, NOT_MODIFIED, OPTION_PARAMETERS, problems
from shop.api.serializers.listing import (
    ProductListShape,
    ProductQuery,
    SuggestionsShape,
    SuggestQuery,
)

PAGE_SIZE = 24
# Parameters that may come more than once, beside the codes of options and attributes.
REPEATED = ("seller", "price")


class ProductListView(CatalogueView):
    permission_classes = [AllowAny]
    query_shape = ProductQuery

    @classmethod
    def known_parameters(cls) -> frozenset[str]:
        vocabulary = known_vocabulary(language_of_request())
        return super().known_parameters() | {one.code for one in vocabulary.dimensions()}

    def read_query(self, request: Request) -> dict[str, Any]:
        """Options and attributes of this shop are parameters too."""
        self.vocabulary = known_vocabulary(language_of_request())
        codes = {one.code for one in self.vocabulary.dimensions()}
        given = dict(request.query_params.lists())
        self.terms = {name: values for name, values in given.items() if name in codes}
        fixed = {
            name: values if name in REPEATED else values[-1]
            for name, values in given.items()
            if name not in codes
        }
        return read(self.query_shape, fixed) | self.terms

    @extend_schema(
        operation_id="list_products",
        tags=["catalogue"],
        summary="List or search products",
        description=(
            "One page of what is on display, with what it can be narrowed down by. Values of one"
            " facet are alternatives, facets hold together: `size=m&size=l&colour=navy` is navy in"
            " M or in L. Follow `next` for more."
        ),
        parameters=[ProductQuery, OPTION_PARAMETERS, *CATALOGUE_HEADERS],
        responses={200: ProductListShape}
        | NOT_MODIFIED
        | problems(CategoryNotFound, InvalidCursor),
        examples=[LISTED],
    )
    def get(self, request: Request) -> Response:
        name = list_id(self.query)
        cursor = ListCursor(list_id=name)
        if "cursor" in self.query:
            cursor = read_cursor(self.query["cursor"], of=name)
        filters = _filters(self.query, self.vocabulary)
        answer = _searched if "q" in self.query else _listed
        return Response(
            shown(ProductListShape, answer(self.query, filters, self.vocabulary, cursor))
        )


def _filters(query: Mapping[str, Any], vocabulary: Vocabulary) -> Filters:
    """Raises ValidationError, which names each parameter with a value that there is not."""
    filters, unknown = read_filters(
        {name: _texts(value) for name, value in query.items()},
        vocabulary=vocabulary,
        currency=settings.DEFAULT_CURRENCY,
    )
    if unknown:
        detail = ErrorDetail(_("There is no such value."), code="invalid_choice")
        raise ValidationError({name: [detail] for name in unknown})
    return filters


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, bool):
        return ["1"] if value else []
    return value if isinstance(value, list) else [str(value)]


def _listed(
    query: Mapping[str, Any], filters: Filters, vocabulary: Vocabulary, cursor: ListCursor
) -> dict[str, Any]:
    listing = list_products(
        language=language_of_request(),
        currency=settings.DEFAULT_CURRENCY,
        category_slug=query.get("category"),
        filters=filters,
        vocabulary=vocabulary,
        tops=known_branches(language_of_request()),
        place=Place(page_size=query.get("page_size", PAGE_SIZE), after=cursor.after),
        sort=query.get("sort", "newest"),
    )
    following = None
    if listing.next_position:
        following = ListCursor(cursor.list_id, after=listing.next_position)
    return _answer(query, listing, following)


def _searched(
    query: Mapping[str, Any], filters: Filters, vocabulary: Vocabulary, cursor: ListCursor
) -> dict[str, Any]:
    language = language_of_request()
    results = search_products(
        typed=query["q"],
        language=language,
        currency=settings.DEFAULT_CURRENCY,
        vocabulary=vocabulary,
        tops=known_branches(language),
        filters=filters,
        category_slug=query.get("category"),
        place=Place(page=cursor.page, page_size=query.get("page_size", PAGE_SIZE)),
        is_exact=query.get("exact", False),
    )
    listing = results.listing
    if not results.matches and not listing.cards:
        record_miss(language=language, typed=query["q"])
    following = None
    if cursor.page < listing.page_count:
        following = ListCursor(cursor.list_id, page=cursor.page + 1)
    answer = _answer(query, listing, following)
    if cursor.page > listing.page_count:
        # The list has become shorter than the place where this client goes on.
        answer["results"] = []
    return answer | {"searched_for": results.searched, "is_partial": results.is_partial}


def _answer(
    query: Mapping[str, Any], listing: ListingView, following: ListCursor | None
) -> dict[str, Any]:
    return {
        "results": listing.cards,
        "next": following and _address(query, following),
        "total": min(listing.total, CAP),
        "total_is_exact": listing.total <= CAP and is_counted(listing),
        "facets": listing.facets,
        "searched_for": "",
        "is_partial": False,
    }


def _address(query: Mapping[str, Any], cursor: ListCursor) -> str:
    pairs = [
        (name, text)
        for name, value in sorted(query.items())
        if name != "cursor"
        for text in (["0"] if value is False else _texts(value))
    ]
    path = reverse("api:list_products")
    return f"{settings.PUBLIC_URL}{path}?{urlencode([*pairs, ('cursor', cursor.text())])}"


class SuggestView(CatalogueView):
    permission_classes = [AllowAny]
    query_shape = SuggestQuery

    @extend_schema(
        operation_id="suggest",
        tags=["catalogue"],
        summary="Suggest searches, categories and products",
        description="What somebody may be about to type; empty before there are two letters.",
        parameters=[SuggestQuery, *CATALOGUE_HEADERS],
        responses={200: SuggestionsShape} | NOT_MODIFIED | problems(),
        examples=[SUGGESTED],
    )
    def get(self, request: Request) -> Response:
        suggestions = suggest(
            typed=self.query["q"],
            language=language_of_request(),
            currency=settings.DEFAULT_CURRENCY,
        )
        return Response(shown(SuggestionsShape, suggestions))
