from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.forms import TrackForm
from orders.order_page import OrderNotFound, find_order_of

UNKNOWN = _("We know no order with this number and e-mail. Please check both.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    form = TrackForm(request.POST or None)
    if form.is_valid():
        try:
            order = find_order_of(**form.cleaned_data)
        except OrderNotFound:
            form.add_error(None, UNKNOWN)
        else:
            return redirect("orders:view_order", token=order.token)
    return render(request, "pages/track.html", {"form": form}, status=422 if form.errors else 200)
