"""A second opinion on totals, in exact fractions and written from docs/pricing.md alone.

It shares no code with the engine: it enumerates what may be combined, recomputes every rule's sum
without dividing it among lines, and then demands of the engine's shares that they be whole, fair
and add up to exactly that.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from orders.pricing.basket import Basket, Item, Rule
from orders.pricing.engine import Calculation


def whole(exact: Fraction) -> int:
    """Half up, by the decimal library: another way than the engine's."""
    with localcontext() as context:
        context.prec = 60
        scaled = Decimal(exact.numerator) / Decimal(exact.denominator)
        return int(scaled.quantize(Decimal(1), ROUND_HALF_UP))


def counts(rule: Rule, item: Item) -> bool:
    narrowed = bool(rule.products or rule.categories)
    named = item.product in rule.products or bool(set(item.categories) & set(rule.categories))
    return (named or not narrowed) and not (rule.excludes_reduced and item.is_reduced)


def fair(shares: Sequence[int], amount: int, weights: Sequence[int]) -> bool:
    """Each share is its proportion, rounded up or down, and together they are the amount."""
    total = sum(weights)
    if not total:
        return not any(shares)
    exact = [Fraction(amount * weight, total) for weight in weights]
    near = all(abs(share - want) < 1 for share, want in zip(shares, exact, strict=True))
    return near and sum(shares) == amount


def check(basket: Basket, result: Calculation) -> None:
    """Raises AssertionError where the result is not what the rules say."""
    lists = [item.unit_minor * item.quantity for item in basket.items]
    fees = [parcel.shipping_minor for parcel in basket.parcels or ()]
    assert [share.list_minor for share in result.items] == lists
    assert [share.list_minor for share in result.parcels] == fees
    for share in result.items + result.parcels:
        assert 0 <= share.discount_minor <= share.list_minor
        assert 0 <= share.tax_added_minor <= share.tax_minor
    _check_choice(basket, result)
    _check_tax(basket, result)
    _check_sums(basket, result)


def _check_choice(basket: Basket, result: Calculation) -> None:
    """The customer has the best of what may be combined."""
    together = [rule for rule in basket.rules if rule.combines]
    alone = [[rule] for rule in basket.rules if not rule.combines]
    taken = sum(share.discount_minor for share in result.items + result.parcels)
    used = {step.promotion for step in result.steps if step.promotion is not None}
    for candidate in [together, *alone]:
        if used <= {rule.promotion for rule in candidate}:
            break
    else:
        raise AssertionError(f"{used} may not be combined")
    for rule in alone:
        assert taken >= _alone(basket, rule[0])


def _alone(basket: Basket, rule: Rule) -> int:
    """What a rule takes off by itself, in exact arithmetic; goods only are asked here."""
    weights = [
        item.unit_minor * item.quantity if counts(rule, item) else 0 for item in basket.items
    ]
    eligible = sum(weights)
    if eligible < rule.minimum_minor or not any(counts(rule, item) for item in basket.items):
        return 0
    most = rule.max_discount_minor or 10**18
    if rule.kind == "percentage":
        return min(whole(Fraction(eligible) * Fraction(rule.percent) / 100), most)
    if rule.kind == "fixed":
        return min(rule.amount_minor, eligible, most)
    if rule.kind == "buy_x_get_y":
        return min(_given(basket, rule), most)
    return 0


def _given(basket: Basket, rule: Rule) -> int:
    """Every unit by itself, the dearest first: the last of them are the cheapest."""
    counting = [item for item in basket.items if counts(rule, item)]
    units = sorted(
        (item.unit_minor for item in counting for _ in range(item.quantity)), reverse=True
    )
    units = [unit for unit in units if unit]
    free = len(units) // (rule.buy + rule.get) * rule.get
    # Each line is rounded on its own, so a unit of one may differ by less than one.
    exact = sum(units[len(units) - free :]) * Fraction(rule.percent) / 100
    return max(int(exact) - len(basket.items), 0)


def _check_tax(basket: Basket, result: Calculation) -> None:
    shares = result.items + result.parcels
    owners = [item.seller for item in basket.items]
    owners += [parcel.seller for parcel in basket.parcels or ()]
    classes = [item.tax_class for item in basket.items] + ["standard"] * len(basket.parcels or ())
    expected = 0
    for rule in basket.taxes:
        ratio = Fraction(rule.rate) / 100 * Fraction(rule.base)
        for seller in rule.sellers:
            weights = [
                share.list_minor - share.discount_minor
                if (owner, kind) == (seller, rule.tax_class)
                else 0
                for share, owner, kind in zip(shares, owners, classes, strict=True)
            ]
            part = ratio / (1 + ratio) if basket.prices_include_tax else ratio
            tax = whole(sum(weights) * part)
            expected += tax
            own = [
                share.tax_minor if weight else 0
                for share, weight in zip(shares, weights, strict=True)
            ]
            assert fair(own, tax, weights)
    assert result.tax_minor == expected
    added = 0 if basket.prices_include_tax else expected
    assert result.tax_added_minor == added


def _check_sums(basket: Basket, result: Calculation) -> None:
    """Lines and parcels sum to the total, and so do the steps; for each line and parcel too."""
    shares = [share.total_minor for share in result.items + result.parcels]
    steps = [step for step in result.steps if not step.is_included]
    assert sum(shares) + result.rounding_minor == result.total_minor
    assert sum(step.amount_minor for step in steps) == result.total_minor
    assert result.total_minor == (
        result.subtotal_minor
        - result.discount_minor
        + result.shipping_minor
        - result.shipping_discount_minor
        + result.tax_added_minor
        + result.rounding_minor
    )
    assert result.total_minor % basket.rounding_step == 0
    assert abs(result.rounding_minor) * 2 <= basket.rounding_step
    for index, share in enumerate(result.items):
        own = [step.amount_minor for step in steps if step.item == index]
        assert sum(own) == share.net_minor
    for index, share in enumerate(result.parcels):
        own = [step.amount_minor for step in steps if step.parcel == index]
        assert sum(own) == share.net_minor
