"""Every address of the shop. English pages live under /en/, Indonesian ones at the root."""

from pathlib import Path

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.static import serve

from catalog import machine_views
from orders.courier_webhook_views import biteship_webhook
from payments.webhook_views import gateway_webhook
from shop.api.errors import server_error_problem
from shop.core.health import livez, readyz
from shop.pages import errors
from shop.pages.for_customer import order_for_customer

handler400 = "shop.pages.errors.bad_request"
handler403 = "shop.pages.errors.permission_denied"
handler404 = "shop.pages.errors.not_found"
handler500 = "shop.urls.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    path("webhooks/xendit/", gateway_webhook, {"gateway_code": "xendit"}, name="xendit_webhook"),
    path(
        "webhooks/midtrans/", gateway_webhook, {"gateway_code": "midtrans"}, name="midtrans_webhook"
    ),
    path("webhooks/biteship/", biteship_webhook, name="biteship_webhook"),
    path("robots.txt", machine_views.robots),
    path("sitemap.xml", machine_views.sitemap, name="sitemap"),
    path("sitemap-pages.xml", machine_views.sitemap_pages, name="sitemap_pages"),
    path(
        "sitemap-products-<int:part>.xml", machine_views.sitemap_products, name="sitemap_products"
    ),
    path(
        "feeds/google-<slug:language>-<int:part>.xml",
        machine_views.product_feed,
        name="product_feed",
    ),
    path("api/v1/", include("shop.api.urls")),
    path(
        "admin/orders/order/for-customer/",
        admin.site.admin_view(order_for_customer),
        name="order_for_customer",
    ),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("catalog.urls")),
        path("", include("orders.urls")),
        path("", include("payments.urls")),
        path("", include("shop.pages.urls")),
        prefix_default_language=False,
    ),
]


def server_error(request: HttpRequest) -> HttpResponse:
    """The app reads problem+json, a person a page."""
    if request.path_info.startswith("/api/"):
        return server_error_problem(request)
    return errors.server_error(request)


def media_from_disk() -> list[URLPattern]:
    """Only the folders that anybody may read: beside them lie originals and imported sheets."""
    return [
        re_path(
            rf"^media/{folder}/(?P<path>.+)$",
            serve,
            {"document_root": Path(settings.MEDIA_ROOT) / folder},
        )
        for folder in settings.MEDIA_FOLDERS
    ]


if settings.MAILBOX_DIR:
    urlpatterns.append(path("dev/mail/", include("shop.local.urls")))
if settings.MEDIA_FROM_DISK:
    urlpatterns += media_from_disk()
