"""The buttons of the exceptions desk: what each asks for, and what it tells afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from payments.desk.accepting import waive_rest
from payments.desk.applying import assign_money, fulfil_late
from payments.desk.asking import ask_for_rest
from payments.desk.closing import close_exception, note_on_exception, reopen_exception
from payments.desk.disputing import contest, decide
from payments.desk.giving_back import give_back, keep_as_credit
from payments.desk.keeping import keep_unclaimed, write_off
from payments.desk.owning import hand_over_exception, take_exception
from payments.desk.proposing import Act
from payments.desk.steps import Kind
from payments.models import DisputeState, LedgerAdjustment, PaymentException, Refund, RefundState

DONE_BEFORE = _("That was done before: nothing has changed.")
ACT = "payments.change_paymentexception"
MOVE = "payments.change_refund"
ADJUST = "payments.add_ledgeradjustment"


@dataclass(frozen=True, slots=True)
class Press:
    exception: PaymentException
    name: str
    data: QueryDict

    def text(self, name: str) -> str:
        return self.data.get(name, "").strip()


Do = Callable[[Press, int], str | Promise]


@dataclass(frozen=True, slots=True)
class Button:
    do: Do
    rights: tuple[str, ...]

    def may(self, request: HttpRequest) -> bool:
        return request.user.has_perms(self.rights)


def may_act(request: HttpRequest) -> bool:
    return request.user.has_perm(ACT)


def may_press(request: HttpRequest, act: Act) -> bool:
    return ACTS[act].may(request)


def _told(is_new: bool, text: str | Promise) -> str | Promise:  # noqa: FBT001 - what a verb answered
    return text if is_new else DONE_BEFORE


def take(press: Press, user_id: int) -> str | Promise:
    is_new = take_exception(exception_id=press.exception.pk, user_id=user_id)
    return _told(is_new, _("It is yours now."))


def hand_over(press: Press, user_id: int) -> str | Promise:
    typed = press.text("to")
    to_id = int(typed) if typed.isdecimal() and len(typed) < 19 else None
    is_new = hand_over_exception(exception_id=press.exception.pk, to_id=to_id, user_id=user_id)
    text = _("Let go: nobody owns it now.") if to_id is None else _("Handed over.")
    return _told(is_new, text)


def send_back(press: Press, user_id: int) -> str | Promise:
    refunds = give_back(exception_id=press.exception.pk, user_id=user_id)
    return _of_refunds(refunds, _("The money goes back."))


def as_credit(press: Press, user_id: int) -> str | Promise:
    refunds = keep_as_credit(exception_id=press.exception.pk, user_id=user_id)
    return _of_refunds(refunds, _("It becomes the customer's store credit."))


def _of_refunds(refunds: list[Refund], text: str | Promise) -> str | Promise:
    states = {refund.state for refund in refunds}
    if RefundState.DRAFT in states:
        return _("Written down. It goes when a second person has approved it.")
    if RefundState.AWAITING_TRANSFER in states:
        return _("Written down. No gateway gives it back: transfer it by hand, and record that.")
    return text


def ask_rest(press: Press, user_id: int) -> str | Promise:
    is_new = ask_for_rest(exception_id=press.exception.pk, user_id=user_id)
    return _told(is_new, _("The customer is asked for the rest."))


def waive(press: Press, user_id: int) -> str | Promise:
    is_new = waive_rest(exception_id=press.exception.pk, user_id=user_id)
    return _told(is_new, _("The rest is waived, and the order is confirmed."))


def fulfil(press: Press, user_id: int) -> str | Promise:
    is_new = fulfil_late(exception_id=press.exception.pk, user_id=user_id)
    return _told(is_new, _("The order is confirmed. The customer is told."))


def assign(press: Press, user_id: int) -> str | Promise:
    number = press.text("number")
    is_new = assign_money(exception_id=press.exception.pk, number=number, user_id=user_id)
    return _told(is_new, _("The money is that order's now."))


def keep(press: Press, user_id: int) -> str | Promise:
    words = press.text("words")
    adjustment = keep_unclaimed(exception_id=press.exception.pk, words=words, user_id=user_id)
    return _adjusted(adjustment)


def bear(press: Press, user_id: int) -> str | Promise:
    words = press.text("words")
    return _adjusted(write_off(exception_id=press.exception.pk, words=words, user_id=user_id))


def _adjusted(adjustment: LedgerAdjustment) -> str | Promise:
    if adjustment.state == LedgerAdjustment.State.DRAFT:
        return _("Written down. It is booked when a second person has approved it.")
    return format_lazy(_("Booked: {amount}."), amount=adjustment.amount.format())


def contested(press: Press, user_id: int) -> str | Promise:
    is_new = contest(
        exception_id=press.exception.pk,
        words=press.text("words"),
        answer_by=_day(press.text("answer_by")),
        user_id=user_id,
    )
    return _told(is_new, _("Contested. The morning's mail reminds of the day."))


def _day(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None


def won(press: Press, user_id: int) -> str | Promise:
    text = _("Written down. It is resolved when the gateway's list shows the money again.")
    return _decided(press, user_id, DisputeState.WON, text)


def lost(press: Press, user_id: int) -> str | Promise:
    return _decided(press, user_id, DisputeState.LOST, _("Resolved."))


def accept(press: Press, user_id: int) -> str | Promise:
    return _decided(press, user_id, DisputeState.ACCEPTED, _("Resolved."))


def _decided(
    press: Press, user_id: int, outcome: DisputeState, text: str | Promise
) -> str | Promise:
    words = press.text("words")
    is_new = decide(exception_id=press.exception.pk, outcome=outcome, words=words, user_id=user_id)
    return _told(is_new, text)


def close(press: Press, user_id: int) -> str | Promise:
    return _close(press, user_id, Kind.CLOSED)


def found(press: Press, user_id: int) -> str | Promise:
    return _close(press, user_id, Kind.FOUND)


def explain(press: Press, user_id: int) -> str | Promise:
    return _close(press, user_id, Kind.EXPLAINED)


def _close(press: Press, user_id: int, kind: Kind) -> str | Promise:
    words = press.text("words")
    is_new = close_exception(
        exception_id=press.exception.pk, words=words, user_id=user_id, kind=kind
    )
    return _told(is_new, _("Resolved."))


def note(press: Press, user_id: int) -> str | Promise:
    words = press.text("words")
    note_on_exception(exception_id=press.exception.pk, words=words, user_id=user_id)
    return _("Noted.")


def reopen(press: Press, user_id: int) -> str | Promise:
    words = press.text("words")
    is_new = reopen_exception(exception_id=press.exception.pk, words=words, user_id=user_id)
    return _told(is_new, _("It is open again."))


# Each is confirmed on a page of its own.
ACTS: Mapping[Act, Button] = {
    Act.GIVE_BACK: Button(send_back, (ACT, MOVE)),
    Act.AS_CREDIT: Button(as_credit, (ACT, MOVE)),
    Act.WAIVE: Button(waive, (ACT, MOVE)),
    Act.FULFIL: Button(fulfil, (ACT, MOVE)),
    Act.ASSIGN: Button(assign, (ACT, MOVE)),
    Act.ASK_REST: Button(ask_rest, (ACT,)),
    Act.KEEP: Button(keep, (ACT, ADJUST)),
    Act.WRITE_OFF: Button(bear, (ACT, ADJUST)),
    Act.FOUND: Button(found, (ACT,)),
    Act.EXPLAIN: Button(explain, (ACT,)),
    Act.CONTEST: Button(contested, (ACT,)),
    Act.WON: Button(won, (ACT,)),
    Act.LOST: Button(lost, (ACT,)),
    Act.ACCEPT: Button(accept, (ACT,)),
    Act.NOTE: Button(note, (ACT,)),
    Act.CLOSE: Button(close, (ACT,)),
    Act.REOPEN: Button(reopen, (ACT,)),
}
