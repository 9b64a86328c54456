"""The goods are here: count them, put back on sale what can be, and settle with the customer."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import book_movements
from catalog.models import StockItem, StockMovement
from orders.models import (
    GoodsCondition,
    OrderLine,
    Return,
    ReturnLine,
    ReturnOutcome,
    ReturnState,
)
from orders.refunds_due import owe_for_return, worth_of_return
from orders.returns.exchanging import (
    ExchangeNotOffered,
    drop_hold,
    exchange_item,
    replacement_of,
    sell_exchange,
)
from orders.returns.requesting import LONGEST_NOTE, locked_return, tell
from shop.core.errors import DomainError


class NothingReceived(DomainError):
    code = "nothing_received"
    status = 422
    message = _("Enter how many units came. If none did, end the return instead.")


class MoreThanAsked(DomainError):
    code = "more_than_asked"
    status = 422
    message = _("No more can be received than the return is for.")


class MoreThanCame(DomainError):
    code = "more_than_came"
    status = 422
    message = _("No more can be put back on sale than came.")


class WrongPlace(DomainError):
    code = "wrong_place"
    status = 422
    message = _("These goods have no stock at that place.")


@dataclass(frozen=True, slots=True)
class Received:
    """What came of one return line. `restock_item`: where it is put back on sale, if it is;
    `restock_units`: how much of it, all that came where it is None."""

    units: int
    condition: GoodsCondition = GoodsCondition.AS_NEW
    restock_item: int | None = None
    restock_units: int | None = None


@transaction.atomic
def receive_return(*, return_id: int, received: Mapping[int, Received], user_id: int) -> Return:
    """approved → received. `received`: return line pk → what came; a line left out did not.

    Nothing is put back on sale unless said so. Safe to repeat. Raises ReturnNotFound,
    NothingReceived, MoreThanAsked, MoreThanCame, WrongPlace, InvalidTransition; then nothing has
    changed.
    """
    goods_return = locked_return(return_id)
    if goods_return.state == ReturnState.RECEIVED:
        return goods_return
    goods_return.move_to(ReturnState.RECEIVED)
    lines = list(goods_return.lines.select_related("order_line"))
    back: Counter[int] = Counter()
    for line in lines:
        _count(line, received.get(line.pk, Received(0)), back)
    units = sum(line.received_quantity or 0 for line in lines)
    if not units:
        raise NothingReceived
    ReturnLine.objects.bulk_update(lines, ["received_quantity", "condition", "restocked_quantity"])
    goods_return.received_at = timezone.now()
    goods_return.save(update_fields=["state", "received_at"])
    tell(goods_return, user_id=user_id, units=units, restocked=sum(back.values()))
    if back:
        book_movements(
            quantities=back,
            kind=StockMovement.Kind.RETURNED,
            reason=goods_return.number,
            actor_id=user_id,
        )
    return goods_return


def _count(line: ReturnLine, received: Received, back: Counter[int]) -> None:
    if not 0 <= received.units <= line.quantity:
        raise MoreThanAsked
    line.received_quantity = received.units
    line.condition = received.condition if received.units else ""
    wanted = received.units if received.restock_units is None else received.restock_units
    if not 0 <= wanted <= received.units:
        raise MoreThanCame
    if wanted and received.restock_item is not None:
        place = StockItem.objects.filter(
            pk=received.restock_item, variant=line.order_line.variant_id
        )
        if not place.exists():
            raise WrongPlace
        line.restocked_quantity = wanted
        back[received.restock_item] += wanted


@transaction.atomic
def settle_return(
    *,
    return_id: int,
    outcome: ReturnOutcome,
    user_id: int,
    amount_minor: int | None = None,
    reason: str = "",
) -> Return:
    """received → settled: the exchange is owed and goes "to ship", or its money is.

    `outcome` is what staff decide, whatever was wanted first. `amount_minor`: less money than the
    goods are worth, with the `reason` that the customer reads; all of it where it is None. Safe to
    repeat. Raises ReturnNotFound, ExchangeNotOffered, ExchangeSoldOut, RefundedAlready,
    MoreThanWorth, ReasonMissing, ReasonForAll, InvalidTransition; then nothing has changed.
    """
    goods_return = locked_return(return_id)
    if goods_return.state == ReturnState.SETTLED:
        return goods_return
    goods_return.move_to(ReturnState.SETTLED)
    goods_return.outcome = outcome
    goods_return.settled_at = timezone.now()
    goods_return.save(update_fields=["state", "outcome", "settled_at"])
    came = came_of(goods_return)
    if outcome == ReturnOutcome.REFUND:
        due = owe_for_return(
            goods_return=goods_return,
            units=units_of(came),
            user_id=user_id,
            amount_minor=amount_minor,
            reason=reason[:LONGEST_NOTE],
        )
        tell(goods_return, user_id=user_id, outcome="refund", amount=due.amount_minor)
        drop_hold(goods_return)
    else:
        _exchange(goods_return, came, user_id=user_id)
    return goods_return


def came_of(goods_return: Return) -> list[ReturnLine]:
    return list(
        goods_return.lines.filter(received_quantity__gt=0)
        .select_related("order_line__group", "order_line__replaces")
        .order_by("pk")
    )


def units_of(came: list[ReturnLine]) -> dict[OrderLine, int]:
    return {line.order_line: line.received_quantity or 0 for line in came}


def worth_of(goods_return: Return) -> int:
    """What would be given back for all that came, in minor units. Raises RefundedAlready."""
    return worth_of_return(goods_return, units_of(came_of(goods_return)))


def _exchange(goods_return: Return, came: list[ReturnLine], *, user_id: int) -> None:
    quantities: Counter[int] = Counter()
    for line in came:
        if line.exchange_variant_id is None:
            raise ExchangeNotOffered
        quantities[exchange_item(line)] += line.received_quantity or 0
    OrderLine.objects.bulk_create(
        replacement_of(line, line.received_quantity or 0) for line in came
    )
    tell(goods_return, user_id=user_id, outcome="exchange")
    sell_exchange(goods_return, quantities)
