"""The mails of an order, written in the order's language and sent from the outbox.

A mail may be asked for twice, late, or after the order has moved on: each handler looks at the
order as it is now, and sends nothing that is no longer true.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from orders.models import (
    ENDED,
    PAID,
    SHOPS_FAULT,
    Adjustment,
    FulfilmentGroup,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    ParcelDecision,
    RefundDue,
    Return,
    ReturnState,
    Shipment,
    ShipmentStatus,
)
from orders.pushes import ask_for_pushes
from shop.core import mail, outbox
from shop.core.kept import Kept, fill

TRACKING_PAGES = {
    "jne": "https://www.jne.co.id/tracking-package?awb={number}",
    "sicepat": "https://www.sicepat.com/checkAwb/{number}",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is true of its order now: its template, and what it says."""

    order: Order
    template: str
    context: dict[str, Any] = field(default_factory=dict)


def register_handlers() -> None:
    outbox.register("order-confirmed", send_confirmed)
    outbox.register("order-ended", send_ended)
    outbox.register("order-shipped", send_shipped)
    outbox.register("order-delivered", send_delivered)
    outbox.register("order-parcel", send_parcel)
    outbox.register("order-return", send_return)
    outbox.register("order-called-off", send_called_off)
    outbox.register("order-refunded", send_refunded)


def order_url(order: Order) -> str:
    """The absolute link to an order in its language."""
    with translation.override(order.language):
        return settings.PUBLIC_URL + reverse("orders:view_order", args=[order.token])


def receipt_url(order: Order) -> str:
    """The absolute link to an order's nota in its language."""
    with translation.override(order.language):
        return settings.PUBLIC_URL + reverse("orders:view_nota", args=[order.token])


def tracking_url(courier: str, number: str) -> str:
    """The courier's own tracking page; empty for couriers we do not know."""
    page = TRACKING_PAGES.get(courier.lower(), "")
    return page.format(number=quote(number, safe=""))


def send_confirmed(payload: dict[str, Any]) -> None:
    _send_news(write_confirmed(payload["order_id"]), payload)


def send_ended(payload: dict[str, Any]) -> None:
    _send_news(write_ended(payload["order_id"]), payload)


def send_shipped(payload: dict[str, Any]) -> None:
    """The number as it is now; the mail of a later correction says it, where there is one."""
    corrections = OrderEvent.objects.filter(
        kind="tracking_corrected",
        pk__gt=payload.get("correction", 0),
        order__groups__shipments=payload["shipment_id"],
        data__shipment=payload["shipment_id"],
    )
    if not corrections.exists():
        _send_news(write_shipped(payload["shipment_id"]), payload)


def send_called_off(payload: dict[str, Any]) -> None:
    _send_news(write_called_off(payload["order_id"]), payload)


def send_refunded(payload: dict[str, Any]) -> None:
    _send_news(write_refunded(payload["refund_id"]), payload)


def send_delivered(payload: dict[str, Any]) -> None:
    _send_news(write_delivered(payload["shipment_id"]), payload)


def send_parcel(payload: dict[str, Any]) -> None:
    _send_news(write_parcel(payload["shipment_id"]), payload)


def send_return(payload: dict[str, Any]) -> None:
    _send_news(write_return(payload["return_id"], state=payload["state"]), payload)


def _send_news(letter: Letter | None, facts: dict[str, Any]) -> None:
    """To the apps first: who cannot be reached by mail may be by them."""
    if letter is not None:
        ask_for_pushes(letter.order, letter.template, facts)
    send_letter(letter)


def write_confirmed(order_id: int) -> Letter | None:
    order = read_order(order_id)
    if order.status not in PAID:
        return None
    return Letter(order, "order_confirmed", {"receipt_url": receipt_url(order)})


def write_ended(order_id: int) -> Letter | None:
    """Not for one that was paid, be it after all or before it was called off."""
    order = read_order(order_id)
    if order.status not in ENDED or order.confirmed_at is not None:
        return None
    gave_way = order.events.filter(kind="superseded", data__has_key="paid_instead").first()
    return Letter(
        order, "order_ended", {"paid_instead": gave_way.data["paid_instead"] if gave_way else ""}
    )


def write_called_off(order_id: int) -> Letter | None:
    order = read_order(order_id)
    event = OrderEvent.objects.filter(order=order, kind="called_off").order_by("-pk").first()
    if order.status != OrderStatus.CANCELLED or event is None:
        return None
    due = RefundDue.objects.filter(order=order, amount_minor__gt=0).order_by("-pk").first()
    is_ours = event.data["reason"] in SHOPS_FAULT
    return Letter(order, "order_called_off", {"refund": due, "is_ours": is_ours})


