"""Who may review what: whoever has an order's link, each line of it that has left."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderLine, OrderStatus, ShipmentLine, ShipmentStatus
from shop.core.errors import DomainError, NotFound

OWED = (OrderStatus.CONFIRMED, OrderStatus.CLOSED)
# A parcel that was lost or came back was never worn.
RECEIVED = (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)


class NotBought(NotFound):
    code = "not_bought"
    message = _("This product is not part of your order.")


class NotSentYet(DomainError):
    code = "not_sent_yet"
    message = _("You can review this as soon as it is on its way to you.")


def received_lines(order: Order) -> set[int]:
    """The order's lines of which a unit is with the buyer or on the way there. One query."""
    if order.status not in OWED:
        return set()
    sent = ShipmentLine.objects.filter(
        order_line__order=order, shipment__status__in=RECEIVED
    ).values_list("order_line_id", flat=True)
    return set(sent)


def find_bought_line(order: Order, variant_id: UUID) -> OrderLine:
    """Raises NotBought."""
    line = (
        order.lines.select_related("variant")
        .filter(variant__public_id=variant_id)
        .order_by("pk")
        .first()
    )
    if line is None:
        raise NotBought
    return line


def find_received_line(order: Order, variant_id: UUID) -> OrderLine:
    """Raises NotBought, NotSentYet."""
    line = find_bought_line(order, variant_id)
    if line.pk not in received_lines(order):
        raise NotSentYet
    return line
