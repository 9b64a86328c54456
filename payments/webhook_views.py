"""Where gateways knock. Answers at once; the money loop does the work."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from gunicorn.http.errors import ParseException

from payments.inbox.headers import kept_headers
from payments.inbox.refusing import KEPT_BYTES, keep_refused
from payments.models import RefusedWebhook
from payments.webhooks import NotAuthentic, OfAnotherBusiness, store_webhook

MAX_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def gateway_webhook(request: HttpRequest, *, gateway_code: str) -> HttpResponse:
    """200 once stored (a repeat too), 401 without our secret, 403 of another business, 413 over
    256 KiB: all of it kept, of strangers' so much as there is room for. 400 of what has no end.
    """
    try:
        body = _read(request)
    except (OSError, ParseException):
        # Its sender has gone, or its chunks are none: nobody is told that it was taken.
        return HttpResponse(status=400)
    if len(body) > MAX_BYTES:
        length = request.headers.get("Content-Length", "")
        keep_refused(
            gateway_code=gateway_code,
            reason=RefusedWebhook.Reason.LARGE,
            headers=kept_headers(request.headers, None),
            body=body[:KEPT_BYTES],
            size=int(length) if length.isdecimal() else len(body),
        )
        return HttpResponse(status=413)
    try:
        store_webhook(gateway_code=gateway_code, headers=request.headers, body=body)
    except NotAuthentic:
        return HttpResponse(status=401)
    except OfAnotherBusiness:
        return HttpResponse(status=403)
    return HttpResponse(status=200)


def _read(request: HttpRequest) -> bytes:
    """The body as it came, of one that is too large a byte more than MAX_BYTES.

    Of one that is sent in chunks, whose length nobody says, Django sees nothing: it would be stored
    as empty, and its gateway told that all is well.
    """
    if "CONTENT_LENGTH" not in request.META and request.META.get("wsgi.input_terminated"):
        chunked: bytes = request.META["wsgi.input"].read(MAX_BYTES + 1)
        return chunked
    return request.read(MAX_BYTES + 1)
