"""What staff do to an order with one button each. All of it is safe to press twice."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.editing.typed import NotReadable, read_amount
from orders import calling_off, delivery, fulfilment
from orders.letters import send_again
from orders.models import (
    CallOffReason,
    FulfilmentGroup,
    GoodsCondition,
    Order,
    ParcelDecision,
    Return,
    ReturnLine,
    ReturnOutcome,
    Shipment,
)
from orders.notes import add_note
from orders.returns import deciding, settling
from shop.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button: on what, with what typed, by whom. `token` is that of the form."""

    order: Order
    target: int
    data: QueryDict
    user_id: int
    token: str

    def text(self, name: str) -> str:
        return self.data.get(name, "").strip()

    def units(self, name: str) -> int:
        """None typed is 0. Raises NotUnits."""
        typed = self.text(name) or "0"
        if not typed.isdecimal() or len(typed) > LONGEST_UNITS:
            raise NotUnits(typed)
        return int(typed)

    def pk(self, name: str) -> int | None:
        """The key that a choice stands for; None for none."""
        typed = self.text(name)
        return int(typed) if typed.isdecimal() and len(typed) < 19 else None

    def shipment(self) -> int:
        return self._mine(Shipment.objects.filter(group__order=self.order, pk=self.target).exists())

    def goods_return(self) -> int:
        return self._mine(Return.objects.filter(order=self.order, pk=self.target).exists())

    def group(self) -> int:
        return self._mine(FulfilmentGroup.objects.filter(order=self.order, pk=self.target).exists())

    def _mine(self, is_mine: bool) -> int:  # noqa: FBT001 - the answer of a query
        if not is_mine:
            raise Http404
        return self.target


class NotAnAmount(DomainError):
    code = "not_an_amount"
    status = 422
    message = _("This is no amount of money. Write it like 149.000, or 0 for nothing.")


class NotUnits(DomainError):
    code = "not_units"
    status = 422
    message = _("“{typed}” is no number of units. Write a whole number like 2.")

    def __init__(self, typed: str) -> None:
        super().__init__(f"not units: {typed}", typed=typed)


Action = Callable[[Press], str | Promise]
LONGEST_UNITS = 5


def pack(press: Press) -> str | Promise:
    fulfilment.pack_lines(group_id=press.group(), actor_id=press.user_id)
    return _("Packed. Enter the tracking number when it leaves.")


def ship_packed(press: Press) -> str | Promise:
    fulfilment.ship_packed(
        shipment_id=press.shipment(),
        courier=press.text("courier"),
        tracking_number=press.text("tracking_number"),
        actor_id=press.user_id,
    )
    return _("Sent. The customer is told.")


def unpack(press: Press) -> str | Promise:
    fulfilment.unpack(shipment_id=press.shipment(), actor_id=press.user_id)
    return _("Unpacked: its goods are to be sent again.")


def correct(press: Press) -> str | Promise:
    fulfilment.correct_tracking(
        shipment_id=press.shipment(),
        courier=press.text("courier"),
        tracking_number=press.text("tracking_number"),
        actor_id=press.user_id,
    )
    return _("Corrected. The customer is told the right number.")


def delivered(press: Press) -> str | Promise:
    delivery.mark_delivered(shipment_id=press.shipment(), at=timezone.now(), user_id=press.user_id)
    return _("Marked as delivered.")


def undelivered(press: Press) -> str | Promise:
    delivery.undo_delivered(shipment_id=press.shipment(), user_id=press.user_id)
    return _("Taken back: the parcel is on its way.")


def lost(press: Press) -> str | Promise:
    delivery.mark_lost(shipment_id=press.shipment(), user_id=press.user_id)
    return _("Marked as lost. Now decide what becomes of its goods.")


def came_back(press: Press) -> str | Promise:
    delivery.mark_returned_to_sender(shipment_id=press.shipment(), user_id=press.user_id)
    return _("Marked as returned to sender. Now decide what becomes of its goods.")


def never_came(press: Press) -> str | Promise:
    """The customer's word against "delivered": kept as a note where staff wrote it down."""
    if press.text("note"):
        note(press)
    return lost(press)


def on_its_way(press: Press) -> str | Promise:
    delivery.undo_astray(shipment_id=press.shipment(), user_id=press.user_id)
    return _("Taken back: the parcel is on its way.")


