"""From list prices to a total, step by step: list price → promotion → coupon → shipping → tax →
rounding. Pure: the same basket always gives the same steps, on every machine and in every year.

How rules combine (docs/promotions.md): those that combine are applied one after the other, each on
what the one before has left; one that does not combine stands alone; the customer gets whichever
takes off more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from orders.pricing.basket import Basket, Item, Parcel, Rule, RuleKind, TaxRule
from orders.pricing.discounts import allocate, discount_of, round_half_up, shipping_discount_of


class StepKind(StrEnum):
    LIST_PRICE = "list_price"
    PROMOTION = "promotion"
    COUPON = "coupon"
    SHIPPING = "shipping"
    TAX = "tax"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class Step:
    """A signed amount; `item` and `parcel` are places in the basket. One that is included in the
    prices explains the total without adding to it."""

    kind: StepKind
    label: str
    amount_minor: int
    item: int | None = None
    parcel: int | None = None
    promotion: int | None = None
    code: str = ""
    is_included: bool = False


class Reason(StrEnum):
    """Why a rule takes nothing off."""

    NOTHING_ELIGIBLE = "nothing_eligible"
    MINIMUM = "minimum"
    NOT_ENOUGH_UNITS = "not_enough_units"
    NEEDS_ADDRESS = "needs_address"
    BETTER_WITHOUT = "better_without"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, slots=True)
class Refused:
    """`missing_minor` is what the goods lack to reach the minimum."""

    rule: Rule
    reason: Reason
    missing_minor: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What a line or a parcel has of the total. `tax_added` is beside the price, not in it."""

    list_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    tax_added_minor: int = 0

    @property
    def net_minor(self) -> int:
        return self.list_minor - self.discount_minor

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_added_minor


@dataclass(frozen=True, slots=True)
class Calculation:
    """`items` and `parcels` are in the basket's order. The steps that are not included sum to
    `total_minor`, and so do the shares and the rounding."""

    items: tuple[Share, ...]
    parcels: tuple[Share, ...]
    steps: tuple[Step, ...]
    refused: tuple[Refused, ...]
    rounding_minor: int

    @property
    def subtotal_minor(self) -> int:
        return sum(share.list_minor for share in self.items)

    @property
    def shipping_minor(self) -> int:
        return sum(share.list_minor for share in self.parcels)

    @property
    def discount_minor(self) -> int:
        """What is taken off the goods."""
        return sum(share.discount_minor for share in self.items)

    @property
    def shipping_discount_minor(self) -> int:
        return sum(share.discount_minor for share in self.parcels)

    @property
    def tax_minor(self) -> int:
        return sum(share.tax_minor for share in self.items + self.parcels)

    @property
    def tax_added_minor(self) -> int:
        return sum(share.tax_added_minor for share in self.items + self.parcels)

    @property
    def total_minor(self) -> int:
        shares = sum(share.total_minor for share in self.items + self.parcels)
        return shares + self.rounding_minor

    def taken_by(self) -> dict[int, int]:
        """Promotion → what it takes off in all."""
        sums: dict[int, int] = {}
        for step in self.steps:
            if step.promotion is not None:
                sums[step.promotion] = sums.get(step.promotion, 0) - step.amount_minor
        return sums


@dataclass(slots=True)
class _Work:
    """A calculation under way: what is left of each price, and how it came to that."""

    basket: Basket
    goods: list[int]
    shipping: list[int]
    steps: list[Step]
    refused: list[Refused]

    @property
    def taken(self) -> int:
        return -sum(step.amount_minor for step in self.steps)


def compute(basket: Basket) -> Calculation:
    """The total of a basket, and how it came about."""
    best = max((_apply(basket, rules) for rules in _choices(basket.rules)), key=_most_taken)
    shares = [
        replace(share, discount_minor=share.list_minor - left)
        for share, left in zip(_at_list_price(basket), best.goods + best.shipping, strict=True)
    ]
    shares, taxes = _with_tax(basket, shares)
    steps = [*_list_steps(basket.items, basket.parcels or ()), *best.steps, *taxes]
    before = sum(share.total_minor for share in shares)
    rounding = _rounding(before, basket.rounding_step)
    if rounding:
        steps.append(Step(StepKind.ROUNDING, "", rounding))
    return Calculation(
        items=tuple(shares[: len(basket.items)]),
        parcels=tuple(shares[len(basket.items) :]),
        steps=tuple(sorted(steps, key=_place)),
        refused=tuple(best.refused + _not_chosen(basket, best)),
        rounding_minor=rounding,
    )


def _most_taken(work: _Work) -> int:
    return work.taken


def _choices(rules: Sequence[Rule]) -> list[list[Rule]]:
    """What may be applied together; the first wins where two take off as much."""
    together = [rule for rule in rules if rule.combines]
    return [together, *([rule] for rule in rules if not rule.combines)]


