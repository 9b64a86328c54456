"""Where gateways knock. Answers at once; the money loop does the work."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.webhooks import NotAuthentic, store_webhook

log = logging.getLogger(__name__)
MAX_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def gateway_webhook(request: HttpRequest, *, gateway_code: str) -> HttpResponse:
    """200 once stored (a repeat too), 401 without our secret, 413 over 256 KiB."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    try:
        store_webhook(gateway_code=gateway_code, headers=request.headers, body=request.body)
    except NotAuthentic:
        facts = {"gateway": gateway_code, "bytes": len(request.body)}
        log.warning("webhook_not_authentic", extra=facts)
        return HttpResponse(status=401)
    return HttpResponse(status=200)
