"""Where parcels can go."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Region
from shop.api.base import ApiView, shown
from shop.api.openapi import RETRY_AFTER, problems
from shop.api.serializers.carts import RegionListShape, RegionQuery


class RegionListView(ApiView):
    permission_classes = [AllowAny]
    query_shape = RegionQuery

    @extend_schema(
        operation_id="list_regions",
        tags=["carts"],
        summary="List regions",
        description="The provinces, or what lies in one of them as far as the shop knows it.",
        parameters=[RegionQuery, RETRY_AFTER],
        responses={200: RegionListShape} | problems(),
    )
    def get(self, request: Request) -> Response:
        regions = Region.objects.filter(
            country=settings.DEFAULT_COUNTRY, parent=self.query.get("parent")
        )
        return Response(shown(RegionListShape, {"results": regions.order_by("name")}))
