"""The fulfilment status of orders: derived from their parcels and from what came back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Sum

from orders.models import (
    PAID,
    FulfilmentStatus,
    Order,
    OrderLine,
    ParcelDecision,
    ReturnLine,
    ShipmentLine,
    ShipmentStatus,
)

__all__ = ["FulfilmentStatus", "fulfilment_status", "fulfilment_statuses", "out_of_step"]
CHECKED_AT_ONCE = 1000


@dataclass(slots=True)
class Goods:
    """Units of one order: bought, by what became of their parcel, and brought back."""

    bought: int = 0
    parcels: Counter[tuple[str, str]] = field(default_factory=Counter)
    brought_back: int = 0

    def status(self) -> FulfilmentStatus:
        arrived = self.parcels[ShipmentStatus.DELIVERED, ""]
        came_back = self.parcels[ShipmentStatus.RETURNED_TO_SENDER, ""]
        under_way = (
            self.parcels[ShipmentStatus.SHIPPED, ""]
            + self.parcels[ShipmentStatus.LOST, ""]
            + came_back
        )
        given_up = (
            self.parcels[ShipmentStatus.LOST, ParcelDecision.REFUND]
            + self.parcels[ShipmentStatus.RETURNED_TO_SENDER, ParcelDecision.REFUND]
        )
        # What is packed has not left; what is to be sent again is owed anew.
        if self.bought > arrived + under_way + given_up:
            has_left = arrived + under_way
            return FulfilmentStatus.PARTIALLY_SHIPPED if has_left else FulfilmentStatus.UNFULFILLED
        if under_way > came_back or (came_back and arrived):
            return FulfilmentStatus.SHIPPED
        if arrived > self.brought_back:
            return FulfilmentStatus.DELIVERED
        # An order without lines has nothing that could come back.
        return FulfilmentStatus.RETURNED if self.bought else FulfilmentStatus.UNFULFILLED


def fulfilment_status(*, order: Order) -> FulfilmentStatus:
    return fulfilment_statuses([order.pk])[order.pk]


def fulfilment_statuses(order_pks: list[int]) -> dict[int, FulfilmentStatus]:
    """Order pk → status, in three queries for any number of orders."""
    goods = {pk: Goods() for pk in order_pks}
    bought = OrderLine.objects.filter(order__in=order_pks).values_list("order_id")
    for pk, units in bought.annotate(units=Sum("quantity")).order_by():
        goods[pk].bought = units
    parcels = ShipmentLine.objects.filter(order_line__order__in=order_pks).values_list(
        "order_line__order_id", "shipment__status", "shipment__decision"
    )
    for pk, status, decision, units in parcels.annotate(units=Sum("quantity")).order_by():
        goods[pk].parcels[status, decision] = units
    back = ReturnLine.objects.filter(goods_return__order__in=order_pks, received_quantity__gt=0)
    for pk, units in (
        back.values_list("goods_return__order_id")
        .annotate(units=Sum("received_quantity"))
        .order_by()
    ):
        goods[pk].brought_back = units
    return {pk: facts.status() for pk, facts in goods.items()}


def out_of_step() -> Iterator[tuple[Order, FulfilmentStatus]]:
    """Paid orders whose stored status is not the derived one, with what it should be.

    Nothing but a fault or a hand in the database makes one; for the nightly check of the books.
    """
    last = 0
    while orders := list(
        Order.objects.filter(status__in=PAID, pk__gt=last).order_by("pk")[:CHECKED_AT_ONCE]
    ):
        derived = fulfilment_statuses([order.pk for order in orders])
        for order in orders:
            if order.fulfilment != derived[order.pk]:
                yield order, derived[order.pk]
        last = orders[-1].pk
