"""What each seller of an order charges: a pure function of what the order has frozen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from orders.models import FulfilmentGroup, Order, OrderLine
from orders.pricing.basket import Basket, Item, TaxRule

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class SellerShare:
    """Minor units. `base_minor` is what the tax is a percentage of (DPP), 0 without a tax.

    What the order was rounded by is in the total of the one that `bears_rounding`.
    """

    seller_id: int
    total_minor: int
    base_minor: int
    tax_minor: int
    bears_rounding: bool = False


def bought(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that were paid for, in the order of the basket: exchanges came later, for free."""
    return sorted((line for line in lines if line.replaces_id is None), key=lambda line: line.pk)


def shares_of(
    order: Order, groups: Sequence[FulfilmentGroup], lines: Iterable[OrderLine]
) -> list[SellerShare]:
    """One share for each seller, the first group's first; together they are the order's total.

    What the total was rounded by is the first seller's whose part is enough for it: whose goods
    were free has nothing to take it from.
    """
    groups = sorted(groups, key=lambda group: group.pk)
    seller_of = {group.pk: group.seller_id for group in groups}
    totals: dict[int, int] = {}
    taxes: dict[int, int] = {}
    for group in groups:
        totals[group.seller_id] = totals.get(group.seller_id, 0) + sent_for(group)
        taxes[group.seller_id] = taxes.get(group.seller_id, 0) + group.tax_minor
    paid = bought(lines)
    for line in paid:
        totals[seller_of[line.group_id]] += line.total_minor
        taxes[seller_of[line.group_id]] += line.tax_minor
    rounding = order.rounding_minor
    able = (
        seller for seller, total in totals.items() if total and total + rounding >= taxes[seller]
    )
    bearer = next(able, next(iter(totals), None))
    bases = _bases(order, groups, paid, seller_of)
    return [
        SellerShare(
            seller,
            total + (rounding if seller == bearer else 0),
            _half_up(bases.get(seller, Fraction(0))) if taxes[seller] else 0,
            taxes[seller],
            bears_rounding=seller == bearer,
        )
        for seller, total in totals.items()
    ]


def sent_for(group: FulfilmentGroup) -> int:
    """What the customer paid for sending the parcels of a group."""
    return group.shipping_minor - group.discount_minor + group.tax_added_minor


def _bases(
    order: Order,
    groups: Sequence[FulfilmentGroup],
    lines: Sequence[OrderLine],
    seller_of: Mapping[int, int],
) -> dict[int, Fraction]:
    """By seller, before rounding: the price without tax times the part of it that is taxed."""
    basket = Basket.from_json(order.basket) if order.basket else None
    rules = basket.taxes if basket else ()
    items: Sequence[Item | None] = basket.items if basket else [None] * len(lines)
    found: dict[int, Fraction] = {}
    for line, item in zip(lines, items, strict=True):
        seller = seller_of[line.group_id]
        part = _part(rules, seller, item.tax_class if item else STANDARD)
        net = line.total_minor - line.tax_minor
        found[seller] = found.get(seller, Fraction(0)) + net * part
    for group in groups:
        net = sent_for(group) - group.tax_minor
        found[group.seller_id] += net * _part(rules, group.seller_id, STANDARD)
    return found


def _part(rules: Sequence[TaxRule], seller: int, tax_class: str) -> Fraction:
    for rule in rules:
        if seller in rule.sellers and rule.tax_class == tax_class:
            return Fraction(rule.base)
    return Fraction(0)


def _half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))
