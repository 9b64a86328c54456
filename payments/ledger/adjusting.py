"""Moving by hand what nothing else explains: out of `suspense`, or where a list and we differ."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.ledger.accounts import (
    BANK,
    CHARGEBACK_LOSS,
    COD_RECEIVABLE,
    CUSTOMER_FUNDS,
    GATEWAY_FEE,
    GOODWILL,
    REFUNDS_PAYABLE,
    ROUNDING,
    SUSPENSE,
    TAX_IN,
    UNCLAIMED,
    clearing,
)
from payments.ledger.cod import GATEWAY as COD
from payments.ledger.cod import is_sold
from payments.ledger.posting import post
from payments.models import (
    AttemptState,
    LedgerAdjustment,
    PaymentAttempt,
    PaymentException,
    PostingKind,
)
from payments.refunds.owned import keep, require_disowned, unclaimed_money
from payments.refunds.planning import is_for_two
from shop.core.errors import DomainError, NotFound
from shop.core.money import Money

State = LedgerAdjustment.State
# What a customer has paid and what was sold is moved by receipts, refunds and orders alone.
ACCOUNTS = (
    SUSPENSE,
    clearing("xendit"),
    clearing("midtrans"),
    BANK,
    GATEWAY_FEE,
    TAX_IN,
    CHARGEBACK_LOSS,
    REFUNDS_PAYABLE,
    GOODWILL,
    ROUNDING,
)
LONGEST_REASON = 200


class AdjustmentNotFound(NotFound):
    code = "adjustment_not_found"
    message = _("This is not there any more. Reload the page to see what is.")


class AlreadyAdjusted(DomainError):
    code = "already_adjusted"
    message = _("Something else was booked for this exception, or waits for its approval.")


class NothingToAdjust(DomainError):
    code = "nothing_to_adjust"
    message = _("This exception is resolved: there is nothing to be booked any more.")


class NotAMovement(DomainError):
    code = "not_a_movement"
    status = 422
    message = _("Choose two different accounts of the list, and an amount above 0.")


class AdjustmentReasonMissing(DomainError):
    code = "adjustment_reason_missing"
    status = 422
    message = _("Write down why: it stays in the books for good.")


class MoneyMoved(DomainError):
    code = "money_moved"
    message = _("Something has happened to this money since. Reject this, and look again.")


class OwnAdjustment(DomainError):
    code = "own_adjustment"
    status = 403
    message = _("You asked for this yourself: somebody else has to approve it.")


@transaction.atomic
def post_adjustment(
    *, exception_id: int, debit: str, credit: str, amount: Money, reason: str, user_id: int
) -> LedgerAdjustment:
    """Move an amount from the account `credit` to `debit`, and resolve the exception with it.

    Above REFUND_APPROVAL_ABOVE it waits for a second person. The same again is the same; once for
    each exception. Raises AdjustmentNotFound, AlreadyAdjusted, NothingToAdjust, NotAMovement,
    AdjustmentReasonMissing, StillOwnsMoney, StillGoingBack; then nothing has changed.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise AdjustmentReasonMissing
    if amount.minor <= 0 or debit == credit or not {debit, credit} <= set(ACCOUNTS):
        raise NotAMovement
    exception, order = _locked(exception_id)
    facts = {
        "debit_id": debit,
        "credit_id": credit,
        "amount_minor": amount.minor,
        "currency": amount.currency,
    }
    if (one := _of(exception)) is not None:
        if any(getattr(one, name) != value for name, value in facts.items()):
            raise AlreadyAdjusted
        return one
    if exception.resolved_at is not None:
        raise NothingToAdjust
    adjustment = LedgerAdjustment.objects.create(
        exception=exception, reason=reason, requested_by_id=user_id, **facts
    )
    if not is_for_two(amount):
        _book(adjustment, exception, order)
    return adjustment


def ask_for_adjustment(
    exception: PaymentException, order: Order | None, *, reason: str, user_id: int
) -> tuple[LedgerAdjustment, bool]:
    """All that is an exception's becomes the shop's, and whether this is new; of what its payer's
    bank has taken back the loss is undone instead.

    For a caller that holds the locks of both. Raises AdjustmentReasonMissing, AlreadyAdjusted,
    NothingToAdjust.
    """
    credit, amount = unclaimed_money(exception, order)
    return _ask(exception, order, (CUSTOMER_FUNDS, credit, amount), reason, user_id)


def ask_to_write_off(
    exception: PaymentException, order: Order, *, reason: str, user_id: int
) -> tuple[LedgerAdjustment, bool]:
    """What a courier keeps of an order is the shop's loss, and whether this is new.

    As `ask_for_adjustment`.
    """
    amount = order.to_collect if is_sold(order) else order.to_collect * 0
    return _ask(exception, order, (GOODWILL, COD_RECEIVABLE, amount), reason, user_id)


