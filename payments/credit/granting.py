"""What staff issue and correct; above a limit only with a second person."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from payments.credit.codes import hashed, last_four, new_code
from payments.credit.giving_back import store_credit_of
from payments.credit.moving import CreditChanged, move
from payments.ledger.accounts import GOODWILL
from payments.models import CreditAccount, CreditGrant, CreditKind, CreditMovementKind
from shop.core import outbox
from shop.core.errors import DomainError
from shop.core.money import Money

State = CreditGrant.State
ALONE_WITHIN = timedelta(days=1)


class NoteMissing(DomainError):
    code = "note_missing"
    status = 422
    message = _("Write down why: it stays with the card for good.")


class NothingToIssue(DomainError):
    code = "nothing_to_issue"
    status = 422
    message = _("Enter an amount.")


class OwnGrant(DomainError):
    code = "own_grant"
    status = 403
    message = _("You asked for this yourself: somebody else has to approve it.")


class BalanceTooLow(DomainError):
    code = "balance_too_low"
    status = 422
    message = _("No more can be taken off than there is.")


@dataclass(frozen=True, slots=True)
class Granted:
    """`code` is there once and never again: show it now, or it is lost."""

    grant: CreditGrant
    code: str = field(default="", repr=False)


@transaction.atomic
def issue_gift_card(
    *,
    amount: Money,
    note: str,
    user_id: int,
    expires_at: datetime | None = None,
    recipient: str = "",
    language: str = "",
) -> Granted:
    """A new gift card. With a recipient its code goes there by mail, and nobody else sees it.

    Raises NoteMissing, NothingToIssue.
    """
    if amount.minor <= 0:
        raise NothingToIssue
    return _ask(
        CreditGrant(
            expires_at=expires_at,
            recipient=recipient,
            language=language or settings.LANGUAGE_CODE,
        ),
        amount=amount,
        note=note,
        user_id=user_id,
    )


@transaction.atomic
def grant_store_credit(*, customer_id: int, amount: Money, note: str, user_id: int) -> Granted:
    """Credit for a customer's account. Raises NoteMissing, NothingToIssue."""
    if amount.minor <= 0:
        raise NothingToIssue
    account = store_credit_of(customer_id, amount.currency)
    return _ask(CreditGrant(account=account), amount=amount, note=note, user_id=user_id)


@transaction.atomic
def adjust(*, account_id: int, amount_minor: int, note: str, user_id: int) -> Granted:
    """Correct a balance by a signed amount. Raises NoteMissing, NothingToIssue, BalanceTooLow."""
    account = CreditAccount.objects.get(pk=account_id)
    return _ask(
        CreditGrant(account=account, is_correction=True),
        amount=Money(amount_minor, account.currency),
        note=note,
        user_id=user_id,
    )


def _ask(grant: CreditGrant, *, amount: Money, note: str, user_id: int) -> Granted:
    if not note.strip():
        raise NoteMissing
    if not amount.minor:
        raise NothingToIssue
    grant.amount_minor, grant.currency = amount.minor, amount.currency
    grant.note = note.strip()[:200]
    grant.requested_by_id = user_id
    # Held: of two that one person asks for at once the second counts the first.
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    alone = Money(abs(amount.minor) + _decided_alone(user_id, amount.currency), amount.currency)
    grant.save(force_insert=True)
    return Granted(grant) if is_for_two(alone) else _carry_out(grant)


def is_for_two(amount: Money) -> bool:
    """Whether one person alone may not decide about so much."""
    limit = settings.CREDIT_APPROVAL_ABOVE.get(amount.currency)
    return limit is not None and amount.minor > limit


def _decided_alone(user_id: int, currency: str) -> int:
    """What one person has issued and corrected within a day without a second one, in minor units.

    Taking off counts as much as giving: many small amounts are one large one.
    """
    since = timezone.now() - ALONE_WITHIN
    grants = CreditGrant.objects.filter(
        requested_by_id=user_id,
        currency=currency,
        state=State.DONE,
        decided_by=None,
        requested_at__gte=since,
    )
    return grants.aggregate(total=Sum(Abs("amount_minor")))["total"] or 0


@transaction.atomic
def approve_grant(*, grant_id: int, user_id: int) -> Granted:
    """A second person lets it go; a second call changes nothing, and shows no code.

    Raises OwnGrant, BalanceTooLow; then nothing has changed.
    """
    grant = _locked(grant_id)
    if grant.state != State.DRAFT:
        return Granted(grant)
    if grant.requested_by_id == user_id:
        raise OwnGrant
    grant.decided_by_id, grant.decided_at = user_id, timezone.now()
    return _carry_out(grant)


@transaction.atomic
def reject_grant(*, grant_id: int, user_id: int) -> CreditGrant:
    """Also by who asked for it; what is booked stays."""
    grant = _locked(grant_id)
    if grant.state == State.DRAFT:
        grant.state, grant.recipient = State.REJECTED, ""
        grant.decided_by_id, grant.decided_at = user_id, timezone.now()
        grant.save(update_fields=["state", "recipient", "decided_by", "decided_at"])
    return grant


def _locked(grant_id: int) -> CreditGrant:
    return CreditGrant.objects.select_for_update(of=("self",), no_key=True).get(pk=grant_id)


def _carry_out(grant: CreditGrant) -> Granted:
    """The caller's transaction has made the grant, or holds its lock."""
    code = ""
    if grant.account is None:
        code = "" if grant.recipient else new_code()
        grant.account = _new_card(grant, code)
    kind = CreditMovementKind.ADJUST if grant.is_correction else CreditMovementKind.ISSUE
    try:
        move(
            account=grant.account,
            amount_minor=grant.amount_minor,
            kind=kind,
            key=f"grant:{grant.pk}",
            against=GOODWILL,
            reason=grant.note,
            user_id=grant.requested_by_id,
        )
    except CreditChanged as error:
        raise BalanceTooLow from error
    grant.state = State.DONE
    grant.save(update_fields=["state", "account", "decided_by", "decided_at"])
    if grant.recipient:
        outbox.add("gift-card", key=f"gift-card:{grant.pk}", grant_id=grant.pk)
    return Granted(grant, code)


def _new_card(grant: CreditGrant, code: str) -> CreditAccount:
    return CreditAccount.objects.create(
        kind=CreditKind.GIFT_CARD,
        currency=grant.currency,
        code_hash=hashed(code) if code else "",
        last_four=last_four(code),
        expires_at=grant.expires_at,
        expiry_due_at=grant.expires_at,
    )


@transaction.atomic
def replace_code(*, account_id: int) -> str:
    """A new code for a card; the one before opens nothing any more. To be shown now, or lost."""
    code = new_code()
    CreditAccount.objects.filter(pk=account_id, kind=CreditKind.GIFT_CARD).update(
        code_hash=hashed(code), last_four=last_four(code)
    )
    return code


def block(*, account_id: int) -> bool:
    """Nothing can be paid with it; money still comes back to it. Whether this call did it."""
    return _set_state(account_id, CreditAccount.State.BLOCKED)


def unblock(*, account_id: int) -> bool:
    return _set_state(account_id, CreditAccount.State.ACTIVE)


def _set_state(account_id: int, state: CreditAccount.State) -> bool:
    rows = CreditAccount.objects.filter(pk=account_id).exclude(state=state)
    return bool(rows.update(state=state))
