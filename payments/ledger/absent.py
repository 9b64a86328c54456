"""Postings of money that is booked and is not there, and of where it lay when it turns up."""

from django.db.models import Sum
from django.utils import timezone

from orders.models import Order
from payments.ledger.accounts import CHARGEBACK_LOSS, SUSPENSE, clearing
from payments.ledger.posting import post
from payments.models import LedgerEntry, LedgerTransaction, PaymentReceipt, PostingKind
from shop.core.money import Money


def post_never_came(receipt: PaymentReceipt, amount: Money) -> LedgerTransaction:
    """What a call-off left in suspense does not lie at the gateway."""
    return post(
        kind=PostingKind.NEVER_CAME,
        key=f"never-came:{receipt.pk}",
        occurred_at=timezone.now(),
        order=receipt.order,
        entries=[(SUSPENSE, amount), (clearing(receipt.gateway), amount * -1)],
    )


def where_it_lies(order: Order) -> str:
    """The account that is to be debited when it is owed after all."""
    entries = LedgerEntry.objects.filter(transaction__order=order)
    suspense = entries.filter(account=SUSPENSE).aggregate(total=Sum("amount_minor"))["total"]
    if (suspense or 0) < 0:
        return SUSPENSE
    never = entries.filter(transaction__kind=PostingKind.NEVER_CAME, amount_minor__lt=0)
    return never.values_list("account_id", flat=True).first() or CHARGEBACK_LOSS
