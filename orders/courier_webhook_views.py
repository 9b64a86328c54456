"""Where couriers knock."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.courier_webhooks import is_authentic, take_biteship_news

log = logging.getLogger(__name__)
MAX_BYTES = 64 * 1024
# What Biteship sends to see whether anybody is there, when the address is entered.
NOTHING = (b"", b"{}")


@csrf_exempt
@require_POST
def biteship_webhook(request: HttpRequest) -> HttpResponse:
    """200 for what bears our secret, and for nothing at all; 401 without it, 413 over 64 KiB."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    if request.body.strip() in NOTHING:
        return HttpResponse("ok")
    if not is_authentic(request.headers, request.body):
        log.warning("courier_webhook_not_authentic", extra={"bytes": len(request.body)})
        return HttpResponse(status=401)
    take_biteship_news(request.body)
    return HttpResponse("ok")