def _apply(basket: Basket, rules: Sequence[Rule]) -> _Work:
    work = _Work(
        basket,
        goods=[item.list_minor for item in basket.items],
        shipping=[parcel.shipping_minor for parcel in basket.parcels or ()],
        steps=[],
        refused=[],
    )
    # Goods first: free shipping asks what is left of them.
    for rule in sorted(rules, key=lambda rule: rule.kind == RuleKind.FREE_SHIPPING):
        reason = _refusal(rule, work)
        if reason is not None:
            work.refused.append(reason)
        elif rule.kind == RuleKind.FREE_SHIPPING:
            shares = shipping_discount_of(rule, work.shipping)
            _take(work, rule, shares, work.shipping, is_parcel=True)
        else:
            shares = discount_of(rule, basket.items, work.goods)
            _take(work, rule, shares, work.goods, is_parcel=False)
    return work


def _refusal(rule: Rule, work: _Work) -> Refused | None:
    """Why the rule cannot be applied now, if so."""
    pairs = zip(work.basket.items, work.goods, strict=True)
    counting = [(item, left) for item, left in pairs if rule.takes(item)]
    if not counting:
        return Refused(rule, Reason.NOTHING_ELIGIBLE)
    missing = rule.minimum_minor - sum(left for _item, left in counting)
    if missing > 0:
        return Refused(rule, Reason.MINIMUM, missing)
    if rule.kind == RuleKind.FREE_SHIPPING and work.basket.parcels is None:
        return Refused(rule, Reason.NEEDS_ADDRESS)
    if rule.kind == RuleKind.BUY_X_GET_Y:
        units = sum(item.quantity for item, left in counting if left)
        if units < rule.buy + rule.get:
            return Refused(rule, Reason.NOT_ENOUGH_UNITS)
    return None


def _take(
    work: _Work, rule: Rule, shares: Sequence[int], left: list[int], *, is_parcel: bool
) -> None:
    if not any(shares):
        work.refused.append(Refused(rule, Reason.NOTHING_LEFT))
    for index, share in enumerate(shares):
        if share:
            left[index] -= share
            work.steps.append(
                Step(
                    StepKind.COUPON if rule.code else StepKind.PROMOTION,
                    rule.label,
                    -share,
                    item=None if is_parcel else index,
                    parcel=index if is_parcel else None,
                    promotion=rule.promotion,
                    code=rule.code,
                )
            )


def _not_chosen(basket: Basket, best: _Work) -> list[Refused]:
    """Rules left out because others take off more; or that could not be applied at all."""
    seen = {step.promotion for step in best.steps} | {no.rule.promotion for no in best.refused}
    left_out = []
    for rule in basket.rules:
        if rule.promotion not in seen:
            alone = _apply(basket, [rule]).refused
            left_out.append(alone[0] if alone else Refused(rule, Reason.BETTER_WITHOUT))
    return left_out


def _at_list_price(basket: Basket) -> list[Share]:
    amounts = [item.list_minor for item in basket.items]
    amounts += [parcel.shipping_minor for parcel in basket.parcels or ()]
    return [Share(amount) for amount in amounts]


def _list_steps(items: Sequence[Item], parcels: Sequence[Parcel]) -> list[Step]:
    return [
        Step(StepKind.LIST_PRICE, item.label, item.list_minor, item=index)
        for index, item in enumerate(items)
    ] + [
        Step(StepKind.SHIPPING, parcel.label, parcel.shipping_minor, parcel=index)
        for index, parcel in enumerate(parcels)
    ]


def _place(step: Step) -> int:
    """Goods and what comes off them, then parcels and what comes off those, tax, rounding."""
    if step.kind in (StepKind.TAX, StepKind.ROUNDING):
        return 2
    return 0 if step.parcel is None else 1


def _with_tax(basket: Basket, shares: list[Share]) -> tuple[list[Share], list[Step]]:
    """Each seller owes its own tax, rounded once for all that it sells in this order."""
    steps = []
    for rule in basket.taxes:
        for seller in rule.sellers:
            amounts = [
                share.net_minor if is_taxed else 0
                for share, is_taxed in zip(shares, _taxed(basket, rule, seller), strict=True)
            ]
            tax = _tax_in(sum(amounts), rule.ratio, is_included=basket.prices_include_tax)
            if not tax:
                continue
            parts = allocate(tax, amounts)
            shares = [
                replace(
                    share,
                    tax_minor=share.tax_minor + part,
                    tax_added_minor=share.tax_added_minor
                    + (0 if basket.prices_include_tax else part),
                )
                for share, part in zip(shares, parts, strict=True)
            ]
            is_included = basket.prices_include_tax
            steps.append(Step(StepKind.TAX, rule.label, tax, is_included=is_included))
    return shares, steps


def _taxed(basket: Basket, rule: TaxRule, seller: int) -> list[bool]:
    """Sending the goods is part of their price (UU PPN art. 1): it is taxed as standard goods."""
    goods = [item.seller == seller and item.tax_class == rule.tax_class for item in basket.items]
    parcels = [
        parcel.seller == seller and rule.tax_class == "standard" for parcel in basket.parcels or ()
    ]
    return goods + parcels


def _tax_in(amount: int, ratio: Fraction, *, is_included: bool) -> int:
    return round_half_up(amount * ratio / (1 + ratio) if is_included else amount * ratio)


def _rounding(total: int, step: int) -> int:
    return round_half_up(Fraction(total, step)) * step - total
