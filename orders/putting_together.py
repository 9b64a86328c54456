"""What two carts of one person make together: never more of anything than one may order.

Reads nothing and writes nothing: the page shows it before the customer chooses, and
orders.merging does it afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from orders.models.cart import MAX_QUANTITY
from orders.priced_cart import PricedLine


class Reason(StrEnum):
    """Why fewer are put in than both carts have together."""

    STOCK = "stock"
    LIMIT = "limit"
    MOST = "most"
    ORDERED = "ordered"


_WORDS = {
    Reason.STOCK: _("{name}: {quantity} instead of {wanted}, because only {most} are left."),
    Reason.LIMIT: _("{name}: {quantity} instead of {wanted}; at most {most} for each customer."),
    Reason.MOST: _("{name}: {quantity} instead of {wanted}; at most {most} fit into one order."),
    Reason.ORDERED: _(
        "{name}: {quantity} instead of {wanted}; the others are in an order that waits for payment."
    ),
}


@dataclass(frozen=True, slots=True)
class TogetherLine:
    """`quantity` of the `wanted` units; `most` is the bound that `reason` is about."""

    variant_pk: int
    name: str
    wanted: int
    quantity: int
    reason: Reason | None = None
    most: int = 0

    @property
    def said(self) -> str:
        """Empty where nothing is left out."""
        if self.reason is None:
            return ""
        return str(_WORDS[self.reason]).format(
            name=self.name, quantity=self.quantity, wanted=self.wanted, most=self.most
        )


def put_together(
    account: Sequence[PricedLine],
    device: Sequence[PricedLine],
    *,
    ordered: Mapping[int, int],
) -> list[TogetherLine]:
    """What becomes of the lines of the device's cart when they join the account's.

    `ordered`: variant pk → units that are in an unpaid order of their own. A product that only
    the device's cart has comes as it is: if that is too much, the cart says so as before.
    """
    kept = {line.variant_pk: line.quantity for line in account}
    of_product: dict[int, int] = {}
    for line in account:
        of_product[line.product_pk] = of_product.get(line.product_pk, 0) + line.quantity
    own_available = {line.variant_pk: line.available for line in account}
    shared = set(of_product)
    together = []
    for line in device:
        fresh = max(line.quantity - ordered.get(line.variant_pk, 0), 0)
        before = kept.get(line.variant_pk, 0)
        limits = [_Limit(fresh, Reason.ORDERED, fresh)]
        if before:
            # What lies in an unpaid order of its own is not there for the cart.
            left = line.available - ordered.get(line.variant_pk, 0)
            available = max(left, own_available[line.variant_pk])
            limits.append(_Limit(available - before, Reason.STOCK, available))
            limits.append(_Limit(MAX_QUANTITY - before, Reason.MOST, MAX_QUANTITY))
        if line.purchase_limit is not None and line.product_pk in shared:
            room = line.purchase_limit - of_product[line.product_pk]
            limits.append(_Limit(room, Reason.LIMIT, line.purchase_limit))
        added = _joined(line, before, limits)
        if line.product_pk in shared:
            of_product[line.product_pk] += added.quantity - before
        together.append(added)
    return together


@dataclass(frozen=True, slots=True)
class _Limit:
    """At most `room` units more, because of a `reason` whose own figure is `most`."""

    room: int
    reason: Reason
    most: int


def _joined(line: PricedLine, before: int, limits: Sequence[_Limit]) -> TogetherLine:
    narrowest = min(limits, key=lambda limit: limit.room)
    wanted = before + line.quantity
    quantity = before + max(narrowest.room, 0)
    name = f"{line.product_name}, {line.variant_name}" if line.variant_name else line.product_name
    return TogetherLine(
        variant_pk=line.variant_pk,
        name=name,
        wanted=wanted,
        quantity=quantity,
        reason=narrowest.reason if quantity < wanted else None,
        most=max(narrowest.most, 0),
    )
