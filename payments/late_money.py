"""What becomes of money that comes after its order has ended: a rule for each way to pay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.checks import Error

from orders.models import Order, OrderStatus
from payments.models import PaymentReceipt

ALL = "*"


class Then(StrEnum):
    FULFIL = "fulfil"  # the order is confirmed where its goods are still free
    GIVE_BACK = "give_back"  # back to its payer, without anybody asking
    ASK = "ask"  # somebody decides, at the exceptions desk


@dataclass(frozen=True, slots=True)
class Rule:
    """`ask_after`: money that comes so long after the end is decided about by staff."""

    then: Then
    ask_after: timedelta | None

    def at(self, late_by: timedelta) -> Then:
        is_very_late = self.ask_after is not None and late_by > self.ask_after
        return Then.ASK if is_very_late else self.then


def rule_of(method: str) -> Rule:
    """Of a method, of all where it has none of its own. What cannot be read asks: nobody's money
    moves by a misspelt word."""
    told = _told(ALL) | _told(method)
    hours = told.get("ask_after_hours")
    if set(_wrong(told)):
        return Rule(Then.ASK, None)
    return Rule(Then(str(told["then"])), None if hours is None else timedelta(hours=hours))


def what_follows(order: Order, receipt: PaymentReceipt) -> Then:
    """What becomes of money for an order that has ended.

    What was paid before its window was over is late through no fault of the payer: the shop learnt
    of it late. Money that nobody was asked for has no method, and no rule.
    """
    attempt, ended_at = receipt.attempt, order.ended_at
    if attempt is None or ended_at is None:
        return Then.FULFIL
    if order.status == OrderStatus.EXPIRED and receipt.captured_at <= ended_at:
        return Then.FULFIL
    return rule_of(attempt.method).at(receipt.captured_at - ended_at)


def check_late_money(**_options: object) -> list[Error]:
    """For `manage.py check`, which every deployment runs."""
    return [
        Error(f"LATE_MONEY, {method}: {what}", id="payments.E001")
        for method in settings.LATE_MONEY
        for what in [*_unknown(method), *_wrong(_told(ALL) | _told(method))]
    ]


def _told(method: str) -> dict[str, Any]:
    told = settings.LATE_MONEY.get(method, {})
    return dict(told) if isinstance(told, Mapping) else {"then": told}


def _unknown(method: str) -> Iterator[str]:
    if method != ALL and method not in settings.PAYMENT_WINDOW:
        yield f"no such method; there are {', '.join(settings.PAYMENT_WINDOW)} and {ALL}"


def _wrong(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("then") not in list(Then):
        yield f"then is {told.get('then')!r}, and can be {', '.join(Then)}"
    hours = told.get("ask_after_hours")
    if hours is not None and (not isinstance(hours, int | float) or hours <= 0):
        yield f"ask_after_hours is {hours!r}, and must be a number of hours, or null for no limit"
    for name in set(told) - {"then", "ask_after_hours"}:
        yield f"{name} means nothing; there are then and ask_after_hours"
