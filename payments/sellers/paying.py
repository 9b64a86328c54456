"""Terms with sellers, and money that was transferred to them."""

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Seller
from payments.ledger.sellers import post_payout
from payments.models import SellerPayout, SellerShare, SellerTerms
from shop.core.errors import DomainError
from shop.core.money import Money


class MoreThanPayable(DomainError):
    code = "more_than_payable"
    status = 422
    message = _("{payable} can be paid out to this seller today. Enter no more than that.")


class DayInFuture(DomainError):
    code = "day_in_future"
    status = 422
    message = _("Enter the day of the transfer: it cannot lie in the future.")


class TermsThere(DomainError):
    code = "terms_there"
    message = _("Other terms begin on that day already. Choose another day.")


@transaction.atomic
def agree(
    *,
    seller_id: int,
    since: date,
    commission_bp: int,
    sends_itself: bool,
    pays_after_days: int,
    user_id: int | None,
) -> SellerTerms:
    """Terms for what is sold from the beginning of a day on.

    What was sold since then and has no terms yet gets these. Raises TermsThere.
    """
    Seller.objects.select_for_update(of=("self",), no_key=True).get(pk=seller_id)
    valid_from = timezone.make_aware(datetime.combine(since, time()))
    if SellerTerms.objects.filter(seller=seller_id, valid_from=valid_from).exists():
        raise TermsThere
    return SellerTerms.objects.create(
        seller_id=seller_id,
        valid_from=valid_from,
        commission_bp=commission_bp,
        sends_itself=sends_itself,
        pays_after_days=pays_after_days,
        created_by_id=user_id,
    )


@transaction.atomic
def record_payout(
    *, seller_id: int, amount: Money, paid_on: date, reference: str, user_id: int
) -> SellerPayout:
    """Staff have transferred money to a seller: note it and book it.

    `amount` is positive. Raises MoreThanPayable, DayInFuture; then nothing has changed.
    """
    # Two payouts at once must not both find the same money.
    Seller.objects.select_for_update(of=("self",), no_key=True).get(pk=seller_id)
    today = timezone.localdate()
    if paid_on > today:
        raise DayInFuture
    due = payable(seller_id, amount.currency, on=today)
    if amount.minor <= 0 or due < amount:
        raise MoreThanPayable(payable=due.format())
    payout = SellerPayout.objects.create(
        seller_id=seller_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        paid_on=paid_on,
        reference=reference,
        created_by_id=user_id,
    )
    post_payout(payout)
    return payout


def payable(seller_id: int, currency: str, *, on: date | None = None) -> Money:
    """What a seller is owed: all of it, or what may be paid out on a day.

    What was taken back counts at once, so it may be negative.
    """
    shares = SellerShare.objects.filter(seller=seller_id, currency=currency)
    if on is not None:
        shares = shares.filter(Q(payable_on__lte=on) | Q(payable_minor__lt=0))
    payouts = SellerPayout.objects.filter(seller=seller_id, currency=currency)
    came = shares.aggregate(total=Sum("payable_minor", default=0))["total"]
    went = payouts.aggregate(total=Sum("amount_minor", default=0))["total"]
    return Money(came - went, currency)
