"""Asking to give something back, and changing one's mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.closing import follow_goods
from orders.models import (
    PAID,
    Order,
    OrderEvent,
    OrderLine,
    Return,
    ReturnLine,
    ReturnOutcome,
    ReturnReason,
    ReturnState,
)
from orders.returns.exchanging import ExchangeNotOffered, Offer, offers_for
from orders.returns.quantities import returnable
from shop.core import outbox
from shop.core.errors import DomainError, InvalidTransition, NotFound

LONGEST_NOTE = 500


class NothingToReturn(DomainError):
    code = "nothing_to_return"
    status = 422
    message = _("Choose at least one item to return.")


class NotReturnable(DomainError):
    code = "not_returnable"
    message = _(
        "More of “{line}” than can be returned: it has not arrived yet, is being returned already,"
        " or its time to be returned is over."
    )

    def __init__(self, line: str) -> None:
        super().__init__(f"not returnable: {line}", line=line)


class ReturnNotFound(NotFound):
    code = "return_not_found"
    message = _("We could not find that return.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of one order line, and the variant (public id) they are to be exchanged for."""

    line_pk: int
    quantity: int
    exchange_for: UUID | None = None


@transaction.atomic
def request_return(
    *,
    order_id: int,
    wanted: Sequence[Wanted],
    outcome: ReturnOutcome,
    reason: ReturnReason,
    note: str = "",
    public_id: UUID | None = None,
    staff_id: int | None = None,
) -> Return:
    """Ask to give units back, as the customer or, with `staff_id`, for them.

    A customer may within the return window; staff always, also once the order is closed. The same
    `public_id` again is the same return. Raises NothingToReturn, NotReturnable, ExchangeNotOffered;
    then nothing has changed.
    """
    # Under the lock two tabs cannot both ask for the last unit.
    order = Order.objects.locked().get(pk=order_id)
    if public_id is not None:
        before = Return.objects.filter(public_id=public_id, order=order).first()
        if before is not None:
            return before
    wanted = [each for each in wanted if each.quantity > 0]
    lines = _checked_lines(order, wanted, by_staff=staff_id is not None)
    offers = offers_for(lines.values(), order=order) if outcome == ReturnOutcome.EXCHANGE else {}
    goods_return = Return.objects.create(
        order=order,
        public_id=public_id or uuid4(),
        seq=Return.objects.filter(order=order).count() + 1,
        outcome=outcome,
        reason=reason,
        note=note.strip()[:LONGEST_NOTE],
        requested_by_id=staff_id,
    )
    ReturnLine.objects.bulk_create(
        _line(goods_return, each, offers.get(each.line_pk, [])) for each in wanted
    )
    actor = OrderEvent.Actor.STAFF if staff_id else OrderEvent.Actor.CUSTOMER
    tell(goods_return, actor=actor, user_id=staff_id)
    return goods_return


def _checked_lines(
    order: Order, wanted: Sequence[Wanted], *, by_staff: bool
) -> dict[int, OrderLine]:
    if not wanted or len({each.line_pk for each in wanted}) < len(wanted):
        raise NothingToReturn
    lines = {line.pk: line for line in order.lines.select_related("variant__product", "group")}
    is_paid = order.status in PAID
    free = returnable(order, at=timezone.now(), by_staff=by_staff) if is_paid else {}
    for each in wanted:
        if each.line_pk not in lines:
            raise NothingToReturn
        if each.quantity > free.get(each.line_pk, 0):
            raise NotReturnable(lines[each.line_pk].product_name)
    return {each.line_pk: lines[each.line_pk] for each in wanted}


def _line(goods_return: Return, wanted: Wanted, offers: Sequence[Offer]) -> ReturnLine:
    line = ReturnLine(
        goods_return=goods_return, order_line_id=wanted.line_pk, quantity=wanted.quantity
    )
    if goods_return.outcome == ReturnOutcome.EXCHANGE:
        chosen = next((offer for offer in offers if offer.variant_id == wanted.exchange_for), None)
        if chosen is None or chosen.available < wanted.quantity:
            raise ExchangeNotOffered
        line.exchange_variant_id = chosen.variant_pk
        line.exchange_name = chosen.name
    return line


@transaction.atomic
def cancel_return(*, order_id: int, public_id: UUID) -> Return:
    """The customer keeps the goods after all, while nobody has answered. Safe to repeat.

    Raises ReturnNotFound, InvalidTransition once it was answered.
    """
    order = Order.objects.locked().get(pk=order_id)
    goods_return = Return.objects.filter(order=order, public_id=public_id).first()
    if goods_return is None:
        raise ReturnNotFound
    goods_return.order = order
    if goods_return.state == ReturnState.CANCELLED:
        return goods_return
    if goods_return.state != ReturnState.REQUESTED:
        raise InvalidTransition(f"return {goods_return.pk} was answered")
    goods_return.move_to(ReturnState.CANCELLED)
    goods_return.save(update_fields=["state"])
    tell(goods_return, actor=OrderEvent.Actor.CUSTOMER)
    return goods_return


def locked_return(return_id: int) -> Return:
    """A return under its order's lock, in the caller's transaction. Raises ReturnNotFound."""
    order_id = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise ReturnNotFound
    order = Order.objects.locked().get(pk=order_id)
    goods_return = Return.objects.get(pk=return_id)
    goods_return.order = order
    return goods_return


def tell(
    goods_return: Return,
    *,
    actor: OrderEvent.Actor = OrderEvent.Actor.STAFF,
    user_id: int | None = None,
    **facts: object,
) -> None:
    """The event and the mail of the state that the return has just reached."""
    data = {"return": goods_return.number, **facts}
    OrderEvent.objects.create(
        order=goods_return.order,
        kind=f"return_{goods_return.state}",
        actor=actor,
        user_id=user_id,
        data=data,
    )
    outbox.add(
        "order-return",
        key=f"order-return:{goods_return.pk}:{goods_return.state}",
        return_id=goods_return.pk,
        state=str(goods_return.state),
    )
    follow_goods(goods_return.order)
