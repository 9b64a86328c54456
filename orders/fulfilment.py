"""Sending what is owed: what is left, packing it, handing it to the courier."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.closing import follow_goods
from orders.holding import require_free
from orders.models import (
    ASKING,
    PAID,
    FulfilmentGroup,
    Order,
    OrderEvent,
    ParcelDecision,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
)
from orders.reviews.asking import ask_later
from shop.core import outbox
from shop.core.errors import DomainError, NotFound

# A courier's promise is not kept to the day.
LATER_THAN_PROMISED = timedelta(days=7)
# Nothing has happened to a parcel sooner.
FIRST_ASKED_AFTER = timedelta(hours=6)


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


class SentWhole(DomainError):
    code = "sent_whole"
    status = 422
    message = _(
        "This order is paid to the courier: it leaves in one parcel, with all of its goods. Where"
        " some of them are missing, call the order off and tell the customer."
    )


class AlreadyShipped(DomainError):
    code = "already_shipped"
    message = _("A parcel with this tracking number is recorded already.")


class TrackingNumberMissing(DomainError):
    code = "tracking_number_missing"
    status = 422
    message = _("Enter the courier's tracking number.")


class NothingToCorrect(DomainError):
    code = "nothing_to_correct"
    message = _("This parcel has not left yet: it has no tracking number to correct.")


class ParcelNotFound(NotFound):
    code = "parcel_not_found"
    message = _("This parcel is not there any more. Reload the page to see what is.")


Listener = Callable[[Order], object]
_sent: list[Listener] = []


def register_sent(listener: Listener) -> None:
    """For a higher app that keeps books; called from `AppConfig.ready`."""
    if listener not in _sent:
        _sent.append(listener)


def unshipped(group: FulfilmentGroup) -> dict[int, int]:
    """Order line pk → units in no parcel yet, for the lines that have any."""
    return unshipped_of([group])[group.pk]


def unshipped_of(groups: Sequence[FulfilmentGroup]) -> dict[int, dict[int, int]]:
    """Group pk → the same, in one query where the groups' lines have been read already."""
    parcelled = dict(
        ShipmentLine.objects.filter(shipment__group__in=groups)
        .exclude(shipment__decision=ParcelDecision.RESEND)
        .values("order_line_id")
        .annotate(units=Sum("quantity"))
        .values_list("order_line_id", "units")
    )
    return {
        group.pk: {
            line.pk: line.quantity - parcelled.get(line.pk, 0)
            for line in group.lines.all()
            if line.quantity > parcelled.get(line.pk, 0)
        }
        for group in groups
    }


def locked_shipment(shipment_id: int) -> tuple[Order, Shipment]:
    """A parcel and its order, locked in the caller's transaction. Raises ParcelNotFound."""
    found = Shipment.objects.filter(pk=shipment_id).values_list("group__order_id", flat=True)
    order_id = found.first()
    if order_id is None:
        raise ParcelNotFound
    order = Order.objects.locked().get(pk=order_id)
    # Read under the lock: it may have moved on, or been unpacked, while we waited for it.
    shipment = Shipment.objects.select_related("group").filter(pk=shipment_id).first()
    if shipment is None:
        raise ParcelNotFound
    return order, shipment


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
    HeldBack, NothingToShip, TooMuchShipped, SentWhole, AlreadyShipped, TrackingNumberMissing; then
    nothing has changed.
    """
    order, group = _locked_group(group_id)
    tracking_number = _free_number(group, courier, tracking_number)
    shipment = Shipment(group=group, created_by_id=actor_id)
    units = _checked_units(order, group, quantities)
    _hand_over(shipment, courier=courier, tracking_number=tracking_number)
    _fill(shipment, units)
    _tell_shipped(order, shipment, actor_id=actor_id)
    return shipment


@transaction.atomic
def pack_lines(
    *, group_id: int, actor_id: int, quantities: Mapping[int, int] | None = None
) -> Shipment:
    """Put units of the group into a parcel that has not left yet; all that is left by default.

    Raises NotPaid, HeldBack, NothingToShip, TooMuchShipped, SentWhole; then nothing has changed.
    """
    order, group = _locked_group(group_id)
    units = _checked_units(order, group, quantities)
    shipment = Shipment.objects.create(group=group, courier=group.courier, created_by_id=actor_id)
    _fill(shipment, units)
    record(order, "packed", shipment, user_id=actor_id)
    follow_goods(order)
    return shipment


@transaction.atomic
def ship_packed(*, shipment_id: int, courier: str, tracking_number: str, actor_id: int) -> Shipment:
    """packed → shipped, and tell the customer. The same number again changes nothing.

    Raises ParcelNotFound, NotPaid, HeldBack, AlreadyShipped, TrackingNumberMissing,
    InvalidTransition.
    """
    order, shipment = locked_shipment(shipment_id)
    if shipment.status != ShipmentStatus.PACKED and _is_number(shipment, courier, tracking_number):
        return shipment
    if order.status not in PAID:
        raise NotPaid
    require_free(order)
    tracking_number = _free_number(shipment.group, courier, tracking_number)
    _hand_over(shipment, courier=courier, tracking_number=tracking_number)
    _tell_shipped(order, shipment, actor_id=actor_id)
    return shipment


@transaction.atomic
def unpack(*, shipment_id: int, actor_id: int) -> None:
    """Take a packed parcel apart: its units are left to send again. Raises InvalidTransition."""
    order, shipment = locked_shipment(shipment_id)
    if shipment.status != ShipmentStatus.PACKED:
        shipment.move_to(ShipmentStatus.PACKED)
    record(order, "unpacked", shipment, user_id=actor_id)
    shipment.delete()
    follow_goods(order)


@transaction.atomic
def correct_tracking(
    *, shipment_id: int, courier: str, tracking_number: str, actor_id: int
) -> Shipment:
    """Replace a wrong tracking number, and tell the customer the right one. Safe to repeat.

    Raises ParcelNotFound, NothingToCorrect, AlreadyShipped, TrackingNumberMissing.
    """
    order, shipment = locked_shipment(shipment_id)
    if _is_number(shipment, courier, tracking_number):
        return shipment
    if shipment.status == ShipmentStatus.PACKED:
        raise NothingToCorrect
    before = str(shipment)
    shipment.tracking_number = _free_number(shipment.group, courier, tracking_number)
    shipment.courier = courier
    shipment.ask_from(timezone.now())
    shipment.save(update_fields=["courier", "tracking_number", *ASKING])
    event = record(order, "tracking_corrected", shipment, user_id=actor_id, before=before)
    # The key names the change: also one back to a number of before is told.
    outbox.add(
        "order-shipped",
        key=f"order-shipped:{shipment.pk}:{event.pk}",
        shipment_id=shipment.pk,
        correction=event.pk,
    )
    return shipment


def record(
    order: Order,
    kind: str,
    shipment: Shipment,
    *,
    user_id: int | None = None,
    actor: OrderEvent.Actor = OrderEvent.Actor.STAFF,
    **facts: object,
) -> OrderEvent:
    """An event of a parcel, with what tells it from the order's other parcels."""
    data = {
        "shipment": shipment.pk,
        "courier": shipment.courier,
        "tracking_number": shipment.tracking_number,
    }
    return OrderEvent.objects.create(
        order=order, kind=kind, actor=actor, user_id=user_id, data=data | facts
    )


