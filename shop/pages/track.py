from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.forms import TrackForm
from orders.order_page import OrderNotFound, find_order_of
from shop.core import throttle
from shop.core.clients import network_of
from shop.core.throttle import Limit, Throttled

UNKNOWN = _("We know no order with this number and e-mail. Please check both.")
# A person looks for a few orders; who looks for many does not know them.
LIMITS = (Limit(times=10, seconds=600), Limit(times=50, seconds=86_400))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    form = TrackForm(request.POST or None)
    status = 200
    wait = 0
    if form.is_valid():
        try:
            throttle.count("track", network=network_of(request.META), limits=LIMITS)
            order = find_order_of(**form.cleaned_data)
        except Throttled as error:
            status, wait = error.status, error.retry_after
            form.add_error(None, error.user_message)
        except OrderNotFound:
            form.add_error(None, UNKNOWN)
        else:
            return redirect("orders:view_order", token=order.token)
    if form.errors and status == 200:
        status = 422
    answer = render(request, "pages/track.html", {"form": form}, status=status)
    if wait:
        answer["Retry-After"] = str(wait)
    return answer
