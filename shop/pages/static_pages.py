"""Pages that are only text, and the web app manifest."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.caching import cached_page


@require_safe
@cached_page("tree")
def how_to_order(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/how_to_order.html")


@require_safe
@cached_page("tree")
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@require_safe
@cached_page("tree")
def manifest(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "name": settings.SHOP_NAME,
            "short_name": settings.SHOP_NAME,
            "lang": get_language(),
            "start_url": reverse("pages:home"),
            "display": "minimal-ui",
            "background_color": "#fbf9f5",
            "theme_color": "#fbf9f5",
            "icons": [
                {"src": static("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
                {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
            ],
        },
        content_type="application/manifest+json",
    )
