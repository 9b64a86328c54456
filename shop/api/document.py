"""The OpenAPI document: made once per process from the code, in English."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from shop.api.openapi import close_requests, tell_of_tokens

Document = dict[str, Any]


@lru_cache(maxsize=1)
def document() -> Document:
    with override("en"):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # the library has no types
        made: Document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the library has no types
    made["servers"] = [{"url": settings.PUBLIC_URL}]
    close_requests(made)
    tell_of_tokens(made)
    return made


@lru_cache(maxsize=2)
def file(kind: str) -> bytes:
    """As `json` or `yaml`."""
    renderer = OpenApiYamlRenderer() if kind == "yaml" else OpenApiJsonRenderer()
    rendered: bytes = renderer.render(document())
    return rendered
