"""What can be done about an exception now, and which of it is proposed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.dateformat import format as date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.desk.accepting import waivable
from payments.desk.asking import APART
from payments.desk.facts import Facts
from payments.models import Dispute, PaymentException, RefundState

Kind = PaymentException.Kind


class Act(StrEnum):
    """By name in the addresses of the desk."""

    GIVE_BACK = "give-back"
    AS_CREDIT = "as-credit"
    ASK_REST = "ask-rest"
    WAIVE = "waive"
    FULFIL = "fulfil"
    ASSIGN = "assign"
    KEEP = "keep"
    WRITE_OFF = "write-off"
    FOUND = "found"
    EXPLAIN = "explain"
    CONTEST = "contest"
    WON = "won"
    LOST = "lost"
    ACCEPT = "accept"
    NOTE = "note"
    CLOSE = "close"
    REOPEN = "reopen"

    @property
    def label(self) -> str | Promise:
        return _LABELS[self][0]

    @property
    def says(self) -> str | Promise:
        """What it does, for the page on which it is confirmed."""
        return _LABELS[self][1]

    @property
    def moves_money(self) -> bool:
        return self in _MONEY

    @property
    def needs_words(self) -> bool:
        return self in _WITH_WORDS


_BOOKED = frozenset({Act.KEEP, Act.WRITE_OFF})
_MONEY = _BOOKED | {Act.GIVE_BACK, Act.AS_CREDIT, Act.WAIVE, Act.FULFIL, Act.ASSIGN}
_OF_DISPUTES = frozenset({Act.CONTEST, Act.WON, Act.LOST, Act.ACCEPT})
_ENDING = _BOOKED | {Act.FOUND, Act.EXPLAIN, Act.CLOSE}
_WITH_WORDS = _OF_DISPUTES | _ENDING | {Act.NOTE, Act.REOPEN}
# Nobody presses these without having asked or looked.
_LAST = frozenset({Act.WRITE_OFF, Act.NOTE, Act.CLOSE, Act.REOPEN})
_LABELS: dict[Act, tuple[str | Promise, str | Promise]] = {
    Act.GIVE_BACK: (
        _("Give the money back"),
        _("It goes back the way it came where that is possible, and by bank transfer otherwise."),
    ),
    Act.AS_CREDIT: (
        _("Keep it as store credit"),
        _("The customer can pay the next order with it. Do so only if the customer wishes it."),
    ),
    Act.ASK_REST: (
        _("Ask the customer for the rest"),
        _("A mail says what has come, what is missing and where to pay it. The goods wait."),
    ),
    Act.WAIVE: (
        _("Accept what came"),
        _("The shop pays what is missing itself (goodwill), and the order is confirmed."),
    ),
    Act.FULFIL: (
        _("Confirm the order after all"),
        _("Its goods are taken from the stock that is free now, and the order is to be sent."),
    ),
    Act.ASSIGN: (
        _("Assign it to an order"),
        _("The money then counts for that order as if it had come for it. It cannot be moved on."),
    ),
    Act.KEEP: (
        _("Book it as unclaimed"),
        _(
            "Nobody wants it back: it becomes the shop's income. What the payer's bank has taken"
            " back already is taken off the loss instead."
        ),
    ),
    Act.WRITE_OFF: (
        _("Write it off"),
        _(
            "The courier will not hand it over: the shop bears it as goodwill. Should it come after"
            " all, it is booked as paid twice, and can be kept as unclaimed then."
        ),
    ),
    Act.FOUND: (
        _("It is in the dashboard"),
        _("You have seen the payment on the gateway's own pages: the goods may go."),
    ),
    Act.EXPLAIN: (_("Say what it was for"), _("Who gave the money back, and for what.")),
    Act.CONTEST: (
        _("Contest it"),
        _(
            "Send the gateway your answer on its own pages; here stand your reasons, and the day by"
            " which it wants them. Done again, another day takes the place of the first."
        ),
    ),
    Act.WON: (
        _("It was won"),
        _("Nothing is booked: this stays open until the gateway's list shows the money again."),
    ),
    Act.LOST: (_("It was lost"), _("The loss stays as it is booked, and this is resolved.")),
    Act.ACCEPT: (
        _("Accept it"),
        _("The payer was right, or it is not worth it: the loss stays, and this is resolved."),
    ),
    Act.NOTE: (_("Write a note"), _("What you found out or agreed; it stays open.")),
    Act.CLOSE: (
        _("Close with words"),
        _("Nothing is booked. While money of it lies here it cannot be closed like this."),
    ),
    Act.REOPEN: (_("Open it again"), _("It is to be looked at once more.")),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`acts`: what is possible now, what is proposed first. `waits`: why nobody has to act now."""

    acts: list[Act]
    waits: str | Promise = ""

    @property
    def first(self) -> Act | None:
        """The button of the list; none where it is enough to wait, or a person has to look."""
        is_plain = not self.acts or self.acts[0] in _LAST
        return None if self.waits or is_plain else self.acts[0]


