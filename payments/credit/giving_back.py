"""Credit that comes back: of an order that was not paid, or as a refund."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from orders.models import Order
from payments.credit.moving import move
from payments.gateways.base import RefundReason
from payments.ledger.accounts import clearing
from payments.ledger.refunds import post_requested
from payments.models import (
    CREDIT,
    CreditAccount,
    CreditKind,
    CreditMovement,
    CreditMovementKind,
    PaymentReceipt,
    Refund,
    RefundChannel,
    RefundState,
)
from payments.refunds.locking import lock_refund
from payments.refunds.outcomes import succeed
from payments.refunds.planning import begin, draft_refund


def give_back_unpaid(order: Order, also: Iterable[int] = ()) -> None:
    """An order ended unpaid: what was taken for it goes back where it came from, once.

    In the transaction that ends it, which holds the order's lock; one statement where nothing was
    taken. `also`: accounts from which the same transaction takes something next.
    """
    receipts = PaymentReceipt.objects.filter(order=order, gateway=CREDIT)
    locked = receipts.select_for_update(of=("self",), no_key=True)
    open_ones = [each for each in locked.order_by("pk") if each.refundable_minor]
    _hold([*_account_pks(open_ones), *also])
    for receipt in open_ones:
        refund = draft_refund(
            receipt, receipt.refundable, order=order, channel=RefundChannel.STORE_CREDIT
        )
        refund.reason = RefundReason.CANCELLED
        begin(refund, needs_two=False)
        post_requested(refund)
        _move_back(refund, CreditMovementKind.GIVE_BACK)


def _hold(pks: Iterable[int]) -> None:
    """Several at once, until the transaction ends, in one order of locks."""
    wanted = sorted(set(pks))
    if len(wanted) > 1:
        rows = CreditAccount.objects.filter(pk__in=wanted).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))


@transaction.atomic
def refund_to_credit(*, refund_id: int) -> Refund:
    """Give an approved refund back as credit. Safe to repeat: a second call changes nothing.

    What was paid with a card or with store credit goes back there, also where that is blocked or
    over by now; any other money becomes the customer's store credit.
    """
    refund = lock_refund(refund_id)
    if refund.channel == RefundChannel.STORE_CREDIT and refund.state == RefundState.APPROVED:
        _move_back(refund, CreditMovementKind.REFUND)
    return refund


def _move_back(refund: Refund, kind: CreditMovementKind) -> None:
    movement = move(
        account=_account_of(refund),
        amount_minor=refund.amount_minor,
        kind=kind,
        key=f"refund:{refund.pk}",
        against=clearing(CREDIT),
        order=refund.order,
        user_id=refund.requested_by_id,
    )
    refund.refund_ref = str(movement.public_id)
    refund.save(update_fields=["refund_ref"])
    succeed(refund, at=timezone.now())


def _account_of(refund: Refund) -> CreditAccount:
    receipt = refund.receipt
    if receipt is not None and receipt.gateway == CREDIT:
        return (
            CreditMovement.objects.select_related("account")
            .get(public_id=receipt.payment_id)
            .account
        )
    customer_id = refund.order.customer_id if refund.order else None
    if customer_id is None:
        raise LookupError(f"refund {refund.reference} is of nobody's account")
    return store_credit_of(customer_id, refund.currency)


def store_credit_of(customer_id: int, currency: str) -> CreditAccount:
    """The customer's account, made where there is none."""
    account, _is_new = CreditAccount.objects.get_or_create(
        customer_id=customer_id, currency=currency, defaults={"kind": CreditKind.STORE_CREDIT}
    )
    return account


def _account_pks(receipts: Iterable[PaymentReceipt]) -> list[int]:
    ids = [receipt.payment_id for receipt in receipts]
    if not ids:
        return []
    return list(CreditMovement.objects.filter(public_id__in=ids).values_list("account", flat=True))
