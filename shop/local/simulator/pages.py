"""What a person sees: the list of open payment requests, and one page on which to play the payer.

Plain HTML and forms. The browser goes back to the shop at once, whatever becomes of the webhook.
"""

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from . import markup
from .deliveries import Deliveries
from .errors import ApiError
from .lifecycle import Lifecycle
from .routing import Request, Response, Route, dispatch, redirect
from .store import PaymentRequest, Store

STYLES = Path(__file__).parent / "static" / "simulator.css"
LISTED = 50
RETURN_URLS = ("success_return_url", "failure_return_url", "cancel_return_url")


class Pages:
    def __init__(self, store: Store, deliveries: Deliveries, lifecycle: Lifecycle) -> None:
        self._store = store
        self._deliveries = deliveries
        self._lifecycle = lifecycle
        one = "/checkout/(?P<request_id>[^/]+)"
        self._routes = (
            Route("GET", "/", self.index),
            Route("GET", "/static/simulator.css", self.styles),
            Route("GET", one, self.checkout),
            Route("POST", f"{one}/approve", self.approve),
            Route("POST", f"{one}/decline", self.decline),
            Route("POST", f"{one}/expire", self.expire),
            Route("POST", f"{one}/close", self.close),
            Route("POST", f"{one}/pay-anyway", self.pay_anyway),
        )

    def respond(self, request: Request) -> Response:
        try:
            return dispatch(self._routes, request)
        except ApiError as error:
            return _page(markup.refusal(error.message), status=error.status)

    def index(self, request: Request) -> Response:
        wanted = request.argument("q")
        found = self._search(wanted) if wanted else self._store.open_requests(limit=LISTED)
        return _page(markup.index(found, wanted=wanted))

    def _search(self, wanted: str) -> list[PaymentRequest]:
        """By virtual account number (spaces allowed), reference or id; whatever the status."""
        by_id = self._store.request(wanted)
        return (
            self._store.requests_by_number(wanted.replace(" ", ""))
            or self._store.requests_by_reference(wanted)
            or ([by_id] if by_id else [])
        )

    def styles(self, _request: Request) -> Response:
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"}
        return Response(200, STYLES.read_bytes(), headers)

    def checkout(self, _request: Request, request_id: str) -> Response:
        shown = self._lifecycle.get(request_id)
        deliveries = self._deliveries.of_request(request_id)
        page = markup.checkout(shown, deliveries, shop_url=_return_url(shown, *RETURN_URLS))
        # Chromium holds form-action against the redirect after a form, too.
        return _page(page, form_targets=_origins(shown))

    def approve(self, _request: Request, request_id: str) -> Response:
        # A second click finds the request no longer open; the answer is then that of the first.
        self._lifecycle.get(request_id)
        with suppress(ApiError):
            self._lifecycle.pay(request_id)
        return self._after(request_id, "SUCCEEDED", "success_return_url")

    def decline(self, _request: Request, request_id: str) -> Response:
        self._lifecycle.get(request_id)
        with suppress(ApiError):
            self._lifecycle.fail(request_id, failure_code="USER_DECLINED_PAYMENT")
        return self._after(request_id, "FAILED", "failure_return_url")

    def expire(self, _request: Request, request_id: str) -> Response:
        self._lifecycle.get(request_id)
        with suppress(ApiError):
            self._lifecycle.expire(request_id)
        return redirect(f"/checkout/{request_id}")

    def close(self, _request: Request, request_id: str) -> Response:
        """The payer goes away without having decided; nothing changes."""
        shown = self._lifecycle.get(request_id)
        return redirect(_return_url(shown, "cancel_return_url", "failure_return_url") or "/")

    def pay_anyway(self, _request: Request, request_id: str) -> Response:
        """Late or second money."""
        self._lifecycle.pay(request_id, force_late=True, force_duplicate=True)
        return redirect(f"/checkout/{request_id}")

    def _after(self, request_id: str, status: str, return_url: str) -> Response:
        now = self._lifecycle.get(request_id)
        shop_url = _return_url(now, return_url) if now.status == status else None
        return redirect(shop_url or f"/checkout/{request_id}")


def _return_url(request: PaymentRequest, *names: str) -> str | None:
    """The first of these that the shop gave; only a channel that redirects sends the payer back."""
    if request.document["channel_code"] != "DANA":
        return None
    properties = request.document["channel_properties"]
    return next((str(properties[name]) for name in names if properties.get(name)), None)


def _origins(request: PaymentRequest) -> list[str]:
    urls = [urlsplit(url) for name in RETURN_URLS if (url := _return_url(request, name))]
    return sorted({f"{url.scheme}://{url.netloc}" for url in urls})


def _page(html: str, *, status: int = 200, form_targets: list[str] | None = None) -> Response:
    targets = " ".join(["'self'", *(form_targets or [])])
    policy = (
        f"default-src 'none'; style-src 'self'; form-action {targets}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
    }
    return Response(status, html.encode(), headers)
