"""What each kind of promotion takes off, computed on what is left of the price before it.

Every rule rounds once, half up, for all of its goods together; the sum is then divided among the
lines by largest remainder (`Money.allocate`). So no rupiah appears or vanishes between lines.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from orders.pricing.basket import Item, Rule, RuleKind, Tier
from shop.core.money import Money

HALF = Fraction(1, 2)


def round_half_up(exact: Fraction) -> int:
    """The nearest whole unit; a half goes away from zero. The only rounding of a price."""
    rounded = int(abs(exact) + HALF)
    return -rounded if exact < 0 else rounded


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in parts proportional to the weights; nothing where there is nothing to weigh."""
    if not amount or not any(weights):
        return [0] * len(weights)
    # The currency plays no part in dividing whole units.
    return [part.minor for part in Money(amount, "IDR").allocate(weights)]


def discount_of(rule: Rule, items: Sequence[Item], left: Sequence[int]) -> list[int]:
    """What the rule takes off each line, never more than is `left` of it."""
    taken = [rule.takes(item) for item in items]
    weights = [amount if is_taken else 0 for amount, is_taken in zip(left, taken, strict=True)]
    if rule.kind == RuleKind.BUY_X_GET_Y:
        shares = _free_units(rule, items, weights)
    else:
        shares = allocate(_whole(rule, items, taken, sum(weights)), weights)
    shares = [min(share, amount) for share, amount in zip(shares, weights, strict=True)]
    return _capped(shares, rule.max_discount_minor)


def _whole(rule: Rule, items: Sequence[Item], taken: Sequence[bool], eligible: int) -> int:
    """What it takes off all of its goods together."""
    match rule.kind:
        case RuleKind.PERCENTAGE:
            return round_half_up(eligible * Fraction(rule.percent) / 100)
        case RuleKind.FIXED:
            return min(rule.amount_minor, eligible)
        case RuleKind.TIERED:
            units = sum(item.quantity for item, counts in zip(items, taken, strict=True) if counts)
            return _of_tier(reached(rule.tiers, units=units, minor=eligible), eligible)
        case RuleKind.FREE_SHIPPING | RuleKind.BUY_X_GET_Y:
            return 0
        case _:
            assert_never(rule.kind)


def reached(tiers: Sequence[Tier], *, units: int, minor: int) -> Tier | None:
    """The highest tier that so many units, worth so much, have reached."""
    met = [tier for tier in tiers if units >= tier.from_quantity and minor >= tier.from_minor]
    return max(met, key=lambda tier: (tier.from_minor, tier.from_quantity), default=None)


def _of_tier(tier: Tier | None, eligible: int) -> int:
    if tier is None:
        return 0
    percent = round_half_up(eligible * Fraction(tier.percent) / 100)
    return min(percent + tier.amount_minor, eligible)


def _free_units(rule: Rule, items: Sequence[Item], weights: Sequence[int]) -> list[int]:
    """Of every buy + get units the cheapest are given; the earlier line first among equals."""
    prices = [Fraction(weight, item.quantity) for item, weight in zip(items, weights, strict=True)]
    counting = [index for index, weight in enumerate(weights) if weight]
    units = sum(items[index].quantity for index in counting)
    free = units // (rule.buy + rule.get) * rule.get
    shares = [0] * len(items)
    for index in sorted(counting, key=lambda index: (prices[index], index)):
        given = min(free, items[index].quantity)
        shares[index] = round_half_up(given * prices[index] * Fraction(rule.percent) / 100)
        free -= given
    return shares


def _capped(shares: list[int], most: int) -> list[int]:
    """The same proportions, where all together would be more than the promotion allows."""
    return allocate(most, shares) if most and sum(shares) > most else shares


def shipping_discount_of(rule: Rule, left: Sequence[int]) -> list[int]:
    """What free shipping takes off each parcel."""
    return _capped(list(left), rule.max_discount_minor)
