"""Calling off a paid order before anything of it is sent: goods, promotions and money go back."""

from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import book_movements
from catalog.models import StockItem, StockMovement
from orders.fulfilment import NotPaid
from orders.models import (
    SHOPS_FAULT,
    CallOffReason,
    Order,
    OrderEvent,
    OrderStatus,
    ParcelDecision,
    Shipment,
    ShipmentStatus,
)
from orders.promotions.uses import release_uses
from orders.refunds_due import owe_all
from orders.slips_printed import is_printed
from shop.core import outbox
from shop.core.errors import DomainError


class SentAlready(DomainError):
    code = "sent_already"
    message = _(
        "Some of this order has left: it cannot be called off any more. Send the rest, and take"
        " back what is not wanted as a return once it has arrived."
    )


class PackedAlready(DomainError):
    code = "packed_already"
    message = _(
        "A parcel of this order is packed: take it out of the pile and unpack it here first."
    )


class BeingPacked(DomainError):
    code = "being_packed"
    message = _(
        "Your order is being packed or on its way already, so it can no longer be cancelled here."
        " Please write to us, or return it once it has arrived."
    )


@transaction.atomic
def call_off(*, order_id: int, reason: CallOffReason, user_id: int, restock: bool = True) -> bool:
    """Staff call a paid order off: confirmed → cancelled, and its money is owed.

    `restock`: its goods are put back on sale; never where they are missing or damaged. Returns
    whether this call did it; a second changes nothing. Raises NotPaid, SentAlready, PackedAlready.
    """
    order = Order.objects.locked().get(pk=order_id)
    if _is_called_off(order):
        return False
    _check(order)
    is_whole = reason not in SHOPS_FAULT
    _end(order, reason, actor=OrderEvent.Actor.STAFF, user_id=user_id, restock=restock and is_whole)
    return True


@transaction.atomic
def call_off_by_customer(*, order_id: int) -> bool:
    """The buyer's own call-off, at once, while nobody has begun to pack.

    Returns whether this call did it; a second changes nothing. Raises BeingPacked.
    """
    order = Order.objects.locked().get(pk=order_id)
    if _is_called_off(order):
        return False
    if not may_call_off(order):
        raise BeingPacked
    _end(order, CallOffReason.CUSTOMER_ASKED, actor=OrderEvent.Actor.CUSTOMER, restock=True)
    return True


def may_call_off(order: Order) -> bool:
    """Whether its buyer still can: paid, and neither a parcel nor a printed slip of it."""
    if order.status != OrderStatus.CONFIRMED:
        return False
    return not Shipment.objects.filter(group__order=order).exists() and not is_printed(order)


def _is_called_off(order: Order) -> bool:
    return order.status == OrderStatus.CANCELLED and order.confirmed_at is not None


def _check(order: Order) -> None:
    if order.status != OrderStatus.CONFIRMED:
        raise SentAlready if order.status == OrderStatus.CLOSED else NotPaid
    # What is to be sent again is here, as if it had never left.
    parcels = Shipment.objects.filter(group__order=order).exclude(decision=ParcelDecision.RESEND)
    statuses = set(parcels.values_list("status", flat=True))
    if statuses - {ShipmentStatus.PACKED}:
        raise SentAlready
    if statuses:
        raise PackedAlready


def _end(
    order: Order,
    reason: CallOffReason,
    *,
    actor: OrderEvent.Actor,
    restock: bool,
    user_id: int | None = None,
) -> None:
    order.move_to(OrderStatus.CANCELLED)
    order.ended_at = timezone.now()
    order.close_due_at = None
    order.save(update_fields=["status", "ended_at", "close_due_at"])
    due = owe_all(order=order, user_id=user_id)
    OrderEvent.objects.create(
        order=order,
        kind="called_off",
        actor=actor,
        user_id=user_id,
        data={"reason": str(reason), "amount": due.amount_minor, "restocked": restock},
    )
    outbox.add("order-called-off", key=f"order-called-off:{order.pk}", order_id=order.pk)
    release_uses(order_id=order.pk)
    back = _goods(order) if restock else {}
    # Stock comes last: a hot row stays locked for as short as can be.
    if back:
        book_movements(
            quantities=back,
            kind=StockMovement.Kind.RETURNED,
            reason=order.number,
            actor_id=user_id,
        )


def _goods(order: Order) -> dict[int, int]:
    """Stock item pk → units, where the stock item still exists."""
    units: Counter[int] = Counter()
    for line in order.lines.all():
        units[line.stock_item_id] += line.quantity
    known = set(StockItem.objects.filter(pk__in=units).values_list("pk", flat=True))
    return {pk: quantity for pk, quantity in units.items() if pk in known}
