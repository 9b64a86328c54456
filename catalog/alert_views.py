"""Waiting for what is sold out, and waiting no more."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from catalog import stock_alerts
from catalog.forms import StockAlertForm
from catalog.stock_alerts import NotSoldOut
from shop.core.origin import same_origin_only


@csrf_exempt
@never_cache
@require_POST
@same_origin_only
def ask_alert(request: HttpRequest, slug: str) -> HttpResponse:
    """Back to the product, whose address says how it went: it needs neither cookie nor session."""
    form = StockAlertForm(request.POST)
    if not form.is_valid():
        return render(request, "catalog/alert.html", {"form": form, "slug": slug}, status=422)
    said = {"variant": str(form.cleaned_data["variant"])}
    try:
        stock_alerts.ask(
            variant_id=form.cleaned_data["variant"],
            email=form.cleaned_data["email"],
            language=get_language() or settings.LANGUAGE_CODE,
        )
    except NotSoldOut as error:
        said["problem"] = error.code
    else:
        said["waiting"] = "1"
    path = reverse("catalog:view_product", args=[slug])
    return HttpResponseRedirect(f"{path}?{urlencode(said)}#buy")


# A mail program posts without cookie or form token; the alert's own token is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_alerts(request: HttpRequest, token: UUID) -> HttpResponse:
    is_done = request.method == "POST"
    if is_done:
        stock_alerts.stop(token=token)
    return render(request, "catalog/alerts_stopped.html", {"is_done": is_done})
