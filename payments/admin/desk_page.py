"""All that staff see of one exception: what can be done, the money of its order, who did what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from payments.admin.badges import refund_badge
from payments.admin.desk import may_act, may_press
from payments.desk.facts import Facts
from payments.desk.owning import colleagues
from payments.desk.proposing import Act, propose
from payments.ledger.chart import account_of
from payments.models import (
    ExceptionStep,
    LedgerAdjustment,
    LedgerTransaction,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Moved:
    """A line of the money's history."""

    at: datetime
    text: str | Promise
    amount: str
    url: str
    details: str = ""


# What is explained by a posting of one's own, since nothing else books it.
ADJUSTABLE = (PaymentException.Kind.UNEXPLAINED, PaymentException.Kind.AMOUNT_DIFFERS)


@dataclass(frozen=True, slots=True)
class StepRow:
    step: ExceptionStep
    details: str


def page_of(request: HttpRequest, facts: Facts) -> dict[str, Any]:
    exception = facts.exception
    proposal = propose(facts, at=timezone.now())
    is_mine = exception.owner_id == request.user.pk
    draft = _draft(facts)
    return {
        "acts": [act for act in proposal.acts if may_press(request, act)],
        "needs_right": any(not may_press(request, act) for act in proposal.acts),
        "waits": proposal.waits,
        "may_act": may_act(request) and facts.is_open,
        "may_take": may_act(request) and facts.is_open and exception.owner_id is None,
        "is_mine": is_mine,
        "colleagues": colleagues() if may_act(request) and facts.is_open else [],
        "refunds": [(refund, refund_badge(refund)) for refund in facts.refunds],
        "moved": sorted(_moved(facts), key=lambda one: one.at),
        "steps": _steps(facts),
        "links": list(_links(exception)),
        "close": Act.CLOSE,
        "draft": draft,
        "draft_says": _said(draft) if draft else "",
        "is_adjustable": facts.is_open
        and exception.kind in ADJUSTABLE
        and request.user.has_perm("payments.add_ledgeradjustment"),
    }


def _draft(facts: Facts) -> LedgerAdjustment | None:
    if not facts.has_draft:
        return None
    drafts = facts.exception.adjustments.filter(state=LedgerAdjustment.State.DRAFT)
    return drafts.first()


def _said(draft: LedgerAdjustment) -> str:
    return _("Adjustment of the books: %(amount)s, debit %(debit)s, credit %(credit)s") % {
        "amount": draft.amount.format(),
        "debit": account_of(draft.debit_id).name,
        "credit": account_of(draft.credit_id).name,
    }


def _steps(facts: Facts) -> list[StepRow]:
    """The newest first. Two queries."""
    rows = ExceptionStep.objects.filter(exception=facts.exception).select_related("actor")
    steps = list(rows.order_by("-pk"))
    named = User.objects.in_bulk([step.data["to"] for step in steps if "to" in step.data])
    return [StepRow(step, " · ".join(_details(step, facts, named))) for step in steps]


def _details(step: ExceptionStep, facts: Facts, named: Mapping[int, User]) -> Iterator[str]:
    for name, value in step.data.items():
        if name == "to":
            yield named[value].email
        elif name == "amount" and facts.amount is not None:
            yield Money(value, facts.amount.currency).format()
        elif value:
            yield str(value)


def _moved(facts: Facts) -> Iterator[Moved]:
    """Receipts, refunds and postings of the order; of the money itself where it has none."""
    receipts, refunds, postings = _rows(facts)
    for receipt in receipts:
        url = reverse("admin:payments_paymentreceipt_change", args=[receipt.pk])
        text = _("Came: %(what)s") % {"what": receipt.get_disposition_display()}
        details = f"{receipt.gateway} {receipt.payment_id}"
        yield Moved(receipt.captured_at, text, receipt.amount.format(), url, details)
    for refund in refunds:
        url = reverse("admin:payments_refund_change", args=[refund.pk])
        text = _("Refund: %(state)s") % {"state": refund.get_state_display()}
        yield Moved(refund.requested_at, text, (refund.amount * -1).format(), url, refund.reference)
    for posting in postings:
        entries = list(posting.entries.all())
        total = sum(entry.amount_minor for entry in entries if entry.amount_minor > 0)
        booked = " · ".join(
            f"{account_of(each.account_id).name} {Money(each.amount_minor, each.currency).format()}"
            for each in entries
        )
        url = reverse("admin:payments_ledgertransaction_change", args=[posting.pk])
        text = _("Posting: %(kind)s") % {"kind": posting.get_kind_display()}
        amount = Money(total, entries[0].currency).format() if entries else ""
        yield Moved(posting.booked_at, text, amount, url, booked)


def _rows(
    facts: Facts,
) -> tuple[list[PaymentReceipt], list[Refund], list[LedgerTransaction]]:
    """Three queries and one for the entries."""
    receipt, exception = facts.receipt, facts.exception
    of_receipt = Q(pk=receipt.pk) if receipt else Q(pk=None)
    key = f"receipt:{receipt.gateway}:{receipt.payment_id}:{receipt.capture_id}" if receipt else ""
    if facts.order is None:
        which, refunded, posted = of_receipt, Q(exception=exception), Q(external_key=key)
    else:
        which = of_receipt | Q(order=facts.order)
        refunded, posted = Q(order=facts.order), Q(order=facts.order)
    postings = LedgerTransaction.objects.filter(posted).prefetch_related("entries")
    return (
        list(PaymentReceipt.objects.filter(which)),
        list(Refund.objects.filter(refunded)),
        list(postings.order_by("pk")),
    )


def _links(exception: PaymentException) -> Iterator[tuple[str, str]]:
    """Where to look next."""
    kind, _colon, pk = exception.key.partition(":")
    if kind == "webhook" and pk.isdecimal():
        yield _("The message itself"), reverse("admin:payments_webhookevent_change", args=[pk])
    if exception.transaction_id is not None:
        url = reverse("admin:payments_gatewaytransaction_change", args=[exception.transaction_id])
        yield _("What the gateway lists"), url
    if exception.order is not None:
        url = reverse("admin:orders_order_change", args=[exception.order_id])
        yield _("Order %(number)s") % {"number": exception.order.number}, url
