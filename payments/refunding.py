"""Money that is given back by hand: recorded by whoever transferred it, and booked."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderEvent, RefundDue
from payments.ledger.refunds import post_owed, post_paid_out
from shop.core import outbox
from shop.core.errors import DomainError, NotFound

LONGEST_REFERENCE = 60


class RefundNotFound(NotFound):
    code = "refund_not_found"
    message = _("This refund is not there any more. Reload the page to see what is.")


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


@transaction.atomic
def record_paid_out(*, refund_id: int, paid_on: date, reference: str, user_id: int) -> bool:
    """Staff have transferred what was owed: note it, book it, tell the customer.

    `reference`: the bank's, no name or account. Returns whether this call did it; a second changes
    nothing. Raises RefundNotFound, ReferenceMissing, ReferenceTooLong, NotThatDay; then nothing
    has changed.
    """
    found = RefundDue.objects.filter(pk=refund_id).values_list("order_id", flat=True).first()
    if found is None:
        raise RefundNotFound
    order = Order.objects.locked().get(pk=found)
    # Read under the lock: somebody else may have recorded it while we waited for it.
    due = RefundDue.objects.get(pk=refund_id)
    if due.paid_at is not None:
        return False
    now = timezone.now()
    if not timezone.localdate(due.created_at) <= paid_on <= timezone.localdate(now):
        raise NotThatDay
    due.paid_reference = reference.strip()
    if not due.paid_reference:
        raise ReferenceMissing
    if len(due.paid_reference) > LONGEST_REFERENCE:
        raise ReferenceTooLong
    due.paid_at, due.paid_on, due.paid_by_id = now, paid_on, user_id
    due.save(update_fields=["paid_at", "paid_on", "paid_reference", "paid_by"])
    # What was owed before the books knew of it is booked now.
    post_owed(due)
    post_paid_out(due, occurred_at=_moment(paid_on, now))
    OrderEvent.objects.create(
        order=order,
        kind="refund_paid",
        actor=OrderEvent.Actor.STAFF,
        user_id=user_id,
        data={"amount": due.amount_minor, "refund": due.pk},
    )
    outbox.add("order-refunded", key=f"order-refunded:{due.pk}", refund_id=due.pk)
    return True


def _moment(day: date, now: datetime) -> datetime:
    """Of today it is now, of another day its noon on the merchant's clocks."""
    if day == timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(day, time(12)))
