"""Paying an order with gift cards and store credit: a way to pay, never a discount.

Totals, tax and invoice stay as they are; what is taken becomes a receipt of the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderStatus
from payments.credit.codes import hashed, split
from payments.credit.guessing import count_guess, was_right
from payments.credit.moving import CreditChanged, move
from payments.gateways.base import RemoteCapture
from payments.ledger.accounts import clearing
from payments.models import CREDIT, CreditAccount, CreditKind, CreditMovement, CreditMovementKind
from payments.receipts import book_locked
from shop.core.errors import DomainError
from shop.core.money import Money

MOST_CARDS = 5


class GiftCardRefused(DomainError):
    """One answer for all that cannot be used: who guesses learns nothing."""

    code = "gift_card_refused"
    status = 422
    message = _(
        "A gift card with this code cannot be used: it may be mistyped, used up or over. Check the"
        " code, or take it out."
    )


class TooManyCards(DomainError):
    code = "too_many_gift_cards"
    status = 422
    message = _("At most {most} gift cards for an order.")


@dataclass(frozen=True, slots=True)
class CreditWish:
    """What a buyer wants to pay with. `codes` as typed; `customer_id` of who is signed in and
    wants to use store credit; `expected_minor`: what it was shown to pay, if it was shown."""

    codes: str = field(default="", repr=False)
    customer_id: int | None = None
    network: str = ""
    expected_minor: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.codes.strip() and self.customer_id is None


@dataclass(frozen=True, slots=True)
class Tender:
    """What one account pays of an order."""

    account: CreditAccount
    amount: Money


def tenders_for(wish: CreditWish, *, total: Money, cart_token: UUID) -> list[Tender]:
    """What of the total is paid by cards, in the order in which they were typed, then by store
    credit; what this cart's unpaid order has taken counts as there, since it goes back first.

    Reads only. Raises GiftCardRefused, TooManyCards, guessing.TooManyGuesses.
    """
    if wish.is_empty:
        return []
    accounts = [*_cards(wish, total.currency), *_store_credit(wish, total.currency)]
    coming_back = _taken_by_unpaid(cart_token)
    left, tenders = total.minor, []
    for account in accounts:
        available = account.balance_minor + coming_back.get(account.pk, 0)
        if not available and account.kind == CreditKind.GIFT_CARD:
            raise GiftCardRefused
        part = min(left, available)
        if part:
            tenders.append(Tender(account, Money(part, total.currency)))
            left -= part
    return tenders


def agreed_tenders(wish: CreditWish, *, total: Money, cart_token: UUID) -> list[Tender]:
    """`tenders_for`, which pay what the buyer was shown. Raises CreditChanged as well."""
    tenders = tenders_for(wish, total=total, cart_token=cart_token)
    if wish.expected_minor not in (None, paid_by(tenders)):
        raise CreditChanged
    return tenders


def paid_by(tenders: Sequence[Tender]) -> int:
    return sum(tender.amount.minor for tender in tenders)


def _cards(wish: CreditWish, currency: str) -> list[CreditAccount]:
    codes = split(wish.codes)
    if not codes:
        return []
    if len(codes) > MOST_CARDS:
        raise TooManyCards(most=MOST_CARDS)
    count_guess(wish.network)
    found = find_cards([hashed(code) for code in codes])
    if len(found) < len(codes) or not all(
        card.is_usable and card.currency == currency for card in found
    ):
        raise GiftCardRefused
    was_right(wish.network)
    return found


def find_cards(hashes: Sequence[str]) -> list[CreditAccount]:
    """Gift cards by the hashes of their codes, in that order."""
    cards = {card.code_hash: card for card in CreditAccount.objects.filter(code_hash__in=hashes)}
    return [cards[each] for each in hashes if each in cards]


def _store_credit(wish: CreditWish, currency: str) -> list[CreditAccount]:
    if wish.customer_id is None:
        return []
    own = CreditAccount.objects.filter(customer=wish.customer_id, currency=currency)
    return [account for account in own if account.is_usable]


def _taken_by_unpaid(cart_token: UUID) -> dict[int, int]:
    """Account → what the unpaid order of the cart has taken from it."""
    unpaid = Order.objects.filter(cart_token=cart_token, status=OrderStatus.PENDING)
    moved = CreditMovement.objects.filter(order__in=unpaid).values_list("account")
    return {account: -total for account, total in moved.annotate(total=Sum("amount_minor"))}


def take(order: Order, tenders: Sequence[Tender]) -> list[RemoteCapture]:
    """Take the funds, in pk order; the caller books them in the same transaction.

    Raises CreditChanged where they are not there any more.
    """
    now = timezone.now()
    captures = []
    for tender in sorted(tenders, key=lambda each: each.account.pk):
        movement = move(
            account=tender.account,
            amount_minor=-tender.amount.minor,
            kind=CreditMovementKind.REDEEM,
            key=f"redeem:{order.pk}:{tender.account.pk}",
            against=clearing(CREDIT),
            order=order,
        )
        captures.append(RemoteCapture(str(movement.public_id), "1", tender.amount, now))
    return captures


def book(order: Order, captures: Sequence[RemoteCapture]) -> None:
    """They are receipts of the order from now on; the last of the total confirms it."""
    for capture in captures:
        book_locked(gateway=CREDIT, order=order, attempt=None, capture=capture)
