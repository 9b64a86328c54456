"""Parcels and returns for tests, made by the shop's own operations; time is moved in the rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.core import mail
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_owner
from catalog.models import Product, Variant
from catalog.tests.builders import make_product, make_variant
from orders.delivery import mark_delivered
from orders.fulfilment import ship_lines
from orders.models import (
    Order,
    OrderStatus,
    Return,
    ReturnOutcome,
    ReturnReason,
    ReturnState,
    Shipment,
)
from orders.returns.deciding import approve_return
from orders.returns.quantities import returnable
from orders.returns.requesting import Wanted, request_return
from orders.returns.settling import Received, receive_return, settle_return
from orders.tests.builders import make_order
from shop.core import outbox
from shop.core.models import OutboxMessage

_numbers = count(1)


def staff() -> User:
    return User.objects.filter(is_staff=True).first() or make_owner()


def confirmed(lines: Mapping[Variant, int] | None = None, **fields: Any) -> Order:
    return make_order(status=OrderStatus.CONFIRMED, lines=lines, **fields)


def ship(order: Order, units: int | None = None, *, number: str = "") -> Shipment:
    """A parcel with so many units of each line, or with all that is left."""
    group = order.groups.get()
    quantities = None if units is None else {line.pk: units for line in group.lines.all()}
    return ship_lines(
        group_id=group.pk,
        courier="JNE",
        tracking_number=number or f"JP{next(_numbers)}",
        actor_id=staff().pk,
        quantities=quantities,
    )


def deliver(shipment: Shipment, *, at: datetime | None = None) -> None:
    mark_delivered(shipment_id=shipment.pk, at=at or timezone.now(), user_id=staff().pk)


def delivered(lines: Mapping[Variant, int] | None = None, **fields: Any) -> Order:
    """An order all of which has just arrived."""
    order = confirmed(lines, **fields)
    deliver(ship(order))
    order.refresh_from_db()
    return order


def long_ago(order: Order, days: float) -> None:
    """Everything that happened to the order's parcels happened so many days earlier."""
    for shipment in Shipment.objects.filter(group__order=order):
        for name in ("shipped_at", "delivered_at", "delivery_due_at", "decided_at"):
            at = getattr(shipment, name)
            if at is not None:
                setattr(shipment, name, at - timedelta(days=days))
        shipment.save()
    order.refresh_from_db()
    if order.close_due_at is not None:
        order.close_due_at -= timedelta(days=days)
        order.save(update_fields=["close_due_at"])


def two_sizes(*, on_hand: int = 10) -> tuple[Variant, Variant]:
    """M and L of one shirt, in one place."""
    product: Product = make_product("Kemeja Ubud")
    medium = make_variant(product=product, size="M", on_hand=10)
    location = medium.stock_items.get().location
    return medium, make_variant(product=product, size="L", on_hand=on_hand, location=location)


def ask_return(
    order: Order, units: int = 1, *, exchange_for: Variant | None = None, **fields: Any
) -> Return:
    line = order.lines.order_by("pk").first()
    assert line is not None
    wanted = Wanted(line.pk, units, exchange_for.public_id if exchange_for else None)
    outcome = ReturnOutcome.EXCHANGE if exchange_for else ReturnOutcome.REFUND
    values: dict[str, Any] = {"outcome": outcome, "reason": ReturnReason.TOO_SMALL} | fields
    return request_return(order_id=order.pk, wanted=[wanted], **values)


def approve(goods_return: Return, **fields: Any) -> Return:
    return approve_return(return_id=goods_return.pk, user_id=staff().pk, **fields)


def receive(goods_return: Return, units: int | None = None, **fields: Any) -> Return:
    goods_return.refresh_from_db()
    if goods_return.state == ReturnState.REQUESTED:
        approve(goods_return)
    received = {
        line.pk: Received(line.quantity if units is None else units, **fields)
        for line in goods_return.lines.all()
    }
    return receive_return(return_id=goods_return.pk, received=received, user_id=staff().pk)


def settle(goods_return: Return, outcome: ReturnOutcome, **fields: Any) -> Return:
    return settle_return(return_id=goods_return.pk, outcome=outcome, user_id=staff().pk, **fields)


def left(order: Order) -> list[int]:
    order.refresh_from_db()
    return list(returnable(order, at=timezone.now()).values())


def events(order: Order) -> list[str]:
    return list(order.events.order_by("pk").values_list("kind", flat=True))


def send_mails() -> list[Any]:
    """Deliver what the outbox holds now; returns the mails that went out."""
    before = len(mail.outbox)
    for message in OutboxMessage.objects.filter(done_at=None).order_by("pk"):
        outbox.deliver(message.pk)
    return list(mail.outbox[before:])
