"""Staff's answer to a return, and what becomes of those whose goods never come."""

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import OrderEvent, Return, ReturnOutcome, ReturnState
from orders.returns.exchanging import drop_hold, hold_exchange
from orders.returns.requesting import LONGEST_NOTE, locked_return, tell
from shop.core.errors import DomainError

AT_ONCE = 200


class AnswerMissing(DomainError):
    code = "answer_missing"
    status = 422
    message = _("Write to the customer why it cannot be returned.")


@transaction.atomic
def approve_return(
    *, return_id: int, user_id: int, answer: str = "", as_refund: bool = False
) -> Return:
    """The customer may send it. What they want in exchange is held for them from now on.

    `as_refund`: money back although an exchange was wanted. Safe to repeat. Raises ReturnNotFound,
    ExchangeSoldOut, InvalidTransition; then nothing has changed.
    """
    goods_return = locked_return(return_id)
    if goods_return.state == ReturnState.APPROVED:
        return goods_return
    goods_return.move_to(ReturnState.APPROVED)
    if as_refund:
        goods_return.outcome = ReturnOutcome.REFUND
    goods_return.answer = answer.strip()[:LONGEST_NOTE]
    goods_return.decided_at = now = timezone.now()
    goods_return.due_at = now + settings.RETURN_ARRIVES_WITHIN
    goods_return.save(update_fields=["state", "outcome", "answer", "decided_at", "due_at"])
    tell(goods_return, user_id=user_id)
    if goods_return.outcome == ReturnOutcome.EXCHANGE:
        hold_exchange(goods_return, until=goods_return.due_at)
    return goods_return


@transaction.atomic
def reject_return(*, return_id: int, user_id: int, answer: str) -> Return:
    """Say no, and why. Safe to repeat. Raises ReturnNotFound, AnswerMissing, InvalidTransition."""
    goods_return = locked_return(return_id)
    if goods_return.state == ReturnState.REJECTED:
        return goods_return
    answer = answer.strip()
    if not answer:
        raise AnswerMissing
    goods_return.move_to(ReturnState.REJECTED)
    goods_return.answer = answer[:LONGEST_NOTE]
    goods_return.decided_at = timezone.now()
    goods_return.save(update_fields=["state", "answer", "decided_at"])
    tell(goods_return, user_id=user_id)
    return goods_return


@transaction.atomic
def end_return(
    *,
    return_id: int,
    actor: OrderEvent.Actor = OrderEvent.Actor.STAFF,
    user_id: int | None = None,
    only_late: bool = False,
) -> bool:
    """The goods never came, or the customer keeps them: what was held is free again.

    Returns whether this call did it; a second changes nothing. Raises ReturnNotFound,
    InvalidTransition once they have been received.
    """
    goods_return = locked_return(return_id)
    if goods_return.state == ReturnState.CANCELLED:
        return False
    if only_late and not goods_return.is_late(at=timezone.now()):
        return False
    goods_return.move_to(ReturnState.CANCELLED)
    goods_return.save(update_fields=["state"])
    tell(goods_return, actor=actor, user_id=user_id)
    drop_hold(goods_return)
    return True


def end_late_returns() -> int:
    """End the approved returns whose goods have not come in time. Returns how many.

    Any number of workers may run it at once: each is judged again under its order's lock.
    """
    late = Return.objects.filter(state=ReturnState.APPROVED, due_at__lte=Now()).order_by("due_at")
    pks = list(late.values_list("pk", flat=True)[:AT_ONCE])
    system = OrderEvent.Actor.SYSTEM
    return sum(end_return(return_id=pk, actor=system, only_late=True) for pk in pks)
