"""What every view of the API has in common."""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from catalog.caching import CACHE_CONTROL
from shop.api.openapi import ApiSchema
from shop.api.parsers import StrictJsonParser
from shop.api.serializers.fields import Body


# Most addresses take no parameters.
class NoQuery(Body):
    pass


class ApiView(APIView):
    """JSON in, JSON out, kept by no cache. Each view states its own permission."""

    parser_classes = [StrictJsonParser]
    schema = ApiSchema()
    query_shape: ClassVar[type[Body]] = NoQuery
    # OPTIONS would describe our classes to whoever asks.
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Left unread, a misspelt parameter would change the answer without a word.
        if request.method in self.allowed_methods:
            self.query = self.read_query(request)

    def read_query(self, request: Request) -> dict[str, Any]:
        """The checked parameters. Raises ValidationError."""
        return read(self.query_shape, request.query_params.dict())

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class CatalogueView(ApiView):
    """The same answer for everybody in a language: kept for a while, here and at the edge.

    So it does not look at who asks: what a cache answers could not.
    """

    authentication_classes = []

    @classmethod
    def known_parameters(cls) -> frozenset[str]:
        """The parameters that an answer depends on."""
        return frozenset(cls.query_shape().fields)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        if response.status_code == 200:
            response.headers["Cache-Control"] = CACHE_CONTROL
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(answer, ["Accept-Language"])
        return answer


class _Kept(threading.local):
    """Making a serializer, with all the fields in it, takes longer than using it."""

    def __init__(self) -> None:
        self.of_shape: dict[type[BaseSerializer[Any]], BaseSerializer[Any]] = {}

    def get(self, shape: type[BaseSerializer[Any]]) -> BaseSerializer[Any]:
        return self.of_shape.get(shape) or self.of_shape.setdefault(shape, shape())


_kept = _Kept()


def read(shape: type[BaseSerializer[Any]], data: object) -> dict[str, Any]:
    """The checked values of a body or a query. Raises ValidationError, which names each field."""
    try:
        values: dict[str, Any] = _kept.get(shape).run_validation(data)
    except ValidationError:
        # Some complaints stay in the language in which they were made first: made anew.
        serializer = shape(data=data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
    return values


def shown(
    shape: type[BaseSerializer[Any]], value: object, context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The value as JSON of that shape."""
    serializer = _kept.get(shape)
    before, serializer._context = serializer._context, dict(context or {})
    try:
        return dict(serializer.to_representation(value))
    finally:
        serializer._context = before


def language_of_request() -> str:
    return get_language() or settings.LANGUAGE_CODE