def call_off(press: Press) -> str | Promise:
    typed = press.text("reason")
    calling_off.call_off(
        order_id=press.order.pk,
        reason=CallOffReason(typed) if typed in CallOffReason.values else CallOffReason.OTHER,
        user_id=press.user_id,
        restock=bool(press.text("restock")),
    )
    if not press.order.total_minor:
        return _("Called off. The customer is told.")
    return _("Called off. Its money is owed now; the customer is told.")


def resend(press: Press) -> str | Promise:
    delivery.decide_parcel(
        shipment_id=press.shipment(), decision=ParcelDecision.RESEND, user_id=press.user_id
    )
    return _("Its goods are to be sent again. The customer is told.")


def refund(press: Press) -> str | Promise:
    names = [name for name in press.data if name.startswith("restock-")]
    restock = {int(name.removeprefix("restock-")): press.units(name) for name in names}
    delivery.decide_parcel(
        shipment_id=press.shipment(),
        decision=ParcelDecision.REFUND,
        user_id=press.user_id,
        restock=restock,
    )
    return _("The money is owed now: transfer it, and record that here. The customer is told.")


def approve(press: Press) -> str | Promise:
    deciding.approve_return(
        return_id=press.goods_return(),
        user_id=press.user_id,
        answer=press.text("answer"),
        as_refund=bool(press.text("as_refund")),
    )
    return _("Approved. The customer is told where to send it.")


def reject(press: Press) -> str | Promise:
    deciding.reject_return(
        return_id=press.goods_return(), user_id=press.user_id, answer=press.text("answer")
    )
    return _("Rejected. The customer is told why.")


def end(press: Press) -> str | Promise:
    deciding.end_return(return_id=press.goods_return(), user_id=press.user_id)
    return _("The return has ended.")


def receive(press: Press) -> str | Promise:
    pk = press.goods_return()
    received = {
        line.pk: settling.Received(
            press.units(f"units-{line.pk}"),
            _condition(press.text(f"condition-{line.pk}")),
            press.pk(f"restock-{line.pk}"),
            press.units(f"restock-units-{line.pk}")
            if press.text(f"restock-units-{line.pk}")
            else None,
        )
        for line in ReturnLine.objects.filter(goods_return=pk)
    }
    settling.receive_return(return_id=pk, received=received, user_id=press.user_id)
    return _("Received. Now settle it with the customer.")


def _condition(typed: str) -> GoodsCondition:
    return GoodsCondition(typed) if typed in GoodsCondition.values else GoodsCondition.AS_NEW


def settle_refund(press: Press) -> str | Promise:
    """An emptied amount is not all of it: whoever empties it means something else. Raises
    NotAnAmount."""
    settling.settle_return(
        return_id=press.goods_return(),
        outcome=ReturnOutcome.REFUND,
        user_id=press.user_id,
        amount_minor=_amount(press.text("amount"), press.order.currency),
        reason=press.text("reason"),
    )
    return _("Settled. The customer is told what they get back.")


def _amount(typed: str, currency: str) -> int:
    """Raises NotAnAmount."""
    try:
        return read_amount(typed, currency)
    except NotReadable as error:
        raise NotAnAmount from error


def settle_exchange(press: Press) -> str | Promise:
    settling.settle_return(
        return_id=press.goods_return(), outcome=ReturnOutcome.EXCHANGE, user_id=press.user_id
    )
    return _("The exchange is to be sent. The customer is told.")


def note(press: Press) -> str | Promise:
    add_note(
        order_id=press.order.pk,
        text=press.text("note"),
        author_id=press.user_id,
        token=UUID(press.token),
    )
    return _("Noted.")


def mail_again(press: Press) -> str | Promise:
    send_again(order=press.order, key=press.text("mail"), user_id=press.user_id, token=press.token)
    return _("The mail is sent once more.")


ACTIONS: dict[str, Action] = {
    "pack": pack,
    "ship-packed": ship_packed,
    "unpack": unpack,
    "correct": correct,
    "delivered": delivered,
    "undelivered": undelivered,
    "lost": lost,
    "never-came": never_came,
    "on-its-way": on_its_way,
    "call-off": call_off,
    "came-back": came_back,
    "resend": resend,
    "refund": refund,
    "approve": approve,
    "reject": reject,
    "end": end,
    "receive": receive,
    "settle-refund": settle_refund,
    "settle-exchange": settle_exchange,
    "note": note,
    "mail": mail_again,
}
# What a packer presses: where parcels and goods are. All other buttons decide something.
PACKING = frozenset(
    {
        "pack",
        "ship-packed",
        "unpack",
        "correct",
        "delivered",
        "undelivered",
        "lost",
        "on-its-way",
        "came-back",
        "receive",
        "note",
    }
)
