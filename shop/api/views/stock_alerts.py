"""Waiting for what is sold out."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import stock_alerts
from catalog.catalogue import ProductNotFound
from catalog.stock_alerts import LIMITS, NotSoldOut
from shop.api import wishlist_examples as examples
from shop.api.base import ApiView, language_of_request, read
from shop.api.openapi import LANGUAGE, RETRY_AFTER, problems
from shop.api.serializers.wishlists import StockAlertBody
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.throttle import Throttled


class StockAlertListView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="ask_stock_alert",
        tags=["wishlists"],
        summary="Be told when a variant is back",
        description=(
            "One mail, in the language of the request, once the variant can be bought. Safe to"
            " repeat. An address that has not confirmed such a mail in the last 90 days is first"
            " asked to, by one mail a day; without that it is forgotten after two days. The answer"
            " does not tell what is known of the address. A network may ask 30 times an hour."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=StockAlertBody,
        responses={204: None} | problems(ProductNotFound, NotSoldOut, Throttled, has_body=True),
        examples=[examples.WAITS_FOR_SHIRT],
    )
    def post(self, request: Request) -> Response:
        asked = read(StockAlertBody, request.data)
        throttle.count("stock-alerts", network=network_of(request.META), limits=LIMITS)
        stock_alerts.ask(
            variant_id=asked["variant"], email=asked["email"], language=language_of_request()
        )
        return Response(status=204)
