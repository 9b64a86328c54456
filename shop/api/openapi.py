"""What the OpenAPI document says beyond what can be read from the code."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from accounts.tokens import InvalidToken
from shop.api.bearer import SCHEME
from shop.api.errors import MEDIA_TYPE, SignInRequired
from shop.api.serializers.orders import ProblemShape
from shop.core.errors import DomainError

Responses = dict[Any, Any]
PLACEHOLDER = re.compile(r"\{\w+\}")

IDEMPOTENCY = (
    "The same key with the same body gives the same answer and does nothing twice; with another"
    " body it is refused. Send the same key again after a time-out or `still_working`."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    required=True,
    description=f"A new UUID for each order that is meant. {IDEMPOTENCY}",
)
IDEMPOTENCY_KEY_IF_ANY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{0,255}$"},
    OpenApiParameter.HEADER,
    description=IDEMPOTENCY,
)
# What is new belongs to nobody yet, so its key alone has to tell one client from all others.
KEY_OF_NOBODY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^([!-~]{16,255})?$"},
    OpenApiParameter.HEADER,
    description=IDEMPOTENCY,
)
ORDER_TOKEN = OpenApiParameter(
    "X-Order-Token",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `token` from placing the order. Not needed by the customer whose order it is.",
)
BUYERS_TOKEN = OpenApiParameter(
    "X-Order-Token",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The `token` from placing an order that has it.",
)
LANGUAGE = OpenApiParameter(
    "Accept-Language",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The language of all texts: `id` or `en`; Indonesian unless said otherwise.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `ETag` of the last answer: 304 without a body if nothing has changed.",
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Send it back as `If-None-Match`.",
    response=[200],
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="Seconds to wait. Sent with `still_working`, 429 and 503.",
    response=[409, 429, 503],
)
OPTION_PARAMETERS = OpenApiParameter(
    "filters",
    {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    OpenApiParameter.QUERY,
    style="form",
    explode=True,
    description=(
        "Every option and attribute of the shop is a parameter by its code, and may be repeated:"
        " `size=m&size=l&colour=navy&material=linen`. `facets` names them all."
    ),
)
CATALOGUE_HEADERS = [LANGUAGE, IF_NONE_MATCH, ETAG, RETRY_AFTER]
NOT_MODIFIED: Responses = {304: OpenApiResponse(description="Nothing has changed.")}

ANYWHERE: dict[int, dict[str, str]] = {
    400: {
        "parse_error": "The body is not well-formed JSON.",
        "unknown_field": "A field or parameter that this address does not know; `errors` names it.",
        "validation_error": "Some fields are not valid; `errors` names them.",
    },
    413: {"body_too_large": "At most 64 KB, a photo 10 MB."},
    415: {"unsupported_media_type": "Bodies are `application/json`, photos `multipart/form-data`."},
    500: {"server_error": "Something broke. `request_id` is what the log knows it by."},
    503: {"unavailable": "Very busy; wait as `Retry-After` says."},
}
WITH_BODY = (400, 413, 415)


def problems(
    *refusals: type[DomainError],
    has_body: bool = False,
    examples: Iterable[OpenApiExample] = (),
) -> Responses:
    """The refusals of an address and those of every address, by status."""
    told: dict[int, dict[str, str]] = {
        status: dict(codes)
        for status, codes in ANYWHERE.items()
        if has_body or status not in WITH_BODY
    }
    if not has_body:
        told[400] = {code: text for code, text in ANYWHERE[400].items() if code != "parse_error"}
    with override("en"):
        for refusal in refusals:
            text = PLACEHOLDER.sub("…", str(refusal.message))
            told.setdefault(refusal.status, {})[refusal.code] = text
    shown = list(examples)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            ProblemShape,
            description="\n".join(f"- `{code}`: {text}" for code, text in codes.items()),
            examples=[one for one in shown if one.status_codes == [str(status)]],
        )
        for status, codes in sorted(told.items())
    }


class ApiSchema(AutoSchema):
    """Names the components after the things: `Order` and `OrderRequest`."""

    def _get_serializer_name(
        self, serializer: Any, direction: Any, *arguments: Any, **options: Any
    ) -> str:
        name: str = super()._get_serializer_name(serializer, direction, *arguments, **options)
        return name.replace("BodyRequest", "Request").removesuffix("Shape")


def close_requests(document: dict[str, Any]) -> None:
    """Unknown fields are refused, so the document says that there are no others."""
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False


def tell_of_tokens(document: dict[str, Any]) -> None:
    """Every operation that takes an access token refuses one that is not good."""
    for methods in document["paths"].values():
        for operation in methods.values():
            security = operation.get("security", [])
            if not any(SCHEME in each for each in security):
                continue
            refusals = [InvalidToken] if {} in security else [InvalidToken, SignInRequired]
            with override("en"):
                told = "\n".join(f"- `{each.code}`: {each.message}" for each in refusals)
            answers = operation["responses"]
            answers["401"] = {
                "description": told,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            operation["responses"] = dict(sorted(answers.items()))
