"""The OpenAPI document, as a file for programs and as a page for people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from catalog.caching import cached_page
from shop.api.base import CatalogueView
from shop.api.document import document, file
from shop.api.openapi import problems
from shop.api.reference_page import components, sections
from shop.api.serializers.fields import Body


class SchemaQuery(Body):
    format = serializers.ChoiceField(choices=["json", "yaml"], required=False)


class SchemaView(CatalogueView):
    permission_classes = [AllowAny]
    query_shape = SchemaQuery
    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    ]

    def perform_content_negotiation(
        self, request: Request, force: Any = False
    ) -> tuple[BaseRenderer, str]:
        wanted = request.query_params.get("format")
        for renderer in self.get_renderers():
            if renderer.format == wanted:
                return renderer, renderer.media_type
        return super().perform_content_negotiation(request, force)

    @extend_schema(
        operation_id="get_schema",
        tags=["documentation"],
        summary="This document",
        description="JSON; YAML with `?format=yaml` or `Accept: application/yaml`.",
        parameters=[SchemaQuery],
        responses={200: OpenApiResponse(OpenApiTypes.OBJECT, description="OpenAPI 3.1")}
        | problems(),
    )
    def get(self, request: Request) -> HttpResponse:
        kind = request.accepted_renderer.format
        response = HttpResponse(file(kind), content_type=request.accepted_renderer.media_type)
        response.headers["Content-Disposition"] = f'inline; filename="etalase-api-v1.{kind}"'
        patch_vary_headers(response, ["Accept"])
        return response


@require_safe
@cached_page("tree")
def docs(request: HttpRequest) -> HttpResponse:
    context = {
        "info": document()["info"],
        "sections": sections(document()),
        "components": components(document()),
    }
    response = render(request, "api/docs.html", context)
    # Its header and footer speak the language of the request.
    patch_vary_headers(response, ["Accept-Language"])
    return response
