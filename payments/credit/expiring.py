"""What is left on a card when its time is over lapses: the shop owes it to nobody any more."""

from datetime import timedelta

from django.db import transaction

from payments.credit.moving import move
from payments.ledger.accounts import BREAKAGE
from payments.models import CreditAccount, CreditMovementKind
from shop.core.due import Due

LEASE = timedelta(minutes=5)
DUE = Due(CreditAccount.objects.all, "expiry_due_at")


def claim_due_credit(*, limit: int = 20) -> list[int]:
    return DUE.claim(lease=LEASE, limit=limit)


@transaction.atomic
def expire_credit(*, account_id: int) -> bool:
    """Whether anything lapsed. Safe to repeat; what comes back later is usable again for a time."""
    rows = CreditAccount.objects.select_for_update(of=("self",), no_key=True)
    account = rows.get(pk=account_id)
    if not account.is_over:
        # Prolonged since it was claimed.
        CreditAccount.objects.filter(pk=account_id).update(expiry_due_at=account.expires_at)
        return False
    if account.balance_minor:
        move(
            account=account,
            amount_minor=-account.balance_minor,
            kind=CreditMovementKind.EXPIRE,
            key=f"expire:{account.pk}:{account.expires_at:%Y%m%d%H%M%S%f}",
            against=BREAKAGE,
        )
    CreditAccount.objects.filter(pk=account_id).update(expiry_due_at=None)
    return bool(account.balance_minor)
