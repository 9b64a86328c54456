"""How an exception ends by words, and how it is opened again."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from payments.desk.steps import Kind, NotForThis, lock_alone, lock_exception, record_step, resolve
from payments.ledger.accounts import CUSTOMER_FUNDS
from payments.models import LedgerAdjustment, PaymentException
from payments.refunds.absent import receipt_of_phantom
from payments.refunds.owing import owe_again, write_off
from payments.refunds.owned import require_disowned
from shop.core.errors import DomainError


class WordsMissing(DomainError):
    code = "words_missing"
    status = 422
    message = _("Write down how it ended, or why: others will read it.")


class BookedAsUnclaimed(DomainError):
    code = "booked_as_unclaimed"
    message = _(
        "Its money was booked as unclaimed. Should its payer turn up after all, give them store"
        " credit of that amount."
    )


# A step that ends one kind only, and says more than "closed".
_ONLY_FOR = {
    Kind.FOUND: PaymentException.Kind.PHANTOM,
    Kind.EXPLAINED: PaymentException.Kind.FOREIGN_REFUND,
}


@transaction.atomic
def close_exception(
    *, exception_id: int, words: str, user_id: int, kind: Kind = Kind.CLOSED
) -> bool:
    """It is nobody's work any more, for the reason in these words, once it owns no money.

    `kind`: CLOSED, FOUND (a phantom that is at the gateway: its goods may go) or EXPLAINED (what a
    foreign refund was for). Returns whether this call did it. Raises WordsMissing, NotForThis,
    StillOwnsMoney, StillGoingBack, DisputeUnderWay, MovedOn; then nothing has changed.
    """
    exception, order = lock_exception(exception_id)
    if exception.resolved_at is not None:
        return False
    if not words.strip():
        raise WordsMissing
    if _ONLY_FOR.get(kind, exception.kind) != exception.kind:
        raise NotForThis
    require_disowned(exception, order)
    resolve(exception, words.strip())
    if order is not None and exception.kind == PaymentException.Kind.PHANTOM:
        # Its order may have been called off without this money.
        if kind == Kind.FOUND:
            owe_again(order)
        elif (receipt := receipt_of_phantom(exception)) is not None:
            write_off(order, receipt)
    record_step(exception, kind, user_id=user_id, words=words)
    return True


@transaction.atomic
def reopen_exception(*, exception_id: int, words: str, user_id: int) -> bool:
    """Somebody has to look at it after all. Whether this call did it. Raises WordsMissing,
    BookedAsUnclaimed."""
    exception = lock_alone(exception_id)
    if exception.resolved_at is None:
        return False
    if not words.strip():
        raise WordsMissing
    booked = LedgerAdjustment.objects.filter(
        exception=exception, debit=CUSTOMER_FUNDS, state=LedgerAdjustment.State.POSTED
    )
    if booked.exists():
        raise BookedAsUnclaimed
    before = exception.resolution
    exception.resolved_at, exception.resolution = None, ""
    exception.save(update_fields=["resolved_at", "resolution"])
    record_step(exception, Kind.REOPENED, user_id=user_id, words=words, before=before)
    return True


@transaction.atomic
def note_on_exception(*, exception_id: int, words: str, user_id: int) -> bool:
    """What was found out or agreed, while it stays open. Raises WordsMissing."""
    exception = lock_alone(exception_id)
    if not words.strip():
        raise WordsMissing
    record_step(exception, Kind.NOTED, user_id=user_id, words=words)
    return True
