"""Publishing, previewing and copying one product."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from catalog.admin.labels import language
from catalog.admin.product_pages import (
    currency,
    find_product,
    log_change,
    may,
    page_url,
    publication_badge,
    read_moment,
    require_change,
)
from catalog.catalogue import ProductNotFound, preview_product
from catalog.editing.creating import duplicate_product
from catalog.editing.publishing import NotReady, publish, take_off
from catalog.models import Product
from catalog.views import product_context


@require_POST
def publish_product(request: HttpRequest, product_id: int) -> HttpResponse:
    """Publish it, or take it off sale, as the button says; back to the page it was on."""
    require_change(request)
    product = find_product(request, product_id)
    page = request.POST.get("page", "")
    try:
        _publish(request, product, wanted=request.POST.get("do") == "publish")
    except NotReady as error:
        messages.error(request, error.user_message)
    return redirect(page_url(product.pk, page if page in ("variants", "planned") else "change"))


@transaction.atomic
def _publish(request: HttpRequest, product: Product, *, wanted: bool) -> None:
    if wanted:
        publish(product_pk=product.pk)
        text = _("Published.")
    else:
        take_off(product_pk=product.pk)
        text = _("Taken off: customers no longer see this product.")
    log_change(request, product, text)
    messages.success(request, text)


@require_POST
def copy_product(request: HttpRequest, product_id: int) -> HttpResponse:
    if not may(request, "add_product"):
        raise PermissionDenied
    source = find_product(request, product_id)
    with transaction.atomic():
        copy = duplicate_product(product_pk=source.pk, currency=currency())
        log_change(request, copy, _("Copied from product %(number)s") % {"number": source.pk})
    messages.success(
        request,
        _(
            "This is the copy. Give it its name; an empty slug is made of the name. Its variants"
            " have the same prices, but no SKUs, no stock and no pictures yet."
        ),
    )
    return redirect(page_url(copy.pk, "change"))


@require_safe
def preview(request: HttpRequest, product_id: int, code: str) -> HttpResponse:
    """The page as customers will see it, on the first day it is published or at the time `at`."""
    product = find_product(request, product_id)
    if code not in dict(settings.LANGUAGES):
        raise Http404
    at = _moment(request, product)
    try:
        with override(code):
            return render(request, "catalog/preview.html", _context(request, product, code, at))
    except ProductNotFound:
        messages.warning(
            request,
            _(
                "There is nothing to preview yet: a product needs a name, and an active variant"
                " needs a price."
            ),
        )
        return redirect(page_url(product.pk, "variants"))


def _moment(request: HttpRequest, product: Product) -> datetime:
    now = timezone.now()
    return read_moment(request.GET.get("at", "")) or max(now, product.publish_from or now)


def _context(request: HttpRequest, product: Product, code: str, at: datetime) -> dict[str, Any]:
    page = preview_product(product_pk=product.pk, language=code, currency=currency(), at=at)
    context = product_context(page, request.GET.dict(), currency=currency())
    with override(language()):
        state = publication_badge(product, at=timezone.now())
    return {
        **context,
        "alternates": {
            each: page_url(product.pk, "preview", each) for each, _name in settings.LANGUAGES
        },
        "is_preview": True,
        "state": state,
        "at": at if at > timezone.now() else None,
        "back_url": page_url(product.pk, "change"),
    }
