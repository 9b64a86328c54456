"""Giving back money that does not fit its order."""

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderStatus
from payments.gateways.base import RefundReason
from payments.ledger.accounts import CUSTOMER_FUNDS
from payments.models import LedgerEntry, PaymentException, PaymentReceipt, Refund
from payments.refunds.planning import begin, draft_refund, draft_refunds, is_for_two
from shop.core.errors import DomainError
from shop.core.money import Money

Kind = PaymentException.Kind
# Of these the receipt itself is given back: no order has anything to do with it.
_OF_NO_ORDER = frozenset({Kind.UNMATCHED, Kind.WRONG_CURRENCY})
# Of these no more than the receipt itself, however much else of its order lies with us.
OF_ONE_RECEIPT = frozenset({Kind.DUPLICATE, Kind.WRONG_CURRENCY})
# These own all that lies with their order, whichever of its receipts it came with.
OF_ALL = frozenset({Kind.PARTIAL, Kind.SURPLUS, Kind.UNFULFILLABLE, Kind.LATE})
_REASONS = {Kind.DUPLICATE: RefundReason.DUPLICATE, Kind.UNFULFILLABLE: RefundReason.CANCELLED}


class NothingToGiveBack(DomainError):
    code = "nothing_to_give_back"
    message = _("There is no money of this left to give back. Write down how it ended.")


class StillAwaited(DomainError):
    code = "still_awaited"
    message = _(
        "This order still waits for the rest of its money. Cancel it first, or wait for the end of"
        " its time; then this part can be given back."
    )


@transaction.atomic
def refund_exception(*, exception_id: int, user_id: int | None) -> list[Refund]:
    """Give back all of the money that does not fit. Two presses are one refund.

    Raises NothingToGiveBack, StillAwaited, planning.MoreThanReceived; then nothing has changed.
    """
    order_id = PaymentException.objects.values_list("order_id", flat=True).get(pk=exception_id)
    order = Order.objects.locked().get(pk=order_id) if order_id else None
    exception = PaymentException.objects.select_for_update(of=("self",), no_key=True).get(
        pk=exception_id
    )
    return refund_locked(exception, order, user_id=user_id)


def refund_locked(
    exception: PaymentException, order: Order | None, *, user_id: int | None
) -> list[Refund]:
    """`refund_exception`, for a caller whose transaction holds the locks of both."""
    under_way = list(Refund.objects.open().filter(exception=exception))
    if under_way:
        return under_way
    receipt = exception.receipt
    if exception.resolved_at is not None or receipt is None:
        raise NothingToGiveBack
    if order is None or exception.kind in _OF_NO_ORDER:
        return [_of_receipt(exception, receipt, order, user_id)]
    if exception.kind == Kind.PARTIAL and order.status == OrderStatus.PENDING:
        raise StillAwaited
    amount = part_of(exception, loose_money(order, order.currency))
    if amount.minor <= 0:
        raise NothingToGiveBack
    return draft_refunds(
        order,
        amount,
        exception=exception,
        reason=_REASONS.get(Kind(exception.kind), RefundReason.OTHER),
        user_id=user_id,
    )


def loose_money(order: Order, currency: str) -> Money:
    """What its buyer has paid and nothing was sold for, nor is on its way back."""
    entries = LedgerEntry.objects.filter(
        transaction__order=order, account=CUSTOMER_FUNDS, currency=currency
    )
    return Money(-(entries.aggregate(total=Sum("amount_minor"))["total"] or 0), currency)


def given_back_by(refund: Refund, loose: Money) -> PaymentException | None:
    """The exception all of whose money a refund is, made by somebody else; of what came by the
    same payment first."""
    open_ones = PaymentException.objects.filter(
        order=refund.order, receipt__currency=refund.currency, resolved_at=None
    ).select_related("receipt")
    fitting = [one for one in open_ones if part_of(one, loose) == refund.amount]
    return min(fitting, key=lambda one: (one.receipt_id != refund.receipt_id, one.pk), default=None)


def part_of(exception: PaymentException, loose: Money) -> Money:
    """What of an order's loose money is an exception's."""
    if exception.kind in OF_ONE_RECEIPT and exception.receipt is not None:
        return Money(min(loose.minor, exception.receipt.amount_minor), loose.currency)
    return loose


def _of_receipt(
    exception: PaymentException,
    receipt: PaymentReceipt,
    order: Order | None,
    user_id: int | None,
) -> Refund:
    receipt = PaymentReceipt.objects.select_for_update(of=("self",), no_key=True).get(pk=receipt.pk)
    if not receipt.refundable_minor:
        raise NothingToGiveBack
    amount = Money(receipt.refundable_minor, receipt.currency)
    refund = draft_refund(receipt, amount, order=order)
    refund.exception, refund.reason = exception, RefundReason.OTHER
    refund.requested_by_id = user_id
    begin(refund, needs_two=is_for_two(amount))
    return refund
