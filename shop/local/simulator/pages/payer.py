"""Where somebody plays the payer. The browser goes back to the shop at once, webhook or not."""

from contextlib import suppress

from shop.local.simulator.books import Books
from shop.local.simulator.deliveries import Deliveries
from shop.local.simulator.errors import ApiError
from shop.local.simulator.lifecycle import Lifecycle
from shop.local.simulator.markup import payer
from shop.local.simulator.refund_store import RefundStore
from shop.local.simulator.routing import Request, Response, Route, redirect
from shop.local.simulator.store import PaymentRequest, Store

from .answers import html

RETURN_URLS = ("success_return_url", "failure_return_url", "cancel_return_url")


class PayerPages:
    def __init__(
        self,
        store: Store,
        deliveries: Deliveries,
        refunds: RefundStore,
        books: Books,
        lifecycle: Lifecycle,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._refunds = refunds
        self._books = books
        self._lifecycle = lifecycle
        one = "/checkout/(?P<request_id>[^/]+)"
        self.routes = (
            Route("GET", one, self.checkout),
            Route("POST", f"{one}/approve", self.approve),
            Route("POST", f"{one}/decline", self.decline),
            Route("POST", f"{one}/expire", self.expire),
            Route("POST", f"{one}/close", self.close),
            Route("POST", f"{one}/pay-anyway", self.pay_anyway),
        )

    def checkout(self, _request: Request, request_id: str) -> Response:
        shown = self._lifecycle.get(request_id)
        payments = self._store.payments_of_request(request_id)
        page = payer.checkout(
            shown,
            deliveries=self._deliveries.of_request(request_id),
            refunds=self._refunds.of_request(request_id),
            transactions=[
                row for each in payments for row in self._books.of_product(each["payment_id"])
            ],
            shop_url=_return_url(shown, *RETURN_URLS),
        )
        urls = [url for name in RETURN_URLS if (url := _return_url(shown, name))]
        return html(page, form_targets=urls)

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
