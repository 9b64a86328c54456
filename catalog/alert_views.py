"""Waiting for what is sold out, and waiting no more."""

import re
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

from catalog import alert_addresses, stock_alerts
from catalog.alert_addresses import TooManyAlerts
from catalog.forms import StockAlertForm
from catalog.stock_alerts import NotSoldOut
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.origin import same_origin_only
from shop.core.throttle import Throttled

TOKEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


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
        throttle.count("stock-alerts", network=network_of(request.META), limits=stock_alerts.LIMITS)
        stock_alerts.ask(
            variant_id=form.cleaned_data["variant"],
            email=form.cleaned_data["email"],
            language=_language(),
        )
    except Throttled as error:
        form.add_error(None, error.user_message)
        answer = render(request, "catalog/alert.html", {"form": form, "slug": slug}, status=429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except NotSoldOut as error:
        said["problem"] = error.code
    else:
        said["waiting"] = "1"
    path = reverse("catalog:view_product", args=[slug])
    return HttpResponseRedirect(f"{path}?{urlencode(said)}#buy")


# Programs that look at mails follow their links, so that opening one changes nothing. The token is
# the proof, and no other site knows it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_alerts(request: HttpRequest, token: UUID) -> HttpResponse:
    """What the address that has this token waits for, to be confirmed by a button."""
    page: dict[str, object] = {}
    chosen = _tokens(request.POST.getlist("chosen"))
    if request.method == "POST":
        shown = _tokens(request.POST.getlist("shown"))
        try:
            page["count"] = alert_addresses.confirm(token=token, shown=shown, chosen=chosen)
        except TooManyAlerts as error:
            page["problem"] = error.user_message
    page["alerts"] = [
        (one, name, not chosen or one in chosen)
        for one, name in alert_addresses.choices_of(token=token, language=_language())
    ]
    status = 422 if "problem" in page else 200
    return render(request, "catalog/alerts_confirm.html", page, status=status)


def _tokens(given: list[str]) -> set[UUID]:
    """Whatever else is sent is nobody's."""
    return {UUID(one) for one in given if TOKEN.fullmatch(one)}


# A mail program posts without cookie or form token; the alert's own token is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_alerts(request: HttpRequest, token: UUID) -> HttpResponse:
    is_done = request.method == "POST"
    if is_done:
        stock_alerts.stop(token=token)
    return render(request, "catalog/alerts_stopped.html", {"is_done": is_done})
