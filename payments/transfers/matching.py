"""Whose money a line of a bank statement is: proposed by its amount, decided by staff."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.models import (
    OPEN_STATES,
    AttemptState,
    LineState,
    PaymentAttempt,
    PaymentProof,
    StatementLine,
)
from payments.transfers.amounts import GATEWAY


class Fit(StrEnum):
    """How a line and the payments that are awaited go together."""

    EXACT = "exact"
    LATE = "late"
    DOUBTFUL = "doubtful"
    NO_SUFFIX = "no_suffix"
    TWIN = "twin"
    NONE = "none"

    @property
    def says(self) -> str:
        return str(_SAYS[self])

    @property
    def is_sure(self) -> bool:
        return self in (Fit.EXACT, Fit.LATE)


_SAYS = {
    Fit.EXACT: _("The exact amount of an awaited payment."),
    Fit.LATE: _("The exact amount of a payment whose time is over: it is booked as late money."),
    Fit.DOUBTFUL: _("The exact amount, but of more than one payment, or of one that is paid."),
    Fit.NO_SUFFIX: _("A total that is awaited, without its last digits: ask who sent it."),
    Fit.TWIN: _("Another file has the same amount on the same day: is it the same money?"),
    Fit.NONE: _("No payment asks for this amount."),
}


@dataclass(slots=True)
class Proposal:
    line: StatementLine
    fit: Fit
    attempts: list[PaymentAttempt] = field(default_factory=list)
    # What customers sent to show such a transfer: it decides nothing.
    proofs: list[PaymentProof] = field(default_factory=list)

    @property
    def sure(self) -> PaymentAttempt | None:
        return self.attempts[0] if self.fit.is_sure else None


def propose(lines: Sequence[StatementLine]) -> list[Proposal]:
    """For each line that is to be decided whose it may be. Two queries, one for the twins
    and one for what customers sent.

    An attempt is sure to be meant by one line only: the same amount twice is asked about.
    """
    undecided = [line for line in lines if line.state == LineState.NEW]
    by_amount, by_total = _attempts(undecided)
    twins = _twins(undecided)
    taken: set[int] = set()
    proposals = []
    for line in undecided:
        key = (line.amount_minor, line.currency)
        before = [one for one in by_amount[key] if _was_asked(one, line)]
        proposal = _fit(line, before, [one for one in by_total[key] if _was_asked(one, line)])
        sure = proposal.sure
        if line.pk in twins:
            proposal.fit = Fit.TWIN
        elif sure is not None and sure.pk in taken:
            proposal.fit = Fit.DOUBTFUL
        elif sure is not None:
            taken.add(sure.pk)
        proposals.append(proposal)
    _add_proofs(proposals)
    return proposals


def _add_proofs(proposals: Sequence[Proposal]) -> None:
    sent: dict[int | None, list[PaymentProof]] = defaultdict(list)
    proposed = {attempt.pk for one in proposals for attempt in one.attempts}
    for proof in PaymentProof.objects.filter(attempt__in=proposed).order_by("pk"):
        sent[proof.attempt_id].append(proof)
    for one in proposals:
        one.proofs = [proof for attempt in one.attempts for proof in sent[attempt.pk]]


def _fit(line: StatementLine, exact: list[PaymentAttempt], total: list[PaymentAttempt]) -> Proposal:
    if len(exact) == 1 and exact[0].state != AttemptState.SUCCEEDED:
        return Proposal(line, Fit.EXACT if exact[0].is_open else Fit.LATE, exact)
    if exact:
        return Proposal(line, Fit.DOUBTFUL, exact)
    return Proposal(line, Fit.NO_SUFFIX if total else Fit.NONE, total)


def _was_asked(attempt: PaymentAttempt, line: StatementLine) -> bool:
    """Nobody pays before they are asked, nor is awaited for ever."""
    asked_on = timezone.localdate(attempt.created_at)
    over_on = timezone.localdate(attempt.expires_at + settings.TRANSFER_LATE)
    return asked_on <= line.booked_on <= over_on


def _attempts(
    lines: Sequence[StatementLine],
) -> tuple[
    dict[tuple[int, str], list[PaymentAttempt]], dict[tuple[int, str], list[PaymentAttempt]]
]:
    """By the amount they ask for, and those that are open by their order's total."""
    amounts = {line.amount_minor for line in lines}
    since = min((line.booked_on for line in lines), default=timezone.localdate())
    recent = PaymentAttempt.objects.filter(
        gateway=GATEWAY,
        expires_at__date__gte=since - settings.TRANSFER_LATE - timedelta(days=1),
    ).select_related("order")
    by_amount: dict[tuple[int, str], list[PaymentAttempt]] = defaultdict(list)
    for attempt in recent.filter(amount_minor__in=amounts).order_by("pk"):
        by_amount[attempt.amount_minor, attempt.currency].append(attempt)
    by_total: dict[tuple[int, str], list[PaymentAttempt]] = defaultdict(list)
    whole = recent.filter(state__in=OPEN_STATES).annotate(
        whole=F("amount_minor") - F("suffix_minor")
    )
    for attempt in whole.filter(whole__in=amounts).order_by("pk")[:200]:
        by_total[attempt.amount_minor - attempt.suffix_minor, attempt.currency].append(attempt)
    return by_amount, by_total


def _twins(lines: Sequence[StatementLine]) -> set[int]:
    """Lines that another file has too, told differently, so that they may be the same money."""
    same = Q(pk=None)
    for day, amount in {(line.booked_on, line.amount_minor) for line in lines}:
        same |= Q(booked_on=day, amount_minor=amount)
    facts = StatementLine.objects.filter(same).values_list(
        "statement_id", "booked_on", "amount_minor"
    )
    others: dict[tuple[object, int], set[int]] = defaultdict(set)
    for statement, day, amount in facts:
        others[day, amount].add(statement)
    return {
        line.pk
        for line in lines
        if any(other < line.statement_id for other in others[line.booked_on, line.amount_minor])
    }
