"""Postings of money that turns out to be an order's."""

from django.utils import timezone

from payments.ledger.accounts import CUSTOMER_FUNDS, SUSPENSE
from payments.ledger.posting import post
from payments.models import PaymentReceipt, PostingKind


def post_assigned(receipt: PaymentReceipt) -> None:
    """What was owed to nobody known is owed to the order's customer.

    A transaction is of one order or of none, so there are two: what was booked stays as it was.
    """
    amount, now = receipt.amount, timezone.now()
    post(
        kind=PostingKind.ASSIGNED,
        key=f"unassigned:{receipt.pk}",
        occurred_at=now,
        entries=[(CUSTOMER_FUNDS, amount), (SUSPENSE, amount * -1)],
    )
    post(
        kind=PostingKind.ASSIGNED,
        key=f"assigned:{receipt.pk}",
        occurred_at=now,
        order=receipt.order,
        entries=[(SUSPENSE, amount), (CUSTOMER_FUNDS, amount * -1)],
    )
