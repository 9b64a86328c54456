"""Staff send a buyer nothing any more that is not paid."""

from django.db import transaction

from orders.models import BuyerKey, BuyerKeyKind, Order
from payments.models import CodBan


@transaction.atomic
def ban_buyer(*, order_id: int, user_id: int | None) -> None:
    """By all that the buyer of this order is known by, but not by the address, which others may
    share. Safe to repeat."""
    keys = BuyerKey.objects.filter(order=order_id).exclude(kind=BuyerKeyKind.ADDRESS)
    CodBan.objects.bulk_create(
        (
            CodBan(key=key, order_id=order_id, banned_by_id=user_id)
            for key in sorted(keys.values_list("key", flat=True))
        ),
        ignore_conflicts=True,
    )


def is_banned(order: Order) -> bool:
    keys = BuyerKey.objects.filter(order=order).exclude(kind=BuyerKeyKind.ADDRESS)
    return CodBan.objects.filter(key__in=keys.values("key")).exists()
