"""The customer is asked for the rest of an order that was paid in part."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import prolong
from orders.models import OrderStatus
from payments.desk.steps import Kind, NotForThis, lock_exception, record_step
from payments.models import ExceptionStep, PaymentException
from payments.status import outstanding
from shop.core import outbox
from shop.core.errors import DomainError

APART = timedelta(hours=24)
# From the placement: stock that is not paid is stock that others cannot buy.
LONGEST_WAIT = timedelta(hours=72)


class AskedToday(DomainError):
    code = "asked_today"
    message = _("The customer was asked less than a day ago. Give them the time to read it.")


class TimeIsOver(DomainError):
    code = "time_is_over"
    message = _("The time of this order is over: it ends in a moment. Decide again then.")


@transaction.atomic
def ask_for_rest(*, exception_id: int, user_id: int) -> bool:
    """A mail with what is missing and where to pay it; the goods stay reserved meanwhile.

    At most once a day. Returns whether this call did it; a second changes nothing. Raises
    NotForThis, AskedToday, TimeIsOver, MovedOn; then nothing has changed.
    """
    exception, order = lock_exception(exception_id)
    if exception.resolved_at is not None:
        return False
    if exception.kind != PaymentException.Kind.PARTIAL or order is None:
        raise NotForThis
    if order.status != OrderStatus.PENDING:
        raise NotForThis
    now = timezone.now()
    asked = ExceptionStep.objects.filter(exception=exception, kind=Kind.ASKED, at__gt=now - APART)
    if asked.exists():
        raise AskedToday
    if order.reserve_until <= now:
        raise TimeIsOver
    until = min(now + settings.REST_WINDOW, order.placed_at + LONGEST_WAIT)
    until = max(until, order.reserve_until)
    order.reserve_until = order.next_expiry_at = until
    order.save(update_fields=["reserve_until", "next_expiry_at"])
    missing = outstanding(order)
    record_step(exception, Kind.ASKED, user_id=user_id, amount=missing.minor)
    key = f"payment-rest:{exception.pk}:{now:%Y%m%d%H%M%S}"
    outbox.add("payment-rest", key=key, order_id=order.pk)
    prolong(holder=order.holder, until=until)
    return True
