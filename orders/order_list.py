"""The orders of an account as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.catalogue import ImageView
from catalog.pictures import variant_pictures
from orders.models import FulfilmentStatus, Order, OrderLine
from orders.own_orders import own_orders
from orders.progress import Facts, Progress, progress_of

MOST_PICTURES = 4


@dataclass(frozen=True, slots=True)
class OrderCard:
    order: Order
    progress: Progress
    lines: Sequence[OrderLine]
    pictures: list[ImageView]


@dataclass(frozen=True, slots=True)
class OrderCards:
    """`next_pk`: the order behind which the following page begins; None on the last one."""

    cards: list[OrderCard]
    next_pk: int | None


def order_cards(*, customer_id: int, after_pk: int | None = None, size: int) -> OrderCards:
    """The newest first. A number of queries that does not depend on how many there are."""
    last = Order.objects.filter(customer=customer_id, pk=after_pk).first() if after_pk else None
    after = (last.placed_at, last.pk) if last else None
    page = own_orders(customer_id=customer_id, after=after, size=size)
    variants = {line.variant_id for order in page.orders for line in order.lines.all()}
    pictures = variant_pictures(sorted(variants))
    cards = [
        OrderCard(
            order,
            progress_of(order, FulfilmentStatus(order.fulfilment), Facts()),
            list(order.lines.all()),
            [
                pictures[line.variant_id]
                for line in order.lines.all()
                if line.variant_id in pictures
            ][:MOST_PICTURES],
        )
        for order in page.orders
    ]
    return OrderCards(cards, page.next_position[1] if page.next_position else None)
