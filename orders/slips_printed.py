"""Which packing slips have been printed: whoever has one may be packing."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, OuterRef, Q, Subquery

from orders.models import (
    PAID,
    FulfilmentGroup,
    Order,
    OrderEvent,
    ParcelDecision,
    ReturnOutcome,
)

PRINTED = "slip_printed"


def is_printed(order: Order) -> bool:
    return OrderEvent.objects.filter(order=order, kind=PRINTED).exists()


def printed_of(order_pks: Sequence[int]) -> dict[int, bool]:
    """Group pk → whether its goods are still those of the slip, where one was printed; one query.

    They are others once a parcel has left, is to be sent again, or an exchange is owed.
    """
    prints = OrderEvent.objects.filter(order=OuterRef("order"), kind=PRINTED).order_by("-pk")
    resent = Q(shipments__decision=ParcelDecision.RESEND)
    exchanged = Q(lines__return_lines__goods_return__outcome=ReturnOutcome.EXCHANGE)
    groups = (
        FulfilmentGroup.objects.filter(order__in=order_pks)
        .annotate(
            printed_at=Subquery(prints.values("created_at")[:1]),
            sent_at=Max("shipments__shipped_at"),
            resent_at=Max("shipments__decided_at", filter=resent),
            exchanged_at=Max("lines__return_lines__goods_return__settled_at", filter=exchanged),
        )
        .filter(printed_at__isnull=False)
        .values_list("pk", "printed_at", "sent_at", "resent_at", "exchanged_at")
    )
    return {
        pk: all(moved is None or moved < printed_at for moved in moves)
        for pk, printed_at, *moves in groups
    }


@transaction.atomic
def record_printed(*, order_pks: Sequence[int], user_id: int) -> dict[int, bool]:
    """Note that slips of paid orders are printed now; the others have none. Returns what
    `printed_of` said before: of two people who print the same at once, one has a reprint."""
    paid = Order.objects.locked().filter(pk__in=order_pks, status__in=PAID)
    orders = [pk for (pk,) in paid.order_by("pk").values_list("pk")]
    before = printed_of(orders)
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, kind=PRINTED, actor=OrderEvent.Actor.STAFF, user_id=user_id)
        for pk in orders
    )
    return before
