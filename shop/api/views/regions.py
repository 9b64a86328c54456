"""Where parcels can go."""

import hashlib
import json

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders.regions.finding import children_of, search_regions
from shop.api import examples
from shop.api.base import ApiView, shown
from shop.api.openapi import ETAG, IF_NONE_MATCH, NOT_MODIFIED, RETRY_AFTER, problems
from shop.api.serializers.regions import RegionListShape, RegionQuery

# Official places change about once a year, and the same for everybody.
CACHE_CONTROL = "public, max-age=3600"


class RegionListView(ApiView):
    permission_classes = [AllowAny]
    query_shape = RegionQuery

    @extend_schema(
        operation_id="list_regions",
        tags=["carts"],
        summary="List or search regions",
        description=(
            "Four levels in Indonesia: province, regency, district, village. Go down them with"
            " `parent`, or search with `q`."
        ),
        parameters=[RegionQuery, IF_NONE_MATCH, ETAG, RETRY_AFTER],
        responses={200: RegionListShape} | NOT_MODIFIED | problems(),
        examples=[examples.REGIONS],
    )
    def get(self, request: Request) -> HttpResponseBase:
        country = self.query["country"]
        if "q" in self.query:
            found = search_regions(self.query["q"], country=country)
        else:
            found = list(children_of(self.query.get("parent"), country=country).with_path())
        body = shown(RegionListShape, {"results": found})
        digest = hashlib.blake2b(json.dumps(body).encode(), digest_size=12).hexdigest()
        # Weak, as it is the same whether the body goes out packed or not.
        etag = f'W/"{digest}"'
        response = Response(body, headers={"ETag": etag, "Cache-Control": CACHE_CONTROL})
        unchanged = get_conditional_response(request._request, etag=etag, response=response)
        return unchanged or response