def propose(facts: Facts, *, at: datetime) -> Proposal:
    """By what kind it is, how its order stands, and what has been done."""
    if not facts.is_open:
        return Proposal([Act.REOPEN])
    waits = _why_wait(facts, at)
    is_disputed = facts.dispute is not None and facts.dispute.is_under_way
    return Proposal([*_special(facts, at), Act.NOTE, *([] if is_disputed else [Act.CLOSE])], waits)


def _why_wait(facts: Facts, at: datetime) -> str | Promise:
    if facts.has_draft:
        return _("A second person has to approve the adjustment of the books.")
    if facts.waits_for_approval:
        return _("A second person has to approve the refund.")
    if any(refund.state == RefundState.AWAITING_TRANSFER for refund in facts.refunds_open):
        return _("The refund is to be transferred by hand, and recorded then.")
    if facts.refunds_open:
        return _("The money is on its way back.")
    if facts.exception.kind == Kind.PARTIAL and facts.is_pending and _was_asked(facts, at):
        return _("The customer was asked for the rest.")
    return _of_dispute(facts.dispute)


def _of_dispute(dispute: Dispute | None) -> str | Promise:
    if dispute is None or not dispute.is_under_way:
        return ""
    if dispute.answer_by is None or dispute.is_awaited:
        return _("Won; the money is not here yet.")
    day = date_format(dispute.answer_by, "j M Y")
    return gettext("Contested: to be answered by %(day)s.") % {"day": day}


def _special(facts: Facts, at: datetime) -> list[Act]:
    """What is there for this kind alone."""
    match facts.exception.kind:
        case Kind.PARTIAL:
            return _of_partial(facts, at)
        case Kind.SURPLUS | Kind.DUPLICATE:
            return _going_back(facts)
        case Kind.UNFULFILLABLE:
            return [*_going_back(facts), *_fulfil(facts)]
        case Kind.LATE:
            return [*_fulfil(facts), *_going_back(facts)]
        case Kind.UNMATCHED | Kind.WRONG_CURRENCY:
            return _of_receipt(facts)
        case Kind.CHARGEBACK:
            return _of_chargeback(facts.dispute)
        case kind:
            return _OF_WORDS.get(Kind(kind), [])


# These end by somebody's word; the others by a note of what the gateway or a colleague has said.
_OF_WORDS = {Kind.PHANTOM: [Act.FOUND], Kind.FOREIGN_REFUND: [Act.EXPLAIN]}


def _of_chargeback(dispute: Dispute | None) -> list[Act]:
    if dispute is None or not dispute.is_under_way:
        return [] if dispute is not None and dispute.returned_at else [Act.CONTEST, Act.ACCEPT]
    return [Act.LOST] if dispute.is_awaited else [Act.WON, Act.LOST, Act.ACCEPT, Act.CONTEST]


def _of_receipt(facts: Facts) -> list[Act]:
    receipt = facts.receipt
    if receipt is None or facts.refunds_open:
        return []
    if not receipt.refundable_minor:
        return [Act.KEEP] if receipt.taken_back_minor else []
    back = [Act.GIVE_BACK, Act.KEEP]
    return [Act.ASSIGN, *back] if facts.order is None else back


def _of_partial(facts: Facts, at: datetime) -> list[Act]:
    if not facts.is_pending and not facts.is_ended_unpaid:
        is_kept = facts.order is not None and facts.order.collect_minor > 0
        return [Act.WRITE_OFF] if is_kept and not facts.has_draft else []
    acts: list[Act] = []
    if _is_waivable(facts):
        acts.append(Act.WAIVE)
    if facts.is_pending and not _was_asked(facts, at):
        acts.append(Act.ASK_REST)
    return acts if facts.is_pending else [*acts, *_going_back(facts)]


def _is_waivable(facts: Facts) -> bool:
    if facts.order is None or facts.missing is None or facts.refunds_open:
        return False
    return facts.missing.minor <= waivable(facts.order).minor


def _was_asked(facts: Facts, at: datetime) -> bool:
    return facts.asked_at is not None and at - facts.asked_at < APART


def _going_back(facts: Facts) -> list[Act]:
    if facts.loose is None or facts.refunds_open:
        return []
    has_account = facts.order is not None and facts.order.customer_id is not None
    as_credit = [Act.AS_CREDIT] if has_account else []
    return [Act.GIVE_BACK, *as_credit, Act.KEEP]


def _fulfil(facts: Facts) -> list[Act]:
    """Where its money is here, or nobody has been asked to send it back."""
    can_stop = all(one.can_move_to(RefundState.CANCELLED) for one in facts.refunds_open)
    return [Act.FULFIL] if facts.is_ended_unpaid and can_stop else []