def write_refunded(refund_id: int) -> Letter | None:
    """That money has been transferred."""
    due = RefundDue.objects.filter(pk=refund_id, paid_on__isnull=False).first()
    return Letter(read_order(due.order_id), "order_refunded", {"refund": due}) if due else None


def write_shipped(shipment_id: int) -> Letter | None:
    return _parcel_letter(shipment_id, "order_shipped", [ShipmentStatus.SHIPPED])


def write_delivered(shipment_id: int) -> Letter | None:
    return _parcel_letter(shipment_id, "order_delivered", [ShipmentStatus.DELIVERED])


def write_parcel(shipment_id: int) -> Letter | None:
    """What becomes of a parcel that never arrived, once that is decided."""
    letter = _parcel_letter(
        shipment_id, "order_parcel", [ShipmentStatus.LOST, ShipmentStatus.RETURNED_TO_SENDER]
    )
    if letter is None or not letter.context["shipment"].decision:
        return None
    letter.context["is_sent_again"] = letter.context["shipment"].decision == ParcelDecision.RESEND
    letter.context["refund"] = RefundDue.objects.filter(
        shipment=shipment_id, amount_minor__gt=0
    ).first()
    return letter


def _parcel_letter(
    shipment_id: int, template: str, while_in: list[ShipmentStatus]
) -> Letter | None:
    shipment = Shipment.objects.select_related("group").filter(pk=shipment_id).first()
    if shipment is None or shipment.status not in while_in:
        return None
    rows = list(shipment.lines.select_related("order_line").order_by("pk"))
    lines = [{"quantity": line.quantity, "line": line.order_line} for line in rows]
    order = read_order(shipment.group.order_id)
    # Nothing is paid for what is sent in exchange.
    is_exchange = any(row.order_line.replaces_id for row in rows)
    context = {
        "shipment": shipment,
        "shipped_lines": lines,
        "to_collect": order.to_collect if order.collect_minor and not is_exchange else None,
        "tracking_url": tracking_url(shipment.courier, shipment.tracking_number),
        "return_days": settings.RETURN_WINDOW.days,
    }
    return Letter(order, template, context)


def write_return(return_id: int, *, state: str) -> Letter | None:
    """About the state that the return has reached; nothing once it has moved on from it."""
    goods_return = Return.objects.select_related("order").get(pk=return_id)
    if goods_return.state != state:
        return None
    settled = RefundDue.objects.filter(goods_return=goods_return).first()
    context = {
        "goods_return": goods_return,
        "return_lines": list(goods_return.lines.select_related("order_line").order_by("pk")),
        "is_exchange": goods_return.outcome == "exchange",
        "return_address": settings.RETURN_ADDRESS,
        "refund": settled if settled and settled.amount_minor else None,
        "reason": settled.reason if settled else "",
        "states": {str(each): each == state for each in ReturnState.values},
    }
    return Letter(read_order(goods_return.order_id), "order_return", context)


def read_order(pk: int) -> Order:
    """The order with all that a mail may name. What went out in exchange was not bought."""
    order: Order
    [order] = _ORDER.fetch(pk=pk)
    for name, rows in (("lines", _BOUGHT), ("groups", _GROUPS), ("adjustments", _STEPS)):
        fill(order, name, rows.fetch(order=pk))
    return order


_ORDER = Kept(lambda *, pk: Order.objects.select_related("contact").filter(pk=pk), pk=-1)
_BOUGHT = Kept(
    lambda *, order: OrderLine.objects.filter(order=order, replaces=None).order_by("pk"), order=-1
)
_GROUPS = Kept(lambda *, order: FulfilmentGroup.objects.filter(order=order), order=-1)
_STEPS = Kept(lambda *, order: Adjustment.objects.filter(order=order), order=-1)


def send_letter(letter: Letter | None) -> None:
    """Send what is still true, to who is still known: an erased buyer gets nothing."""
    if letter is not None and hasattr(letter.order, "contact"):
        send_order_mail(letter.order, letter.template, letter.context)


def mail_context(order: Order) -> dict[str, Any]:
    """What every mail of an order may say."""
    return {"order": order, "contact": order.contact, "order_url": order_url(order)}


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
        context=context | mail_context(order),
        headers=headers,
    )