def delivery_due_at(group: FulfilmentGroup, *, shipped_at: datetime) -> datetime:
    """When a parcel without news is taken to have arrived: never before the courier's promise."""
    promised = timedelta(days=group.eta_max_days or 0) + LATER_THAN_PROMISED
    return shipped_at + max(settings.DELIVERED_AFTER, promised)


def _locked_group(group_id: int) -> tuple[Order, FulfilmentGroup]:
    group = FulfilmentGroup.objects.get(pk=group_id)
    order = Order.objects.locked().get(pk=group.order_id)
    if order.status not in PAID:
        raise NotPaid
    require_free(order)
    return order, group


def _is_number(shipment: Shipment, courier: str, tracking_number: str) -> bool:
    return (shipment.courier, shipment.tracking_number) == (courier, tracking_number.strip())


def _free_number(group: FulfilmentGroup, courier: str, tracking_number: str) -> str:
    tracking_number = tracking_number.strip()
    if not tracking_number:
        raise TrackingNumberMissing
    same = Shipment.objects.filter(group=group, courier=courier, tracking_number=tracking_number)
    if same.exists():
        raise AlreadyShipped
    return tracking_number


def _checked_units(
    order: Order, group: FulfilmentGroup, quantities: Mapping[int, int] | None
) -> Mapping[int, int]:
    left = unshipped(group)
    if not left:
        raise NothingToShip
    if quantities is None:
        return left
    wanted = {pk: units for pk, units in quantities.items() if units > 0}
    if not wanted:
        raise NothingToShip
    if order.collect_minor and wanted != left:
        raise SentWhole
    names = {line.pk: line.product_name for line in group.lines.all()}
    for pk, units in wanted.items():
        if units > left.get(pk, 0):
            raise TooMuchShipped(names.get(pk, str(pk)))
    return wanted


def _fill(shipment: Shipment, units: Mapping[int, int]) -> None:
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=pk, quantity=quantity)
        for pk, quantity in units.items()
    )


def _hand_over(shipment: Shipment, *, courier: str, tracking_number: str) -> None:
    shipment.move_to(ShipmentStatus.SHIPPED)
    shipment.courier = courier
    shipment.tracking_number = tracking_number
    shipment.shipped_at = now = timezone.now()
    shipment.delivery_due_at = delivery_due_at(shipment.group, shipped_at=now)
    shipment.ask_from(now + FIRST_ASKED_AFTER)
    shipment.save()


def _tell_shipped(order: Order, shipment: Shipment, *, actor_id: int) -> None:
    record(order, "shipped", shipment, user_id=actor_id)
    outbox.add("order-shipped", key=f"order-shipped:{shipment.pk}", shipment_id=shipment.pk)
    ask_later(order=order, sent_at=timezone.now())
    follow_goods(order)
    for listener in _sent:
        listener(order)
