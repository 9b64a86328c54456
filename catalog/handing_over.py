"""Units that become free go to those who wait for them, before anybody else can see them.

Called in the transaction that frees them, while it holds the lock of their stock: nobody can be
faster than the queue.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from catalog.models import Reservation, StockItem, Waiting, WaitingState
from shop.core import outbox

TOPIC = "waiting-offered"


def hand_over(*, stock_item_ids: Iterable[int]) -> int:
    """Hold what is free of these items for the first in their queues; returns how many got it.

    One query where nobody waits. Who wants more than is free is offered what there is.
    """
    pks = list(stock_item_ids)
    queues = Waiting.objects.filter(
        state=WaitingState.WAITING, variant__stock_items__in=pks
    ).values_list("variant__stock_items", flat=True)
    contested = sorted(set(queues.distinct()) & set(pks))
    items = StockItem.objects.select_for_update(of=("self",), no_key=True)
    return sum(_serve(item) for item in items.filter(pk__in=contested).order_by("pk"))


def _serve(item: StockItem) -> int:
    """Give an item's free units to its queue; the caller's transaction has locked the item."""
    free = item.on_hand - item.reserved
    if free <= 0:
        return 0
    # Whoever leaves the queue at this moment is passed over.
    queue = Waiting.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    served = 0
    for waiting in queue.filter(variant=item.variant_id, state=WaitingState.WAITING).order_by("pk")[
        :free
    ]:
        given = min(waiting.quantity, free)
        if given:
            _offer(waiting, item, given)
            free -= given
            served += 1
    return served


def _offer(waiting: Waiting, item: StockItem, units: int) -> None:
    waiting.move_to(WaitingState.OFFERED)
    waiting.quantity = units
    waiting.hold_until = timezone.now() + settings.WAITING_HOLD
    waiting.save(update_fields=["state", "quantity", "hold_until"])
    Reservation.objects.create(
        holder=waiting.holder, stock_item=item, quantity=units, expires_at=waiting.hold_until
    )
    StockItem.objects.filter(pk=item.pk, on_hand__gte=F("reserved") + units).update(
        reserved=F("reserved") + units
    )
    outbox.add(TOPIC, key=f"{TOPIC}:{waiting.pk}", waiting_id=waiting.pk)
