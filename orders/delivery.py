"""What became of a parcel after it left: by the courier's news, by staff, or as time goes by."""

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import OutOfStock, book_movements, commit_reservation, reserve
from catalog.models import StockItem, StockMovement
from orders.closing import follow_goods
from orders.fulfilment import FIRST_ASKED_AFTER, delivery_due_at, locked_shipment, record
from orders.models import (
    ASKING,
    ASTRAY,
    VOID_RETURNS,
    Order,
    OrderEvent,
    OrderStatus,
    ParcelDecision,
    ReturnLine,
    Shipment,
    ShipmentStatus,
)
from orders.refunds_due import owe_for_parcel
from shop.core import outbox
from shop.core.due import claim_due
from shop.core.errors import DomainError, InvalidTransition

LEASE = timedelta(minutes=10)
AT_ONCE = 200
Actor = OrderEvent.Actor
# What a courier delivers after it brought it back, it delivers to us; time alone finds nothing.
STAYS_ASTRAY = {Actor.COURIER: (ShipmentStatus.RETURNED_TO_SENDER,), Actor.SYSTEM: ASTRAY}


class TooLateToUndo(DomainError):
    code = "too_late_to_undo"
    message = _("The order is closed or some of the parcel is being returned: it stays delivered.")


class AlreadyDecided(DomainError):
    code = "already_decided"
    message = _("It has been decided already what becomes of this parcel.")


class NoneLeftToResend(DomainError):
    code = "none_left_to_resend"
    message = _("There is not enough stock to send these goods again. Give the money back instead.")


class NotThisParcels(DomainError):
    code = "not_this_parcels"
    status = 422
    message = _("No more can be put back into stock than was in the parcel.")


@transaction.atomic
def mark_delivered(
    *,
    shipment_id: int,
    at: datetime,
    actor: OrderEvent.Actor = Actor.STAFF,
    user_id: int | None = None,
    is_assumed: bool = False,
) -> bool:
    """The parcel has arrived. Returns whether this call recorded it; a second changes nothing.

    `is_assumed`: nobody said so, but the time for it is over; whoever says so later makes it sure,
    and the moment stays, from which the customer has been told to count. Raises ParcelNotFound,
    InvalidTransition, AlreadyDecided (it was lost and made good).
    """
    order, shipment = locked_shipment(shipment_id)
    if shipment.status == ShipmentStatus.DELIVERED:
        if shipment.is_assumed and not is_assumed:
            shipment.is_assumed = False
            shipment.save(update_fields=["is_assumed"])
            record(order, "delivered", shipment, actor=actor, user_id=user_id)
        return False
    if shipment.decision:
        raise AlreadyDecided
    if shipment.status in STAYS_ASTRAY.get(actor, ()):
        raise InvalidTransition(f"shipment {shipment.pk} is {shipment.status}")
    shipment.move_to(ShipmentStatus.DELIVERED)
    shipment.delivered_at = _between(shipment.shipped_at, at)
    shipment.is_assumed = is_assumed
    shipment.delivery_due_at = None
    shipment.save(update_fields=["status", "delivered_at", "is_assumed", "delivery_due_at"])
    kind = "delivered_assumed" if is_assumed else "delivered"
    record(order, kind, shipment, actor=actor, user_id=user_id)
    # The key names the moment: what was taken back and happens again is told again.
    key = f"order-delivered:{shipment.pk}:{shipment.delivered_at:%Y%m%dT%H%M%S.%f}"
    outbox.add("order-delivered", key=key, shipment_id=shipment.pk)
    follow_goods(order)
    return True


def _between(shipped_at: datetime | None, at: datetime) -> datetime:
    """A courier's clock may be wrong: no parcel arrives before it left, or tomorrow."""
    return min(max(shipped_at or at, at), timezone.now())


@transaction.atomic
def undo_delivered(*, shipment_id: int, user_id: int) -> bool:
    """Staff take a wrong "delivered" back: the parcel is on its way. Safe to repeat.

    Raises TooLateToUndo; InvalidTransition where it is lost or came back by now.
    """
    order, shipment = locked_shipment(shipment_id)
    if shipment.status == ShipmentStatus.SHIPPED:
        return False
    if shipment.status != ShipmentStatus.DELIVERED:
        raise InvalidTransition(f"shipment {shipment.pk} is {shipment.status}")
    if order.status != OrderStatus.CONFIRMED or _is_being_returned(shipment):
        raise TooLateToUndo
    _send_on(order, shipment, kind="delivery_undone", user_id=user_id)
    return True


