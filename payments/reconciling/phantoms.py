"""Money that is booked here and that the gateway's list does not have."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from payments.gateways.statements import TransactionKind
from payments.models import GatewayTransaction, PaymentReceipt
from payments.reconciling.trouble import open_phantom

# So long a movement may take to be listed.
LISTED_WITHIN = timedelta(hours=48)
# Clocks differ: what came right at the beginning of a list may lie before it.
MARGIN = timedelta(hours=1)


def open_phantoms(*, gateway: str, since: datetime, until: datetime, now: datetime) -> int:
    """Exceptions for receipts that a list of what came from `since` to `until`, as it stood `now`,
    does not have; how many are new.

    Their orders are held back until somebody has looked, or the list has them after all.
    """
    listed = GatewayTransaction.objects.filter(
        gateway=gateway, product_id=OuterRef("payment_id"), kind=TransactionKind.PAYMENT
    )
    missing = PaymentReceipt.objects.filter(
        ~Exists(listed),
        gateway=gateway,
        captured_at__gte=since + MARGIN,
        captured_at__lt=min(until, now - LISTED_WITHIN),
    )
    return sum(open_phantom(receipt) for receipt in missing.select_related("order").order_by("pk"))
