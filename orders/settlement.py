"""What becomes of an order once its money has come, or has not."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from catalog.inventory import are_free, commit_reservation, release, reserve
from orders.ending import ended_unpaid
from orders.models import PAID, Order, OrderEvent, OrderStatus, lock_order
from orders.promotions.uses import hold_uses, release_uses, retake_uses
from shop.core import outbox
from shop.core.rows import Part, inserted, saved, write_together

IN_THE_CART = """(
    SELECT line.id, line.quantity - bought.units AS stays FROM orders_cartline AS line
    JOIN orders_cart AS cart ON cart.id = line.cart_id AND cart.token = %s
    JOIN (
        SELECT variant_id, sum(quantity) AS units FROM orders_orderline
        WHERE order_id = %s AND replaces_id IS NULL GROUP BY variant_id
    ) AS bought USING (variant_id)
) AS line"""
TAKE_SOME = f"""
UPDATE orders_cartline SET quantity = stays FROM {IN_THE_CART}
WHERE orders_cartline.id = line.id AND stays > 0
"""  # noqa: S608 - our own text
TAKE_ALL = f"""
DELETE FROM orders_cartline USING {IN_THE_CART}
WHERE orders_cartline.id = line.id AND stays <= 0
"""  # noqa: S608 - our own text


@transaction.atomic
def confirm(*, order_id: int, actor: OrderEvent.Actor = OrderEvent.Actor.GATEWAY) -> Order:
    """The goods are owed from now on. Safe to call twice.

    A pending order sells what it reserved. One that had expired or was cancelled takes its stock
    anew, if need be from the unpaid order that replaced it. Raises catalog.inventory.OutOfStock
    where that is gone; then nothing has changed.
    """
    order = lock_order(order_id)
    if order.status not in PAID:
        confirm_locked(order, actor=actor)
    return order


def confirm_locked(
    order: Order,
    *,
    actor: OrderEvent.Actor = OrderEvent.Actor.GATEWAY,
    beside: Sequence[Part] = (),
) -> None:
    """`confirm` of an unpaid order whose lock the caller's transaction holds, written together with
    other rows. After OutOfStock, which only a late order raises, that has to roll back.
    """
    is_late = order.status != OrderStatus.PENDING
    newer = _unpaid_of_same_cart(order) if is_late else None
    order.move_to(OrderStatus.CONFIRMED)
    order.confirmed_at = timezone.now()
    order.ended_at = None
    if is_late:
        order.holder = uuid4()
    event = OrderEvent(order=order, kind="confirmed_late" if is_late else "confirmed", actor=actor)
    if order.collect_minor:
        event.kind, event.data = "confirmed_to_collect", {"amount": order.collect_minor}
    write_together(
        saved(order, "status", "confirmed_at", "ended_at", "holder", "collect_minor"),
        inserted([event]),
        outbox.adding("order-confirmed", key=f"order-confirmed:{order.pk}", order_id=order.pk),
        *_leaving_the_cart(order),
        *beside,
    )
    if is_late:
        _take_again(order, newer)
    # Stock comes last: a hot row stays locked for as short as can be.
    commit_reservation(holder=order.holder)


def _unpaid_of_same_cart(order: Order) -> Order | None:
    """The same buyer's newer order, locked: it may hold the very goods that were paid now."""
    if order.cart_token is None:
        return None
    same = Order.objects.locked().filter(cart_token=order.cart_token, status=OrderStatus.PENDING)
    return same.exclude(pk=order.pk).first()


def _take_again(order: Order, newer: Order | None) -> None:
    """A late order's promotions and goods; those of its buyer's own unpaid order only if none are
    free. Raises OutOfStock."""
    quantities = {line.stock_item_id: line.quantity for line in order.lines.all()}
    replaced = newer if newer is not None and not are_free(quantities) else None
    if replaced is not None:
        # Of both at once: what is given back and what is taken are locked in one order.
        hold_uses(order_ids=[order.pk, replaced.pk])
        _give_way(replaced, to=order)
    retake_uses(order_id=order.pk)
    if replaced is not None:
        ended_unpaid(replaced)
    reserve(
        holder=order.holder,
        quantities=quantities,
        until=timezone.now() + timedelta(minutes=1),
        replacing=[replaced.holder] if replaced else (),
    )


def _give_way(newer: Order, *, to: Order) -> None:
    newer.move_to(OrderStatus.CANCELLED)
    newer.ended_at = timezone.now()
    newer.next_expiry_at = None
    newer.save(update_fields=["status", "ended_at", "next_expiry_at"])
    OrderEvent.objects.create(
        order=newer,
        kind="superseded",
        actor=OrderEvent.Actor.GATEWAY,
        data={"paid_instead": to.number},
    )
    outbox.add("order-ended", key=f"order-cancelled:{newer.pk}", order_id=newer.pk)
    release_uses(order_id=newer.pk)


def _leaving_the_cart(order: Order) -> list[Part]:
    """What has been bought leaves the cart it came from; what was added since stays."""
    if order.cart_token is None:
        return []
    return [Part(text, (order.cart_token, order.pk)) for text in (TAKE_SOME, TAKE_ALL)]


@transaction.atomic
def close_unpaid(
    *,
    order_id: int,
    status: OrderStatus = OrderStatus.EXPIRED,
    actor: OrderEvent.Actor = OrderEvent.Actor.SYSTEM,
    user_id: int | None = None,
) -> bool:
    """End an order that was not paid and give its stock back, once. Returns whether it did."""
    order = Order.objects.locked().get(pk=order_id)
    if order.status != OrderStatus.PENDING:
        return False
    order.move_to(status)
    order.ended_at = timezone.now()
    order.next_expiry_at = None
    order.save(update_fields=["status", "ended_at", "next_expiry_at"])
    OrderEvent.objects.create(order=order, kind=str(status), actor=actor, user_id=user_id)
    outbox.add("order-ended", key=f"order-{status}:{order.pk}", order_id=order.pk)
    release_uses(order_id=order.pk)
    ended_unpaid(order)
    release(holder=order.holder)
    return True