@transaction.atomic
def undo_astray(*, shipment_id: int, user_id: int) -> bool:
    """Staff take "lost" or "returned to sender" back, as where the courier brings it out again.

    Safe to repeat. Raises AlreadyDecided, InvalidTransition.
    """
    order, shipment = locked_shipment(shipment_id)
    if shipment.status == ShipmentStatus.SHIPPED:
        return False
    if shipment.decision:
        raise AlreadyDecided
    if shipment.status not in ASTRAY:
        raise InvalidTransition(f"shipment {shipment.pk} is {shipment.status}")
    _send_on(order, shipment, kind="parcel_on_its_way", user_id=user_id)
    return True


def _send_on(order: Order, shipment: Shipment, *, kind: str, user_id: int) -> None:
    shipment.move_to(ShipmentStatus.SHIPPED)
    shipment.delivered_at = None
    shipment.is_assumed = False
    shipment.delivery_due_at = delivery_due_at(shipment.group, shipped_at=timezone.now())
    shipment.ask_from(timezone.now() + FIRST_ASKED_AFTER)
    changed = ("status", "delivered_at", "is_assumed", "delivery_due_at", *ASKING)
    shipment.save(update_fields=changed)
    record(order, kind, shipment, user_id=user_id)
    follow_goods(order)


def _is_being_returned(shipment: Shipment) -> bool:
    lines = ReturnLine.objects.filter(order_line__shipment_lines__shipment=shipment)
    return lines.exclude(goods_return__state__in=VOID_RETURNS).exists()


def mark_lost(
    *, shipment_id: int, actor: OrderEvent.Actor = Actor.STAFF, user_id: int | None = None
) -> bool:
    """It will not arrive; what becomes of its goods is decided with `decide_parcel`.

    Also of one that counts as delivered: for the courier while that was only assumed and the order
    is open, for staff always, as where a customer says that it never came. Raises TooLateToUndo
    where some of it is being returned.
    """
    return _mark_astray(shipment_id, ShipmentStatus.LOST, "parcel_lost", actor, user_id)


def mark_returned_to_sender(
    *, shipment_id: int, actor: OrderEvent.Actor = Actor.STAFF, user_id: int | None = None
) -> bool:
    """The courier brought it back; what becomes of its goods is decided with `decide_parcel`.

    Of one that counts as delivered as with `mark_lost`.
    """
    target = ShipmentStatus.RETURNED_TO_SENDER
    return _mark_astray(shipment_id, target, "parcel_came_back", actor, user_id)


@transaction.atomic
def _mark_astray(
    shipment_id: int,
    target: ShipmentStatus,
    kind: str,
    actor: OrderEvent.Actor,
    user_id: int | None,
) -> bool:
    """Whether this call did it. Raises ParcelNotFound, InvalidTransition, AlreadyDecided,
    TooLateToUndo."""
    order, shipment = locked_shipment(shipment_id)
    if shipment.status == target:
        return False
    if shipment.decision:
        raise AlreadyDecided
    if shipment.status == ShipmentStatus.DELIVERED:
        _check_undeliverable(order, shipment, actor)
        kind = f"{kind}_after_all"
    shipment.move_to(target)
    shipment.delivered_at = None
    shipment.is_assumed = False
    shipment.delivery_due_at = None
    shipment.save(update_fields=["status", "delivered_at", "is_assumed", "delivery_due_at"])
    record(order, kind, shipment, actor=actor, user_id=user_id)
    follow_goods(order)
    return True


def _check_undeliverable(order: Order, shipment: Shipment, actor: OrderEvent.Actor) -> None:
    """A courier's word for "delivered" stands against its later words, and an end is an end; staff
    have heard the customer. Raises TooLateToUndo."""
    is_open = shipment.is_assumed and order.status == OrderStatus.CONFIRMED
    if _is_being_returned(shipment) or not (is_open or actor == Actor.STAFF):
        raise TooLateToUndo


