"""Money that is given back by hand: recorded by whoever transferred it, and booked."""

import re
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.models import Refund, RefundChannel, RefundState
from payments.refunds.accounts import payee_for
from payments.refunds.locking import lock_refund
from payments.refunds.outcomes import succeed
from shop.core.errors import DomainError, NotFound

LONGEST_REFERENCE = 60
_LAST_FOUR = re.compile(r"[0-9]{4}")


class RefundNotFound(NotFound):
    code = "refund_not_found"
    message = _("This refund is not there any more. Reload the page to see what is.")


class NotToBeTransferred(DomainError):
    code = "not_to_be_transferred"
    message = _(
        "This refund is not to be transferred by hand: it goes back another way, or somebody has to"
        " approve it first."
    )


class OwnApproval(DomainError):
    code = "own_approval"
    status = 403
    message = _("You approved this refund: somebody else has to transfer and record it.")


class ReferenceMissing(DomainError):
    code = "reference_missing"
    status = 422
    message = _("Enter the bank's reference of the transfer.")


class ReferenceTooLong(DomainError):
    code = "reference_too_long"
    status = 422
    message = _("Enter the bank's reference alone: it has at most 60 characters.")


class NotThatDay(DomainError):
    code = "not_that_day"
    status = 422
    message = _("Enter the day of the transfer: not before it was owed, and not in the future.")


class AccountChanged(DomainError):
    code = "account_changed"
    message = _(
        "Nothing was recorded: another bank account was named after you opened the page; it is"
        " shown now. If your transfer went to the former one, say so with its last four digits."
    )


class NotLastFour(DomainError):
    code = "not_last_four"
    status = 422
    message = _("Enter the last four digits of the account, and nothing else.")


@transaction.atomic
def record_transferred(
    *,
    refund_id: int,
    paid_on: date,
    reference: str,
    user_id: int,
    seen: str | None = None,
    went_to: str = "",
) -> bool:
    """Staff have transferred a refund: note it, book it, tell the customer.

    `reference`: the bank's, no name or account. `seen`: the version of the account that they were
    shown, where they were shown one; `went_to`: the last four digits of another that it went to.
    Returns whether this call did it; a second changes nothing. Raises RefundNotFound,
    NotToBeTransferred, OwnApproval, ReferenceMissing, ReferenceTooLong, NotThatDay, AccountChanged,
    NotLastFour; then nothing has changed.
    """
    if not Refund.objects.filter(pk=refund_id).exists():
        raise RefundNotFound
    # Read under the lock: somebody else may have recorded it while we waited for it.
    refund = lock_refund(refund_id)
    if refund.channel != RefundChannel.BANK_TRANSFER:
        raise NotToBeTransferred
    if refund.state == RefundState.SUCCEEDED:
        return False
    if refund.state != RefundState.AWAITING_TRANSFER:
        raise NotToBeTransferred
    if refund.approved_by_id == user_id:
        raise OwnApproval
    now = timezone.now()
    if not timezone.localdate(refund.requested_at) <= paid_on <= timezone.localdate(now):
        raise NotThatDay
    refund.paid_reference = _checked(reference)
    refund.paid_to = _last_four(refund, seen, went_to.strip())
    refund.paid_on, refund.paid_by_id = paid_on, user_id
    succeed(refund, at=_moment(paid_on, now))
    return True


def _checked(reference: str) -> str:
    reference = reference.strip()
    if not reference:
        raise ReferenceMissing
    if len(reference) > LONGEST_REFERENCE:
        raise ReferenceTooLong
    return reference


def _last_four(refund: Refund, seen: str | None, went_to: str) -> str:
    """Under the order's lock, so that no account is named meanwhile."""
    if went_to:
        if not _LAST_FOUR.fullmatch(went_to):
            raise NotLastFour
        return went_to
    payee = payee_for(refund)
    if seen is not None and seen != payee.version:
        raise AccountChanged
    return payee.account.ends_in if payee.account is not None else ""


def _moment(day: date, now: datetime) -> datetime:
    """Of today it is now, of another day its noon on the merchant's clocks."""
    if day == timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(day, time(12)))
