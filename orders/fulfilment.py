"""Sending what is owed."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import (
    FulfilmentGroup,
    Order,
    OrderEvent,
    OrderStatus,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
)
from orders.reviews.asking import ask_later
from shop.core import outbox
from shop.core.errors import DomainError


class NotPaid(DomainError):
    code = "not_paid"
    message = _("This order is not confirmed: there is nothing to send.")


class NothingToShip(DomainError):
    code = "nothing_to_ship"
    message = _("All of it has been sent already.")


class TooMuchShipped(DomainError):
    code = "too_much_shipped"
    status = 422
    message = _("More than what is left to send of “{line}”.")

    def __init__(self, line: str) -> None:
        super().__init__(f"too much of {line}", line=line)


class AlreadyShipped(DomainError):
    code = "already_shipped"
    message = _("A parcel with this tracking number is recorded already.")


class TrackingNumberMissing(DomainError):
    code = "tracking_number_missing"
    status = 422
    message = _("Enter the courier's tracking number.")


def unshipped(group: FulfilmentGroup) -> dict[int, int]:
    """Order line pk → units that have not left yet, for the lines that have any."""
    shipped = dict(
        ShipmentLine.objects.filter(shipment__group=group)
        .exclude(shipment__status=ShipmentStatus.RETURNED_TO_SENDER)
        .values("order_line_id")
        .annotate(units=Sum("quantity"))
        .values_list("order_line_id", "units")
    )
    left = {line.pk: line.quantity - shipped.get(line.pk, 0) for line in group.lines.all()}
    return {pk: units for pk, units in left.items() if units > 0}


@transaction.atomic
def ship_lines(
    *,
    group_id: int,
    courier: str,
    tracking_number: str,
    actor_id: int,
    quantities: Mapping[int, int] | None = None,
) -> Shipment:
    """Record that a parcel of the group has left, and tell the customer.

    `quantities`: order line pk → units; all that is left where it is None. Raises NotPaid,
    NothingToShip, TooMuchShipped, AlreadyShipped, TrackingNumberMissing; then nothing has changed.
    """
    group = FulfilmentGroup.objects.select_related("order").get(pk=group_id)
    order = Order.objects.locked().get(pk=group.order_id)
    tracking_number = tracking_number.strip()
    if order.status != OrderStatus.CONFIRMED:
        raise NotPaid
    if not tracking_number:
        raise TrackingNumberMissing
    if Shipment.objects.filter(
        group=group, courier=courier, tracking_number=tracking_number
    ).exists():
        raise AlreadyShipped
    units = _checked_units(group, quantities)
    shipment = Shipment(
        group=group, courier=courier, tracking_number=tracking_number, created_by_id=actor_id
    )
    shipment.move_to(ShipmentStatus.SHIPPED)
    shipment.shipped_at = timezone.now()
    shipment.save()
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=pk, quantity=quantity)
        for pk, quantity in units.items()
    )
    OrderEvent.objects.create(
        order=order,
        kind="shipped",
        actor=OrderEvent.Actor.STAFF,
        user_id=actor_id,
        data={"shipment": shipment.pk, "courier": courier, "tracking_number": tracking_number},
    )
    outbox.add("order-shipped", key=f"order-shipped:{shipment.pk}", shipment_id=shipment.pk)
    ask_later(order=order, sent_at=shipment.shipped_at)
    return shipment


def _checked_units(
    group: FulfilmentGroup, quantities: Mapping[int, int] | None
) -> Mapping[int, int]:
    left = unshipped(group)
    if not left:
        raise NothingToShip
    if quantities is None:
        return left
    wanted = {pk: units for pk, units in quantities.items() if units > 0}
    if not wanted:
        raise NothingToShip
    names = {line.pk: line.product_name for line in group.lines.all()}
    for pk, units in wanted.items():
        if units > left.get(pk, 0):
            raise TooMuchShipped(names.get(pk, str(pk)))
    return wanted
