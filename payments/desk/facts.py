"""All that is known of some exceptions, in the same number of queries however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Max, Sum

from orders.models import ENDED, Order, OrderStatus
from payments.ledger.accounts import CUSTOMER_FUNDS
from payments.models import (
    Dispute,
    ExceptionStep,
    LedgerAdjustment,
    LedgerEntry,
    PaymentException,
    PaymentReceipt,
    Refund,
    RefundState,
)
from shop.core.money import Money


@dataclass(slots=True)
class Facts:
    """An exception with its order's money, in minor units of the order's currency.

    `received_minor`: what has come of the order's total and is still here. `loose_minor`: what of
    it nothing was sold for, nor is on its way back. `asked_at`: when its customer was last asked.
    """

    exception: PaymentException
    received_minor: int = 0
    loose_minor: int = 0
    asked_at: datetime | None = None
    refunds: list[Refund] = field(default_factory=list)
    # What is to be booked by hand, once a second person has approved it.
    has_draft: bool = False
    # Of a chargeback that somebody has done something about.
    dispute: Dispute | None = None

    @property
    def order(self) -> Order | None:
        return self.exception.order

    @property
    def receipt(self) -> PaymentReceipt | None:
        return self.exception.receipt

    @property
    def is_open(self) -> bool:
        return self.exception.resolved_at is None

    @property
    def is_pending(self) -> bool:
        return self.order is not None and self.order.status == OrderStatus.PENDING

    @property
    def is_ended_unpaid(self) -> bool:
        order = self.order
        return order is not None and order.status in ENDED and order.confirmed_at is None

    @property
    def missing(self) -> Money | None:
        """What of an order's total has not come; None without one, or where none is missing."""
        if self.order is None:
            return None
        left = self.order.total_minor - self.received_minor
        return Money(left, self.order.currency) if left > 0 else None

    @property
    def loose(self) -> Money | None:
        if self.order is None or self.loose_minor <= 0:
            return None
        return Money(self.loose_minor, self.order.currency)

    @property
    def amount(self) -> Money | None:
        """What it is about: what came, moved or is missing."""
        if self.receipt is not None:
            return self.receipt.amount
        if self.exception.transaction is not None:
            return self.exception.transaction.amount
        if self.order is not None and self.order.collect_minor:
            return self.order.to_collect
        return None

    @property
    def refunds_open(self) -> list[Refund]:
        return [refund for refund in self.refunds if refund.is_open]

    @property
    def waits_for_approval(self) -> bool:
        return any(refund.state == RefundState.DRAFT for refund in self.refunds)


def facts_of(exceptions: Sequence[PaymentException]) -> list[Facts]:
    """In the order given. Seven queries; their orders, receipts and transactions are there already,
    where the caller has selected them."""
    pks = [one.pk for one in exceptions]
    orders = {one.order_id for one in exceptions if one.order_id is not None}
    received, loose = _received(orders), _loose(orders)
    steps = ExceptionStep.objects.filter(exception__in=pks, kind=ExceptionStep.Kind.ASKED)
    asked = dict(steps.values_list("exception").annotate(last=Max("at")))
    refunds: dict[int | None, list[Refund]] = {}
    for refund in Refund.objects.filter(exception__in=pks).select_related("order").order_by("pk"):
        refunds.setdefault(refund.exception_id, []).append(refund)
    draft = LedgerAdjustment.State.DRAFT
    adjustments = LedgerAdjustment.objects.filter(exception__in=pks, state=draft)
    drafts = set(adjustments.values_list("exception", flat=True))
    disputes = {one.exception_id: one for one in Dispute.objects.filter(exception__in=pks)}
    return [
        Facts(
            one,
            received.get(one.order_id or 0, 0),
            loose.get(one.order_id or 0, 0),
            asked.get(one.pk),
            refunds.get(one.pk, []),
            one.pk in drafts,
            disputes.get(one.pk),
        )
        for one in exceptions
    ]


def _received(orders: set[int]) -> dict[int, int]:
    taken = F("suffix_minor") + F("refunded_minor") + F("refund_pending_minor") + F("kept_minor")
    rows = PaymentReceipt.objects.filter(order__in=orders, currency=F("order__currency"))
    sums = rows.values_list("order_id").annotate(net=Sum(F("amount_minor") - taken))
    return {pk: net for pk, net in sums.order_by() if pk is not None}


def _loose(orders: set[int]) -> dict[int, int]:
    rows = LedgerEntry.objects.filter(
        transaction__order__in=orders,
        account=CUSTOMER_FUNDS,
        currency=F("transaction__order__currency"),
    )
    sums = rows.values_list("transaction__order_id").annotate(total=Sum("amount_minor"))
    return {pk: -total for pk, total in sums.order_by() if pk is not None}
