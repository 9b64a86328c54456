"""Which packing slips have been printed: whoever has one may be packing."""

from collections.abc import Sequence

from django.db import transaction

from orders.models import Order, OrderEvent

PRINTED = "slip_printed"


def is_printed(order: Order) -> bool:
    return OrderEvent.objects.filter(order=order, kind=PRINTED).exists()


def printed_of(order_pks: Sequence[int]) -> set[int]:
    """The orders whose slip was printed before; one query."""
    events = OrderEvent.objects.filter(order__in=order_pks, kind=PRINTED)
    return set(events.values_list("order_id", flat=True))


@transaction.atomic
def record_printed(*, order_pks: Sequence[int], user_id: int) -> set[int]:
    """Note that slips are printed now. Returns the orders whose slip had been printed before:
    of two people who print the same at once, one has a reprint."""
    pks = list(Order.objects.locked().filter(pk__in=order_pks).order_by("pk").values_list("pk"))
    orders = [pk for (pk,) in pks]
    before = printed_of(orders)
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, kind=PRINTED, actor=OrderEvent.Actor.STAFF, user_id=user_id)
        for pk in orders
    )
    return before
