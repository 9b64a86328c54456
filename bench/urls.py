"""The shop's addresses and an empty view, behind the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from shop.urls import handler400, handler403, handler404, handler500
from shop.urls import urlpatterns as shop_urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def empty(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("empty", empty), *shop_urlpatterns]
