"""Money that an exception owns: it must not end while nobody else would own it (I7)."""

from django.conf import settings
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.ledger.accounts import CHARGEBACK_LOSS, CUSTOMER_FUNDS, UNCLAIMED
from payments.models import (
    CREDIT,
    Dispute,
    LedgerAdjustment,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.refunds.exceptions import OF_ALL, OF_ONE_RECEIPT, loose_money, part_of
from shop.core.errors import DomainError
from shop.core.money import Money


class StillOwnsMoney(DomainError):
    code = "still_owns_money"
    message = _(
        "{amount} of it lie here, and would be nobody's. Give them back, keep them as store credit,"
        " assign them to an order, or book them as unclaimed money; of an order that still waits"
        " for the rest, wait for the end of its time or cancel it first."
    )

    def __init__(self, amount: Money) -> None:
        super().__init__(f"{amount.format()} are owned", amount=amount.format())


class StillGoingBack(DomainError):
    code = "still_going_back"
    message = _(
        "Its money is on its way back, and would be nobody's should it not get there. Wait for the"
        " end of the refund, which resolves this by itself, or call the refund back first."
    )


class DisputeUnderWay(DomainError):
    code = "dispute_under_way"
    message = _(
        "It is contested, or won and its money is not here yet. Say first that it was lost, or wait"
        " for the money: the gateway's list resolves this by itself."
    )


def require_disowned(exception: PaymentException, order: Order | None) -> None:
    """The caller's transaction holds the locks of both. Raises StillOwnsMoney, StillGoingBack,
    DisputeUnderWay."""
    dispute = Dispute.objects.filter(exception=exception).first()
    if dispute is not None and dispute.is_under_way:
        raise DisputeUnderWay
    if Refund.objects.open().filter(exception=exception).exists():
        raise StillGoingBack
    if (left := left_by(exception, order)).minor > 0:
        raise StillOwnsMoney(left)


def left_by(exception: PaymentException, order: Order | None) -> Money:
    """What nobody would own any more, if this exception ended now; 0 or less where all is owned."""
    receipt = exception.receipt
    if receipt is None:
        return Money(0, order.currency if order else settings.DEFAULT_CURRENCY)
    if order is None:
        gone = receipt.refunded_minor + receipt.refund_pending_minor + _booked(exception)
        return Money(receipt.amount_minor - gone, receipt.currency)
    loose = loose_money(order, receipt.currency)
    others = PaymentReceipt.objects.filter(order=order, currency=receipt.currency)
    owned = others.filter(exception__resolved_at=None).exclude(pk=receipt.pk)
    if owned.filter(exception__kind__in=OF_ALL).exists():
        return loose * 0
    kept_for_the_rest = others.filter(
        gateway=CREDIT, disposition=PaymentReceipt.Disposition.PARTIAL
    ).aggregate(net=Sum(F("amount_minor") - F("refunded_minor") - F("refund_pending_minor")))
    by_one = owned.filter(exception__kind__in=OF_ONE_RECEIPT).aggregate(of=Sum("amount_minor"))
    return loose - Money((kept_for_the_rest["net"] or 0) + (by_one["of"] or 0), loose.currency)


def unclaimed_money(exception: PaymentException, order: Order | None) -> tuple[str, Money]:
    """The account that it would be kept on, and what: all that giving it back would give back.

    Of what the payer's bank has taken already no customer is owed anything: its loss is undone.
    """
    receipt = exception.receipt
    if receipt is None:
        return UNCLAIMED, Money(0, order.currency if order else settings.DEFAULT_CURRENCY)
    if order is None:
        owned, here = left_by(exception, order), receipt.refundable_minor
    else:
        owned = part_of(exception, loose_money(order, receipt.currency))
        here = sum(one.refundable_minor for one in _receipts(exception, order))
    if here <= 0:
        return CHARGEBACK_LOSS, owned
    return UNCLAIMED, Money(min(owned.minor, here), owned.currency)


def keep(exception: PaymentException, order: Order | None, amount: Money) -> None:
    """Nobody can have it back any more: of the exception's own receipt first.

    The caller's transaction holds the locks; `amount` is no more than `unclaimed_money`.
    """
    left = amount.minor
    for receipt in _receipts(exception, order):
        part = min(left, receipt.refundable_minor)
        if part > 0:
            PaymentReceipt.objects.filter(pk=receipt.pk).update(kept_minor=F("kept_minor") + part)
            left -= part


def _receipts(exception: PaymentException, order: Order | None) -> list[PaymentReceipt]:
    """Those that its money came with, locked; what was credit never is anybody's by mistake."""
    receipt = exception.receipt
    if receipt is None:
        return []
    which = Q(pk=receipt.pk)
    if order is not None:
        which |= Q(order=order, currency=receipt.currency) & ~Q(gateway=CREDIT)
    rows = PaymentReceipt.objects.select_for_update(of=("self",), no_key=True).filter(which)
    return sorted(rows.order_by("pk"), key=lambda one: one.pk != receipt.pk)


def _booked(exception: PaymentException) -> int:
    """What of it was booked as nobody's any more."""
    booked = LedgerAdjustment.objects.filter(
        exception=exception, debit=CUSTOMER_FUNDS, state=LedgerAdjustment.State.POSTED
    )
    return booked.aggregate(total=Sum("amount_minor"))["total"] or 0
