"""What was taken back is contested, and how that ended; the money itself only the gateway moves."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.desk.closing import WordsMissing
from payments.desk.steps import Kind, NotForThis, lock_exception, record_step, resolve
from payments.models import Dispute, DisputeState, PaymentException
from shop.core.errors import DomainError

_STEPS = {
    DisputeState.WON: Kind.WON,
    DisputeState.LOST: Kind.LOST,
    DisputeState.ACCEPTED: Kind.ACCEPTED,
}
# Nobody acts on these any more; what is won waits for its money.
_ENDED = (DisputeState.LOST, DisputeState.ACCEPTED)


class NoDeadline(DomainError):
    code = "no_deadline"
    status = 422
    message = _("Name the day by which the gateway wants its answer: today or later.")


@transaction.atomic
def contest(*, exception_id: int, words: str, answer_by: date | None, user_id: int) -> bool:
    """It is to be answered by that day, for the reason in these words; again: by another day.

    Returns whether this call did it; of what is resolved nothing changes. Raises WordsMissing,
    NoDeadline, NotForThis, InvalidTransition, MovedOn; then nothing has changed.
    """
    dispute = _held(exception_id, words)
    if dispute.exception.resolved_at is not None:
        return False
    if answer_by is None or answer_by < timezone.localdate():
        raise NoDeadline
    dispute.move_to(DisputeState.CONTESTED)
    dispute.answer_by = answer_by
    dispute.save()
    by = answer_by.isoformat()
    record_step(dispute.exception, Kind.CONTESTED, user_id=user_id, words=words, by=by)
    return True


@transaction.atomic
def decide(*, exception_id: int, outcome: DisputeState, words: str, user_id: int) -> bool:
    """How it ended. Lost and accepted resolve it: the loss is booked since the money was taken.

    Won resolves nothing and books nothing: the gateway's list does, once the money is there.
    Returns whether this call did it; a second changes nothing. Raises WordsMissing, NotForThis,
    InvalidTransition, MovedOn; then nothing has changed.
    """
    dispute = _held(exception_id, words)
    if dispute.exception.resolved_at is not None or dispute.state == outcome:
        return False
    if outcome == DisputeState.WON and dispute.state != DisputeState.CONTESTED:
        # The list alone makes more of what nobody contests.
        raise NotForThis
    dispute.move_to(outcome)
    dispute.save()
    record_step(dispute.exception, _STEPS[outcome], user_id=user_id, words=words)
    if outcome in _ENDED:
        resolve(dispute.exception, words.strip())
    return True


def _held(exception_id: int, words: str) -> Dispute:
    """Its exception is locked, behind its order: what the list says meanwhile waits."""
    exception, _order = lock_exception(exception_id)
    if exception.kind != PaymentException.Kind.CHARGEBACK:
        raise NotForThis
    if not words.strip():
        raise WordsMissing
    dispute = Dispute.objects.filter(exception=exception).first() or Dispute()
    dispute.exception = exception
    return dispute
