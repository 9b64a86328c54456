"""Where an order stands, in true words for its buyer: a pure function of what was read of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import (
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderStatus,
    ParcelDecision,
    RefundDue,
    Return,
    ReturnOutcome,
    ReturnState,
    Shipment,
    ShipmentStatus,
)
from shop.core.money import Money

PARCEL_TEXTS: dict[ShipmentStatus, str | Promise] = {
    ShipmentStatus.SHIPPED: gettext_lazy("On its way to you"),
    ShipmentStatus.DELIVERED: gettext_lazy("Arrived"),
    ShipmentStatus.LOST: gettext_lazy("Lost on its way; we will write to you"),
    ShipmentStatus.RETURNED_TO_SENDER: gettext_lazy("Came back to us; we will write to you"),
}
RETURN_STEPS: dict[ReturnState, str | Promise] = {
    ReturnState.REQUESTED: gettext_lazy(
        "We look at it and answer soon. Please do not send anything yet."
    ),
    ReturnState.APPROVED: gettext_lazy(
        "Please send it to us, with the number of the return on the parcel."
    ),
    ReturnState.REJECTED: gettext_lazy("We cannot accept it."),
    ReturnState.RECEIVED: gettext_lazy("It has reached us. We look at it and write to you soon."),
    ReturnState.CANCELLED: gettext_lazy("It has ended; nothing needs to be sent."),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the order stands: one short label, its tone, and what happens next."""

    label: str
    tone: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the words are about. `unsent`: the lines of which units have yet to leave."""

    parcels: Sequence[Shipment] = ()
    unsent: Sequence[OrderLine] = ()
    returns: Sequence[Return] = ()
    refunds: Sequence[RefundDue] = ()

    def astray(self, status: ShipmentStatus) -> bool:
        """Whether a parcel is lost, or came back, and nobody has decided about it yet."""
        return any(each.status == status and each.is_undecided for each in self.parcels)

    def has(self, status: ShipmentStatus) -> bool:
        return any(each.status == status for each in self.parcels)


def progress_of(order: Order, fulfilment: FulfilmentStatus, facts: Facts) -> Progress:
    match order.status:
        case OrderStatus.PENDING:
            return Progress(
                _("Awaiting payment"),
                "wait",
                _("Your goods are reserved for you until the deadline. Please pay before it."),
            )
        case OrderStatus.CANCELLED if order.confirmed_at is not None:
            text = _("This order was cancelled before anything of it was sent.")
            return Progress(_("Cancelled"), "bad", _with_money(text, facts))
        case OrderStatus.CANCELLED:
            return Progress(
                _("Cancelled"),
                "bad",
                _(
                    "This order was cancelled or replaced. Its goods are for sale again. Money"
                    " that still reaches us is booked and answered, never lost."
                ),
            )
        case OrderStatus.EXPIRED:
            return Progress(
                _("Closed"),
                "bad",
                _(
                    "This order was not paid in time. Its goods are for sale again. Money that"
                    " still reaches us is booked and answered, never lost."
                ),
            )
        case _other:
            progress = _progress_of_paid(fulfilment, facts)
            was_there = facts.has(ShipmentStatus.DELIVERED)
            return progress if was_there else _at_the_door(order, progress)


def _at_the_door(order: Order, progress: Progress) -> Progress:
    """With what is to be paid to the courier, until it has been handed over."""
    waits = (FulfilmentStatus.UNFULFILLED, FulfilmentStatus.SHIPPED)
    if not order.collect_minor or order.fulfilment not in waits:
        return progress
    text = _("Please have %(amount)s in cash ready for the courier.") % {
        "amount": order.to_collect.format()
    }
    label = progress.label
    if order.fulfilment == FulfilmentStatus.UNFULFILLED:
        label = _("Confirmed, being packed")
    return replace(progress, label=label, next_step=f"{progress.next_step} {text}")


def _progress_of_paid(fulfilment: FulfilmentStatus, facts: Facts) -> Progress:
    match fulfilment:
        case FulfilmentStatus.UNFULFILLED | FulfilmentStatus.PARTIALLY_SHIPPED:
            return _to_be_sent(fulfilment, facts)
        case FulfilmentStatus.SHIPPED:
            return _sent(facts)
        case FulfilmentStatus.DELIVERED:
            return _arrived(facts)
        case FulfilmentStatus.RETURNED:
            return _came_back(facts)


def _to_be_sent(fulfilment: FulfilmentStatus, facts: Facts) -> Progress:
    if facts.unsent and all(line.replaces_id for line in facts.unsent):
        return Progress(
            _("Exchange being packed"),
            "good",
            _("We are packing what you get in exchange and write to you when it is on its way."),
        )
    if fulfilment == FulfilmentStatus.PARTIALLY_SHIPPED:
        text = _("A part of your order has been sent, the rest follows.")
        return Progress(_("Partly sent"), "good", text)
    if any(parcel.decision == ParcelDecision.RESEND for parcel in facts.parcels):
        return Progress(
            _("Being sent again"),
            "good",
            _("It did not reach you. We are packing it again and write to you when it has left."),
        )
    return Progress(
        _("Paid, being packed"),
        "good",
        _("Thank you. We are packing your order and write to you as soon as it is on its way."),
    )


def _sent(facts: Facts) -> Progress:
    if not facts.has(ShipmentStatus.SHIPPED):
        # Nothing is on its way any more, and yet not everything has arrived.
        return _lost() if facts.astray(ShipmentStatus.LOST) else _undeliverable()
    return Progress(
        _("On its way"),
        "good",
        _("Your order is with the courier. Follow it with the tracking number."),
    )


def _lost() -> Progress:
    return Progress(
        _("Lost on its way"),
        "bad",
        _("The courier has lost a parcel. We are sorry, and write to you about what happens next."),
    )


def _undeliverable() -> Progress:
    return Progress(
        _("Came back to us"),
        "bad",
        _("The courier could not deliver the parcel. We will contact you."),
    )


def _arrived(facts: Facts) -> Progress:
    if any(parcel.is_assumed for parcel in facts.parcels):
        return Progress(
            _("Should have arrived"),
            "wait",
            _(
                "By now your order should be with you, though nobody has confirmed it. If it is"
                " not, please write to us and we look for it."
            ),
        )
    return Progress(_("Delivered"), "good", _("Your order has arrived. Enjoy it."))


def _came_back(facts: Facts) -> Progress:
    if facts.astray(ShipmentStatus.RETURNED_TO_SENDER):
        return _undeliverable()
    if not facts.has(ShipmentStatus.DELIVERED):
        text = _("Your order did not reach you. We are sorry.")
        return Progress(_("Not delivered"), "bad", _with_money(text, facts))
    text = _("What you ordered has come back to us.")
    if any(each.state == ReturnState.RECEIVED for each in facts.returns):
        text += " " + _("We look at it and write to you soon.")
    return Progress(_("Returned"), "good", _with_money(text, facts))


def _with_money(text: str, facts: Facts) -> str:
    """The text, and what of the money was sent back and what is still to be."""
    owed = [due for due in facts.refunds if due.paid_at is None]
    paid = [due for due in facts.refunds if due.paid_at is not None and due.amount_minor]
    if owed:
        amount = Money(sum(due.amount_minor for due in owed), owed[0].currency)
        text += " " + _("We send you %(amount)s back.") % {"amount": amount.format()}
    if paid:
        amount = Money(sum(due.amount_minor for due in paid), paid[0].currency)
        text += " " + _("We have sent you %(amount)s back.") % {"amount": amount.format()}
    return text


def parcel_text(shipment: Shipment, refund: RefundDue | None) -> str:
    if shipment.decision == ParcelDecision.RESEND:
        return _("Did not arrive; its goods are sent again")
    if shipment.decision == ParcelDecision.REFUND:
        text = _("Did not arrive.")
        return f"{text} {refund_text(refund)}" if refund and refund.amount_minor else text
    if shipment.is_assumed:
        return _("Should have arrived by now. If it has not, please write to us.")
    return str(PARCEL_TEXTS[ShipmentStatus(shipment.status)])


def return_step(goods_return: Return, refund: RefundDue | None, facts: Facts) -> str:
    """What the customer has to do about a return, or how it ended."""
    state = ReturnState(goods_return.state)
    if state != ReturnState.SETTLED:
        text = str(RETURN_STEPS[state])
        if state == ReturnState.APPROVED and goods_return.outcome == ReturnOutcome.EXCHANGE:
            text += " " + _("What you get in exchange is kept for you until then.")
        return text
    if goods_return.outcome == ReturnOutcome.EXCHANGE:
        replaced = {line.order_line_id for line in goods_return.lines.all()}
        if any(line.replaces_id in replaced for line in facts.unsent):
            return _("Settled. What you get in exchange is being packed.")
        return _("Settled. What you get in exchange has been sent.")
    if refund is None or not refund.amount_minor:
        return _("Settled. No money is given back for it.")
    return " ".join([_("Settled."), refund_text(refund)])


def refund_text(due: RefundDue) -> str:
    """Whether the money has been sent back, and when."""
    facts = {"amount": due.amount.format()}
    if due.paid_at is None:
        return _("We send you %(amount)s back.") % facts
    if due.paid_on is None:
        return _("We have sent you %(amount)s back.") % facts
    facts["on"] = date_format(due.paid_on, "DATE_FORMAT")
    return _("We sent you %(amount)s back on %(on)s.") % facts
