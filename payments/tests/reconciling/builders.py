"""Rows of a gateway's list, as they stand after a run has read them."""

from itertools import count
from typing import Any

from django.utils import timezone

from payments.models import GatewayTransaction, PaymentReceipt
from payments.reconciling.matching import match_transaction

_numbers = count(1)


def make_transaction(**fields: Any) -> GatewayTransaction:
    """A payment of Rp149.000 that is not settled, and not matched yet."""
    number = next(_numbers)
    now = timezone.now()
    values: dict[str, Any] = {
        "gateway": "xendit",
        "transaction_id": f"txn_{number}",
        "kind": "payment",
        "kind_given": "PAYMENT",
        "state": "succeeded",
        "product_id": f"py-of-{number}",
        "reference": f"made-elsewhere-{number}",
        "channel": "DANA",
        "is_incoming": True,
        "amount_minor": 149_000,
        "fee_minor": 2_235,
        "fee_tax_minor": 246,
        "currency": "IDR",
        "settlement": "pending",
        "created_at": now,
        "updated_at": now,
        "next_match_at": now,
    }
    return GatewayTransaction.objects.create(**values | fields)


def settled_at_gateway(receipt: PaymentReceipt, **fields: Any) -> GatewayTransaction:
    """What the list says of a receipt whose money is settled; matched with it."""
    row = make_transaction(
        **{
            "product_id": receipt.payment_id,
            "amount_minor": receipt.amount_minor,
            "settlement": "settled",
            "settled_at": timezone.now(),
        }
        | fields
    )
    return match_transaction(transaction_id=row.pk)