def _ask(
    exception: PaymentException,
    order: Order | None,
    moved: tuple[str, str, Money],
    reason: str,
    user_id: int,
) -> tuple[LedgerAdjustment, bool]:
    """`moved`: debit, credit and amount."""
    debit, credit, amount = moved
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise AdjustmentReasonMissing
    if (one := _of(exception)) is not None:
        if one.debit_id != debit:
            raise AlreadyAdjusted
        return one, False
    if exception.resolved_at is not None or amount.minor <= 0:
        raise NothingToAdjust
    adjustment = LedgerAdjustment.objects.create(
        exception=exception,
        reason=reason,
        requested_by_id=user_id,
        debit_id=debit,
        credit_id=credit,
        amount_minor=amount.minor,
        currency=amount.currency,
    )
    if not is_for_two(amount):
        _book(adjustment, exception, order)
    return adjustment, True


def _of(exception: PaymentException) -> LedgerAdjustment | None:
    rows = LedgerAdjustment.objects.filter(exception=exception)
    return rows.exclude(state=State.REJECTED).first()


@transaction.atomic
def approve_adjustment(*, adjustment_id: int, user_id: int) -> bool:
    """A second person books it. Returns whether this call did; raises OwnAdjustment,
    NothingToAdjust, MoneyMoved, AdjustmentNotFound; then nothing has changed."""
    exception, order, adjustment = _locked_both(adjustment_id)
    if adjustment.state != State.DRAFT:
        return False
    if adjustment.requested_by_id == user_id:
        raise OwnAdjustment
    if exception.resolved_at is not None:
        raise NothingToAdjust
    adjustment.decided_by_id, adjustment.decided_at = user_id, timezone.now()
    _book(adjustment, exception, order)
    return True


@transaction.atomic
def reject_adjustment(*, adjustment_id: int, user_id: int) -> bool:
    """Also by who asked for it; what is booked stays. Raises AdjustmentNotFound."""
    _exception, _order, adjustment = _locked_both(adjustment_id)
    if adjustment.state != State.DRAFT:
        return False
    adjustment.state = State.REJECTED
    adjustment.decided_by_id, adjustment.decided_at = user_id, timezone.now()
    adjustment.save(update_fields=["state", "decided_by", "decided_at"])
    return True


def _book(adjustment: LedgerAdjustment, exception: PaymentException, order: Order | None) -> None:
    """The caller's transaction holds the locks of exception and order."""
    amount = adjustment.amount
    if adjustment.debit_id == CUSTOMER_FUNDS:
        if (adjustment.credit_id, amount) != unclaimed_money(exception, order):
            raise MoneyMoved
        if adjustment.credit_id == UNCLAIMED:
            keep(exception, order, amount)
    if adjustment.credit_id == COD_RECEIVABLE:
        _collect_no_more(order, amount)
    post(
        kind=PostingKind.ADJUSTMENT,
        key=f"adjustment:{adjustment.pk}",
        occurred_at=timezone.now(),
        order=order,
        entries=[(adjustment.debit_id, amount), (adjustment.credit_id, amount * -1)],
    )
    adjustment.state = State.POSTED
    adjustment.save(update_fields=["state", "decided_by", "decided_at"])
    require_disowned(exception, order)
    exception.resolved_at, exception.resolution = timezone.now(), adjustment.reason
    exception.save(update_fields=["resolved_at", "resolution"])


def _collect_no_more(order: Order | None, amount: Money) -> None:
    """Its courier may have handed it over since, or its goods have come back."""
    if order is None or order.to_collect != amount:
        raise MoneyMoved
    order.collect_minor = 0
    order.save(update_fields=["collect_minor"])
    PaymentAttempt.objects.open().filter(order=order, gateway=COD).update(
        state=AttemptState.CANCELLED
    )


def _locked_both(
    adjustment_id: int,
) -> tuple[PaymentException, Order | None, LedgerAdjustment]:
    pks = LedgerAdjustment.objects.filter(pk=adjustment_id).values_list("exception", flat=True)
    exception, order = _locked(pks.first() or 0)
    rows = LedgerAdjustment.objects.select_for_update(of=("self",), no_key=True)
    return exception, order, rows.get(pk=adjustment_id)


def _locked(exception_id: int) -> tuple[PaymentException, Order | None]:
    """With its order, which everybody locks first."""
    found = PaymentException.objects.filter(pk=exception_id)
    order_id = found.values_list("order_id", flat=True).first()
    order = None if order_id is None else Order.objects.locked().get(pk=order_id)
    exception = found.select_for_update(of=("self",), no_key=True).first()
    if exception is None:
        raise AdjustmentNotFound
    return exception, order
