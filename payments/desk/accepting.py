"""What came is enough: the shop asks nobody for the rest."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import PAID, Order
from payments.checkout import drop_attempts
from payments.credit.moving import move
from payments.credit.spending import Tender, book, take
from payments.desk.applying import GoodsAreGone
from payments.desk.steps import Kind, NotForThis, lock_exception, record_step, resolve
from payments.ledger.accounts import GOODWILL
from payments.models import CreditAccount, CreditKind, CreditMovementKind, PaymentException
from payments.status import outstanding
from shop.core.errors import DomainError
from shop.core.money import Money

# Longer than the transaction that spends it; what a refund brings back to it lapses by itself.
LIFE = timedelta(days=1)


class TooMuchToWaive(DomainError):
    code = "too_much_to_waive"
    message = _("{missing} are missing, and no more than {limit} can be waived. Ask for the rest.")

    def __init__(self, missing: Money, limit: Money) -> None:
        super().__init__(f"{missing} are missing", missing=missing.format(), limit=limit.format())


@transaction.atomic
def waive_rest(*, exception_id: int, user_id: int) -> bool:
    """The shop pays what is missing itself, and the order is confirmed.

    Booked as goodwill that is granted and spent at once, so that receipts, ledger and papers come
    to the total. Returns whether this call did it; a second changes nothing. Raises NotForThis,
    TooMuchToWaive, GoodsAreGone (an order that ended, and was sold out since), MovedOn; then
    nothing has changed.
    """
    exception, order = lock_exception(exception_id)
    if exception.resolved_at is not None:
        return False
    if exception.kind != PaymentException.Kind.PARTIAL or order is None or order.confirmed_at:
        raise NotForThis
    missing, limit = outstanding(order), waivable(order)
    if missing.minor <= 0:
        raise NotForThis
    if missing.minor > limit.minor:
        raise TooMuchToWaive(missing, limit)
    # Nobody is to pay the rest after all.
    drop_attempts(order)
    record_step(exception, Kind.WAIVED, user_id=user_id, amount=missing.minor)
    book(order, take(order, [Tender(_granted(order, missing, user_id), missing)]))
    order.refresh_from_db(fields=["status"])
    if order.status not in PAID:
        raise GoodsAreGone
    resolve(exception, f"waived: {missing.format()}")
    return True


def waivable(order: Order) -> Money:
    return Money(settings.WAIVE_UP_TO.get(order.currency, 0), order.currency)


def _granted(order: Order, amount: Money, user_id: int) -> CreditAccount:
    over_at = timezone.now() + LIFE
    account = CreditAccount.objects.create(
        kind=CreditKind.GOODWILL,
        currency=amount.currency,
        expires_at=over_at,
        expiry_due_at=over_at,
    )
    move(
        account=account,
        amount_minor=amount.minor,
        kind=CreditMovementKind.ISSUE,
        key=f"waived:{order.pk}",
        against=GOODWILL,
        order=order,
        user_id=user_id,
    )
    return account
