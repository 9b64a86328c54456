"""Everything below /api/v1/ that is no address of the API."""

from typing import Any, NoReturn

from django.http import Http404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from shop.api.base import ApiView


class NoSuchAddressView(ApiView):
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404
