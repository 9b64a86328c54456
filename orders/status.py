"""The fulfilment status of an order: derived from its shipments, never stored."""

from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from orders.models import Order, ShipmentLine, ShipmentStatus


class FulfilmentStatus(models.TextChoices):
    UNFULFILLED = "unfulfilled", _("to be sent")
    PARTIALLY_SHIPPED = "partially_shipped", _("partly sent")
    SHIPPED = "shipped", _("sent")
    DELIVERED = "delivered", _("delivered")
    RETURNED = "returned", _("returned")


def fulfilment_status(*, order: Order) -> FulfilmentStatus:
    return fulfilment_statuses([order.pk])[order.pk]


def fulfilment_statuses(order_pks: list[int]) -> dict[int, FulfilmentStatus]:
    """Order pk → status, in two queries for any number of orders."""
    ordered = dict(
        Order.objects.filter(pk__in=order_pks)
        .annotate(units=Sum("lines__quantity"))
        .values_list("pk", "units")
    )
    sent: dict[int, dict[str, int]] = {pk: {} for pk in order_pks}
    rows = (
        ShipmentLine.objects.filter(order_line__order__in=order_pks)
        .values("order_line__order_id", "shipment__status")
        .annotate(units=Sum("quantity"))
        .values_list("order_line__order_id", "shipment__status", "units")
    )
    for pk, status, units in rows:
        sent[pk][status] = units
    return {pk: _status(ordered.get(pk) or 0, sent[pk]) for pk in order_pks}


def _status(ordered: int, sent: dict[str, int]) -> FulfilmentStatus:
    delivered = sent.get(ShipmentStatus.DELIVERED, 0)
    under_way = sent.get(ShipmentStatus.SHIPPED, 0) + sent.get(ShipmentStatus.LOST, 0)
    returned = sent.get(ShipmentStatus.RETURNED_TO_SENDER, 0)
    if ordered and returned >= ordered:
        return FulfilmentStatus.RETURNED
    if ordered and delivered >= ordered:
        return FulfilmentStatus.DELIVERED
    if ordered and delivered + under_way >= ordered:
        return FulfilmentStatus.SHIPPED
    if delivered + under_way:
        return FulfilmentStatus.PARTIALLY_SHIPPED
    return FulfilmentStatus.UNFULFILLED
