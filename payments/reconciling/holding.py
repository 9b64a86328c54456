"""Goods of an order whose money the gateway's list does not have stay here until it has."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import PaymentException

REASON = _(
    "its money is not in the gateway's list. Look at its payment exception; once that is resolved,"
    " the goods may go."
)


def held_for_phantoms(order_pks: Sequence[int]) -> dict[int, str | Promise]:
    """Those with an open exception of that kind; one query."""
    held = PaymentException.objects.filter(
        order__in=order_pks, kind=PaymentException.Kind.PHANTOM, resolved_at=None
    )
    return dict.fromkeys(held.values_list("order_id", flat=True), REASON)
