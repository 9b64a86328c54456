"""What people decide about refunds: approve, call back, choose another way."""

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import OrderEvent
from payments.models import CREDIT, Refund, RefundChannel, RefundState
from payments.refunds.locking import lock_refund
from payments.refunds.planning import cancel, once_more
from shop.core.errors import DomainError

log = logging.getLogger(__name__)


class OwnRefund(DomainError):
    code = "own_refund"
    status = 403
    message = _("You asked for this refund yourself: somebody else has to approve it.")


class RefundUnderWay(DomainError):
    code = "refund_under_way"
    message = _(
        "This refund is on its way already, so it can no longer be changed. Reload the page to see"
        " where it stands."
    )


class CreditStaysCredit(DomainError):
    code = "credit_stays_credit"
    message = _("This was paid with a gift card or store credit, and goes back there.")


class NoAccountToCredit(DomainError):
    code = "no_account_to_credit"
    message = _("The customer has no account that could be credited: the order is a guest's.")


@transaction.atomic
def approve_refund(*, refund_id: int, user_id: int) -> bool:
    """A second person lets it go. Returns whether this call did it; a second changes nothing.

    Raises OwnRefund, and RefundUnderWay for one that was called back.
    """
    refund = lock_refund(refund_id)
    if refund.state != RefundState.DRAFT:
        if refund.state == RefundState.CANCELLED:
            raise RefundUnderWay
        return False
    if refund.requested_by_id == user_id:
        raise OwnRefund
    now = timezone.now()
    refund.approved_by_id, refund.approved_at = user_id, now
    refund.move_to(RefundState.APPROVED)
    refund.next_try_at = now
    if refund.channel == RefundChannel.BANK_TRANSFER:
        refund.move_to(RefundState.AWAITING_TRANSFER)
        refund.next_try_at = None
    refund.save(update_fields=["state", "approved_by", "approved_at", "next_try_at"])
    _note(refund, "refund_approved", user_id)
    return True


@transaction.atomic
def call_back_refund(*, refund_id: int, user_id: int) -> bool:
    """Not to be sent after all: money that did not fit stays with its exception.

    Returns whether this call did it. Raises RefundUnderWay once anybody may have sent it, and for
    goods: what is owed for them stays owed.
    """
    refund = lock_refund(refund_id)
    if refund.state == RefundState.CANCELLED:
        return False
    if refund.due_id is not None or not refund.can_move_to(RefundState.CANCELLED):
        raise RefundUnderWay
    cancel(refund)
    _note(refund, "refund_called_back", user_id)
    return True


@transaction.atomic
def send_by_bank(*, refund_id: int, user_id: int) -> Refund:
    """Another refund for the same money, by hand, where the gateway has not been asked yet.

    One that goes by hand already is returned as it is. Raises RefundUnderWay.
    """
    refund = lock_refund(refund_id)
    if refund.channel == RefundChannel.BANK_TRANSFER and refund.is_open:
        return refund
    if refund.receipt is not None and refund.receipt.gateway == CREDIT:
        raise CreditStaysCredit
    return _send_by(RefundChannel.BANK_TRANSFER, refund, user_id)


@transaction.atomic
def send_as_credit(*, refund_id: int, user_id: int) -> Refund:
    """Another refund for the same money, to the customer's store credit, as the customer wishes.

    One that goes there already is returned as it is. Raises NoAccountToCredit, RefundUnderWay.
    """
    refund = lock_refund(refund_id)
    if refund.channel == RefundChannel.STORE_CREDIT and refund.state != RefundState.CANCELLED:
        return refund
    if refund.order is None or refund.order.customer_id is None:
        raise NoAccountToCredit
    return _send_by(RefundChannel.STORE_CREDIT, refund, user_id)


def _send_by(channel: RefundChannel, refund: Refund, user_id: int) -> Refund:
    if not refund.can_move_to(RefundState.CANCELLED):
        raise RefundUnderWay
    is_approved = refund.state != RefundState.DRAFT
    cancel(refund)
    _note(refund, f"refund_{'by_bank' if channel == 'bank_transfer' else 'as_credit'}", user_id)
    return once_more(refund, channel=channel, needs_two=not is_approved)


def _note(refund: Refund, kind: str, user_id: int) -> None:
    log.info(kind, extra={"refund": refund.reference, "user": user_id})
    if refund.order is not None:
        OrderEvent.objects.create(
            order=refund.order,
            kind=kind,
            actor=OrderEvent.Actor.STAFF,
            user_id=user_id,
            data={"amount": refund.amount_minor, "reference": refund.reference},
        )
