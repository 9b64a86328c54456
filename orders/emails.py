"""The mails of an order, written in the order's language and sent from the outbox."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from orders.models import Order, Shipment
from shop.core import mail, outbox

TRACKING_PAGES = {
    "jne": "https://www.jne.co.id/tracking-package?awb={number}",
    "sicepat": "https://www.sicepat.com/checkAwb/{number}",
}


def register_handlers() -> None:
    outbox.register("order-confirmed", send_confirmed)
    outbox.register("order-ended", send_ended)
    outbox.register("order-shipped", send_shipped)


def order_url(order: Order) -> str:
    """The absolute link to an order in its language."""
    with translation.override(order.language):
        return settings.PUBLIC_URL + reverse("orders:view_order", args=[order.token])


def tracking_url(courier: str, number: str) -> str:
    """The courier's own tracking page; empty for couriers we do not know."""
    page = TRACKING_PAGES.get(courier.lower(), "")
    return page.format(number=quote(number, safe=""))


def send_confirmed(payload: dict[str, Any]) -> None:
    order = _order(payload["order_id"])
    send_order_mail(order, "order_confirmed", {})


def send_ended(payload: dict[str, Any]) -> None:
    order = _order(payload["order_id"])
    send_order_mail(order, "order_ended", {})


def send_shipped(payload: dict[str, Any]) -> None:
    shipment = Shipment.objects.select_related("group").get(pk=payload["shipment_id"])
    lines = [
        {"quantity": line.quantity, "line": line.order_line}
        for line in shipment.lines.select_related("order_line")
    ]
    context = {
        "shipment": shipment,
        "shipped_lines": lines,
        "tracking_url": tracking_url(shipment.courier, shipment.tracking_number),
    }
    send_order_mail(_order(shipment.group.order_id), "order_shipped", context)


def _order(pk: int) -> Order:
    return (
        Order.objects.select_related("contact")
        .prefetch_related("lines", "groups", "adjustments")
        .get(pk=pk)
    )


def send_order_mail(
    order: Order,
    template: str,
    context: dict[str, Any],
    *,
    headers: dict[str, str] | None = None,
) -> None:
    """Write `emails/<template>` in the order's language and send it to the buyer."""
    mail.send(
        template,
        to=order.contact.email,
        language=order.language,
        context=context | {"order": order, "contact": order.contact, "order_url": order_url(order)},
        headers=headers,
    )
