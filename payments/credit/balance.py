"""What customers are told of their gift cards and credit."""

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from payments.credit.codes import hashed, split
from payments.credit.guessing import count_guess, was_right
from payments.credit.spending import find_cards
from payments.models import CreditAccount, CreditMovement
from shop.core.errors import DomainError

LATEST = 10


class NoSuchCard(DomainError):
    """Of a blocked card too: who found its code learns nothing."""

    code = "no_such_gift_card"
    status = 422
    message = _("There is no gift card with this code, or it is blocked. Check the code.")


def balance_of(typed: str, *, network: str) -> CreditAccount:
    """The card behind a code, also one that is used up or over. Raises NoSuchCard,
    guessing.TooManyGuesses."""
    count_guess(network)
    codes = split(typed)
    cards = find_cards([hashed(codes[0])]) if len(codes) == 1 else []
    if not cards or cards[0].state != CreditAccount.State.ACTIVE:
        raise NoSuchCard
    was_right(network)
    return cards[0]


def store_credit_of_customer(customer_id: int) -> list[CreditAccount]:
    """The customer's credit with its latest movements."""
    latest = CreditMovement.objects.select_related("order").order_by("-pk")[:LATEST]
    accounts = CreditAccount.objects.filter(customer=customer_id).order_by("currency")
    return list(accounts.prefetch_related(Prefetch("movements", latest, to_attr="latest")))
