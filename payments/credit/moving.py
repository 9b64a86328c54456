"""The only way in which a balance changes: one conditional statement, its movement, its posting."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.ledger.accounts import GIFT_CARDS, STORE_CREDIT
from payments.ledger.posting import post
from payments.models import (
    CreditAccount,
    CreditKind,
    CreditMovement,
    CreditMovementKind,
    PostingKind,
)
from shop.core.errors import DomainError
from shop.core.money import Money

# What comes back to a card can be used for so long at least, whatever stood on it.
USABLE_AGAIN = timedelta(days=30)
_LIABILITY = {
    CreditKind.GIFT_CARD: GIFT_CARDS,
    CreditKind.STORE_CREDIT: STORE_CREDIT,
    CreditKind.GOODWILL: GIFT_CARDS,
}
_COMES_BACK = (CreditMovementKind.GIVE_BACK, CreditMovementKind.REFUND)


class CreditChanged(DomainError):
    code = "credit_changed"
    message = _(
        "What your gift card or store credit pays has changed. Please check what is still to pay"
        " and confirm again."
    )


def move(
    *,
    account: CreditAccount,
    amount_minor: int,
    kind: CreditMovementKind,
    key: str,
    against: str,
    order: Order | None = None,
    reason: str = "",
    user_id: int | None = None,
) -> CreditMovement:
    """Change a balance by a signed amount; `against` is the other account of the posting.

    In the caller's transaction; the account stays locked until it ends. The same `key` again fails
    all of it. Raises CreditChanged where there is not enough, or an order is to be paid with what
    is blocked or over; then nothing has changed.
    """
    rows = CreditAccount.objects.filter(pk=account.pk)
    if not _possible(rows, amount_minor, kind).update(
        balance_minor=F("balance_minor") + amount_minor, **_prolonged(account, kind)
    ):
        raise CreditChanged
    movement = CreditMovement.objects.create(
        account=account,
        kind=kind,
        amount_minor=amount_minor,
        key=key,
        order=order,
        reason=reason,
        actor_id=user_id,
    )
    amount = Money(amount_minor, account.currency)
    post(
        kind=PostingKind.CREDIT,
        key=f"credit:{movement.public_id}",
        occurred_at=timezone.now(),
        order=order,
        entries=[(against, amount), (_LIABILITY[CreditKind(account.kind)], amount * -1)],
    )
    return movement


def _possible(
    rows: QuerySet[CreditAccount], amount_minor: int, kind: CreditMovementKind
) -> QuerySet[CreditAccount]:
    if kind == CreditMovementKind.REDEEM:
        in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        rows = rows.filter(in_time, state=CreditAccount.State.ACTIVE)
    return rows.filter(balance_minor__gte=-amount_minor)


def _prolonged(account: CreditAccount, kind: CreditMovementKind) -> dict[str, Any]:
    """Nobody is given back what has lapsed at the same moment."""
    if account.expires_at is None or kind not in _COMES_BACK:
        return {}
    until = Greatest(F("expires_at"), timezone.now() + USABLE_AGAIN)
    return {"expires_at": until, "expiry_due_at": until}
