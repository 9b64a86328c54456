"""The bank account that a customer wants the money on, where no gateway gives it back."""

import logging
import re
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderEvent, RefundDue
from payments.models import PayoutAccount, Refund, RefundChannel
from payments.refunds.locking import lock_refund
from shop.core import outbox
from shop.core.errors import DomainError
from shop.core.sealed import CannotUnseal, seal, unseal

log = logging.getLogger(__name__)
NAMED = "payout_account_named"
# By a customer in a day: each one is a mail, and who has the link must not flood its buyer.
NAMED_AT_MOST = 10
NAMED_WITHIN = timedelta(days=1)
_NUMBER = re.compile(r"[0-9]{5,20}")


class NothingToTransfer(DomainError):
    code = "nothing_to_transfer"
    message = _("Of this order nothing is waiting to be transferred any more.")


class AccountMissing(DomainError):
    code = "account_missing"
    status = 422
    message = _("Enter bank, account number and holder; a number has 5 to 20 digits.")


class NotAnAccountNumber(DomainError):
    code = "not_an_account_number"
    status = 422
    message = _("An account number has 5 to 20 digits and nothing else.")


class TooManyAccounts(DomainError):
    code = "too_many_accounts"
    status = 429
    message = _("Too many accounts were named for this order. Please write to us.")


@dataclass(frozen=True, slots=True)
class Account:
    """`number` is digits alone."""

    bank: str
    number: str
    holder: str

    @property
    def ends_in(self) -> str:
        return self.number[-4:]

    @property
    def masked(self) -> str:
        return f"{self.bank} ••••{self.ends_in}"


def typed_account(*, bank: str, number: str, holder: str) -> Account:
    """As people type it, with spaces, dots and dashes. Raises NotAnAccountNumber."""
    digits = re.sub(r"[\s.\-]", "", number)
    if not _NUMBER.fullmatch(digits):
        raise NotAnAccountNumber
    return Account(bank=bank.strip(), number=digits, holder=holder.strip())


@transaction.atomic
def name_account(*, order_id: int, account: Account, user_id: int | None = None) -> PayoutAccount:
    """Note where a customer wants the money; naming another replaces it until it is transferred.

    The buyer is told by mail, in case somebody else has the order's link.
    Raises NothingToTransfer, TooManyAccounts.
    """
    order = Order.objects.locked().get(pk=order_id)
    if not awaits_transfer(order):
        raise NothingToTransfer
    now = timezone.now()
    named = OrderEvent.objects.filter(order=order, kind=NAMED, user=None)
    is_much = named.filter(created_at__gte=now - NAMED_WITHIN).count() >= NAMED_AT_MOST
    if user_id is None and is_much:
        raise TooManyAccounts
    payout, _is_new = PayoutAccount.objects.update_or_create(
        order=order,
        defaults={"sealed": seal(asdict(account)), "given_at": now, "given_by_id": user_id},
    )
    event = OrderEvent.objects.create(
        order=order,
        kind=NAMED,
        actor=OrderEvent.Actor.STAFF if user_id else OrderEvent.Actor.CUSTOMER,
        user_id=user_id,
    )
    outbox.add("payout-account", key=f"payout-account:{event.pk}", order_id=order.pk)
    return payout


@transaction.atomic
def name_payee(*, refund_id: int, account: Account, user_id: int) -> PayoutAccount:
    """Staff note where a refund is to go; of an order's, as its customer would.

    Raises NothingToTransfer, Refund.DoesNotExist.
    """
    refund = lock_refund(refund_id)
    if refund.order_id is not None:
        return name_account(order_id=refund.order_id, account=account, user_id=user_id)
    if not refund.is_open:
        raise NothingToTransfer
    payout, _is_new = PayoutAccount.objects.update_or_create(
        refund=refund,
        defaults={
            "sealed": seal(asdict(account)),
            "given_at": timezone.now(),
            "given_by_id": user_id,
        },
    )
    return payout


def awaits_transfer(order: Order) -> bool:
    """Whether money of it is to go by bank, and has not gone."""
    by_bank = Refund.objects.open().filter(order=order, channel=RefundChannel.BANK_TRANSFER)
    return by_bank.exists()


@dataclass(frozen=True, slots=True)
class Payee:
    """Where a refund is to be transferred to, as it stands now.

    `version` tells whether it is still what somebody has read; empty where nothing was named.
    """

    account: Account | None = None
    version: str = ""


def payee_of(order: Order) -> Payee:
    """One query."""
    return _payee(PayoutAccount.objects.filter(order=order).first())


def payee_for(refund: Refund) -> Payee:
    """That of its order, where it has one."""
    if refund.order is not None:
        return payee_of(refund.order)
    return _payee(PayoutAccount.objects.filter(refund=refund).first())


def _payee(payout: PayoutAccount | None) -> Payee:
    if payout is None:
        return Payee()
    try:
        return Payee(Account(**unseal(bytes(payout.sealed))), payout.version)
    except CannotUnseal:
        log.warning("payout_account_unreadable", extra={"account": str(payout)})
        return Payee(None, payout.version)


def account_of(order: Order) -> Account | None:
    """As it was named; None where none was, or where it cannot be read any more."""
    return payee_of(order).account


def prune_accounts() -> int:
    """Forget accounts some time after the last refund of their order has ended."""
    since = timezone.now() - timedelta(days=settings.PAYOUT_ACCOUNT_DAYS)
    own = Q(order=OuterRef("order")) | Q(pk=OuterRef("refund"))
    refunds = Refund.objects.filter(own)
    forgotten, _each = PayoutAccount.objects.filter(
        ~Exists(refunds.open()),
        ~Exists(refunds.filter(ended_at__gte=since)),
        ~Exists(RefundDue.objects.filter(order=OuterRef("order"), paid_at=None)),
        given_at__lt=since,
    ).delete()
    return forgotten
