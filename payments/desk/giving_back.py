"""Money that does not fit goes back to its payer, or stays as the customer's credit."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from payments.desk.steps import Kind, lock_exception, record_step
from payments.models import PaymentException, Refund, RefundChannel
from payments.refunds.deciding import NoAccountToCredit, send_as_credit
from payments.refunds.exceptions import refund_exception
from shop.core.errors import DomainError


class RefundsUnderWay(DomainError):
    code = "refunds_under_way"
    message = _("This money is on its way back already. Call that back first, or wait for its end.")


@transaction.atomic
def give_back(*, exception_id: int, user_id: int) -> list[Refund]:
    """`refund_exception`, written down. Two presses are one refund.

    The refunds may be drafts, which wait for a second person. Raises what that raises, and MovedOn;
    then nothing has changed.
    """
    exception, _order = lock_exception(exception_id)
    under_way = list(Refund.objects.open().filter(exception=exception))
    if under_way:
        return under_way
    refunds = refund_exception(exception_id=exception_id, user_id=user_id)
    _record(exception, refunds, Kind.GIVEN_BACK, user_id)
    return refunds


@transaction.atomic
def keep_as_credit(*, exception_id: int, user_id: int) -> list[Refund]:
    """The money becomes store credit of the order's customer, instead of going back.

    Two presses are one. Raises NoAccountToCredit, NothingToGiveBack, RefundsUnderWay, MovedOn; then
    nothing has changed.
    """
    exception, order = lock_exception(exception_id)
    if order is None or order.customer_id is None:
        raise NoAccountToCredit
    under_way = list(Refund.objects.open().filter(exception=exception))
    if any(refund.channel != RefundChannel.STORE_CREDIT for refund in under_way):
        raise RefundsUnderWay
    if under_way:
        return under_way
    asked = refund_exception(exception_id=exception_id, user_id=user_id)
    refunds = [send_as_credit(refund_id=refund.pk, user_id=user_id) for refund in asked]
    _record(exception, refunds, Kind.AS_CREDIT, user_id)
    return refunds


def _record(exception: PaymentException, refunds: list[Refund], kind: Kind, user_id: int) -> None:
    amount = sum(refund.amount_minor for refund in refunds)
    record_step(exception, kind, user_id=user_id, amount=amount)