@transaction.atomic
def decide_parcel(
    *,
    shipment_id: int,
    decision: ParcelDecision,
    user_id: int,
    restock: dict[int, int] | None = None,
) -> bool:
    """Send the goods of a lost or returned parcel again, or owe their money; tell the customer.

    `restock`: stock item pk → units of the parcel that are put back on sale; only what came back
    can be. Goods that came back are sent again as they are; in place of lost ones others are taken
    from stock. Returns whether this call did it; the same decision again changes nothing. Raises
    InvalidTransition, AlreadyDecided, NotThisParcels, NoneLeftToResend, RefundedAlready.
    """
    order, shipment = locked_shipment(shipment_id)
    if shipment.decision == decision:
        return False
    if shipment.decision:
        raise AlreadyDecided
    if shipment.status not in ASTRAY:
        raise InvalidTransition(f"shipment {shipment.pk} is {shipment.status}")
    wanted = {pk: units for pk, units in (restock or {}).items() if units}
    _check_restock(shipment, decision, wanted)
    shipment.decision = decision
    shipment.decided_at = timezone.now()
    shipment.save(update_fields=["decision", "decided_at"])
    facts: dict[str, Any] = {}
    if decision == ParcelDecision.REFUND:
        due = owe_for_parcel(order=order, shipment=shipment, user_id=user_id)
        if due.uncollected_minor:
            facts["amount"] = due.amount_minor
    record(order, f"parcel_{decision}", shipment, user_id=user_id, **facts)
    outbox.add("order-parcel", key=f"order-parcel:{shipment.pk}", shipment_id=shipment.pk)
    follow_goods(order)
    # Stock comes last: a hot row stays locked for as short as can be.
    if wanted:
        book_movements(
            quantities=wanted,
            kind=StockMovement.Kind.RETURNED,
            reason=str(shipment),
            actor_id=user_id,
        )
    if decision == ParcelDecision.RESEND and shipment.status == ShipmentStatus.LOST:
        _take_again(shipment)
    return True


def _take_again(shipment: Shipment) -> None:
    """Other units in place of those that are lost: sold like the first."""
    holder = uuid4()
    try:
        reserve(
            holder=holder,
            quantities=parcel_stock(shipment),
            until=timezone.now() + timedelta(minutes=1),
        )
    except OutOfStock as error:
        raise NoneLeftToResend from error
    commit_reservation(holder=holder)


def _check_restock(shipment: Shipment, decision: ParcelDecision, wanted: dict[int, int]) -> None:
    if not wanted:
        return
    came_back = shipment.status == ShipmentStatus.RETURNED_TO_SENDER
    if not came_back or decision != ParcelDecision.REFUND:
        raise NotThisParcels
    contents = parcel_stock(shipment)
    if any(units < 0 or units > contents.get(pk, 0) for pk, units in wanted.items()):
        raise NotThisParcels


def parcel_stock(shipment: Shipment) -> dict[int, int]:
    """Stock item pk → units of it in the parcel, where the stock item still exists."""
    contents: dict[int, int] = {}
    for line in shipment.lines.select_related("order_line"):
        pk = line.order_line.stock_item_id
        contents[pk] = contents.get(pk, 0) + line.quantity
    known = set(StockItem.objects.filter(pk__in=contents).values_list("pk", flat=True))
    return {pk: units for pk, units in contents.items() if pk in known}


def assume_delivered(*, within: timedelta) -> int:
    """Parcels without news whose time is over are taken to have arrived. Returns how many.

    Each in a transaction of its own; any number of workers may run it at once.
    """
    give_up_at = time.monotonic() + within.total_seconds()
    shipped = Shipment.objects.filter(status=ShipmentStatus.SHIPPED)
    count = 0
    while time.monotonic() < give_up_at:
        due = claim_due(shipped, "delivery_due_at", lease=LEASE, limit=AT_ONCE)
        count += sum(_assume(pk) for pk in due)
        if len(due) < AT_ONCE:
            break
    return count


def _assume(shipment_id: int) -> bool:
    try:
        return mark_delivered(
            shipment_id=shipment_id, at=timezone.now(), actor=Actor.SYSTEM, is_assumed=True
        )
    except DomainError:
        # News came between the claim and the lock.
        return False
