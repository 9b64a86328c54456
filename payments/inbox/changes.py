"""What processing a webhook changes, told as things with what they were and what they became."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from django.db.models import Model, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderStatus
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
    RefundState,
)
from payments.polling import Observed


class Thing(StrEnum):
    ORDER = "order"
    ATTEMPT = "attempt"
    RECEIPT = "receipt"
    REFUND = "refund"
    EXCEPTION = "exception"


States = dict[tuple[Thing, int, str], str]
OPEN, RESOLVED = "open", "resolved"
WORDS: dict[Thing, dict[str, str | Promise]] = {
    Thing.ORDER: dict(OrderStatus.choices),
    Thing.ATTEMPT: dict(AttemptState.choices),
    Thing.RECEIPT: dict(PaymentReceipt.Disposition.choices),
    Thing.REFUND: dict(RefundState.choices),
    Thing.EXCEPTION: {OPEN: _("Open"), RESOLVED: _("Resolved")},
}
MODELS: dict[Thing, type[Model]] = {
    Thing.ORDER: Order,
    Thing.ATTEMPT: PaymentAttempt,
    Thing.RECEIPT: PaymentReceipt,
    Thing.REFUND: Refund,
    Thing.EXCEPTION: PaymentException,
}


@dataclass(frozen=True, slots=True)
class Change:
    """`before` is empty for what is new. States are written as in the database."""

    thing: Thing
    pk: int
    name: str
    before: str
    after: str

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        return cls(**kept | {"thing": Thing(kept["thing"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def kind(self) -> str | Promise:
        return MODELS[self.thing]._meta.verbose_name or ""

    @property
    def was(self) -> str | Promise:
        return WORDS[self.thing].get(self.before, self.before)

    @property
    def became(self) -> str | Promise:
        return WORDS[self.thing].get(self.after, self.after)

    @property
    def url(self) -> str:
        """Where staff read it."""
        options = MODELS[self.thing]._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[self.pk])


@dataclass(frozen=True, slots=True)
class Seen:
    """How things stood at one moment: state by thing, key and name."""

    states: States

    def until(self, later: "Seen") -> list[Change]:
        """What differs then; what is gone is not told, as nothing here is ever deleted."""
        return [
            Change(*key, before=self.states.get(key, ""), after=state)
            for key, state in later.states.items()
            if self.states.get(key) != state
        ]


def changes_of(observed: Observed) -> list[Change]:
    """What recording the gateway's word on an attempt has changed. No statement."""
    attempt, order = observed.attempt, observed.order
    pairs = [
        (Thing.ATTEMPT, attempt.pk, attempt.reference, observed.attempt_was, str(attempt.state)),
        (Thing.ORDER, order.pk, order.number, observed.order_was, str(order.status)),
    ]
    changes = [Change(*pair) for pair in pairs if pair[-1] != pair[-2]]
    return [*changes, *(new_receipt(receipt) for receipt in observed.receipts)]


def new_receipt(receipt: PaymentReceipt) -> Change:
    return Change(Thing.RECEIPT, receipt.pk, str(receipt), "", str(receipt.disposition))


def look_at_refunds(attempt: PaymentAttempt) -> Seen:
    """Those of what came in by an attempt."""
    return Seen(_refunds(Q(receipt__attempt=attempt)))


def _refunds(about: Q) -> States:
    return {
        (Thing.REFUND, one.pk, f"{one.reference} {one.amount.format()}"): str(one.state)
        for one in Refund.objects.filter(about)
    }


def look(*, orders: Iterable[int], money: Q, key: str) -> Seen:
    """The orders, what was paid for them, and other receipts that `money` finds, with their
    exceptions and that of `key`."""
    orders = list(orders)
    receipts = PaymentReceipt.objects.filter(Q(order__in=orders) | money)
    about = Q(order__in=orders) | Q(receipt__in=receipts)
    states: States = {
        (Thing.ORDER, order.pk, order.number): str(order.status)
        for order in Order.objects.filter(pk__in=orders)
    }
    for attempt in PaymentAttempt.objects.filter(order__in=orders):
        states[Thing.ATTEMPT, attempt.pk, attempt.reference] = str(attempt.state)
    for receipt in receipts:
        states[Thing.RECEIPT, receipt.pk, str(receipt)] = str(receipt.disposition)
    states |= _refunds(about)
    for trouble in PaymentException.objects.filter(about | Q(key=key)):
        name = str(trouble.get_kind_display())
        state = RESOLVED if trouble.resolved_at else OPEN
        states[Thing.EXCEPTION, trouble.pk, name] = state
    return Seen(states)
