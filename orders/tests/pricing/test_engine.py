"""How a total comes about: what each kind of rule takes off, how they combine, tax, rounding."""

import json

import pytest

from orders.pricing.basket import Basket, Rule, TaxRule, Tier
from orders.pricing.engine import Calculation, Reason, compute
from orders.tests.pricing.baskets import (
    PPN,
    basket,
    buy_get,
    fixed,
    free_shipping,
    item,
    parcel,
    percentage,
    tiered,
)


def discounts(result: Calculation) -> list[int]:
    return [share.discount_minor for share in result.items]


def reasons(result: Calculation) -> dict[int, Reason]:
    return {refused.rule.promotion: refused.reason for refused in result.refused}


def test_without_rules_the_total_is_goods_and_shipping() -> None:
    result = compute(basket(item(149_000, 2), item(1), parcels=(parcel(21_000),)))
    assert (result.subtotal_minor, result.shipping_minor) == (298_001, 21_000)
    assert (result.discount_minor, result.tax_minor, result.total_minor) == (0, 0, 319_001)


def test_a_percentage_is_rounded_once_and_no_unit_is_lost_between_lines() -> None:
    # 10 % of 5 is 0.5, which is one: the earliest of the equal lines bears it.
    result = compute(basket(*[item(1)] * 5, rules=(percentage("10"),)))
    assert discounts(result) == [1, 0, 0, 0, 0]
    assert result.total_minor == 4


def test_a_percentage_of_some_goods_leaves_the_others_alone() -> None:
    rule = percentage("50", products=(7,))
    result = compute(basket(item(product=7), item(product=8), rules=(rule,)))
    assert discounts(result) == [50_000, 0]


def test_a_category_counts_all_below_it() -> None:
    rule = percentage("50", categories=(1,))
    result = compute(basket(item(categories=(5, 1)), item(categories=(2,)), rules=(rule,)))
    assert discounts(result) == [50_000, 0]


def test_reduced_goods_are_left_out_where_the_rule_says_so() -> None:
    rule = percentage("50", excludes_reduced=True)
    result = compute(basket(item(is_reduced=True), item(), rules=(rule,)))
    assert discounts(result) == [0, 50_000]


def test_a_percentage_takes_no_more_than_its_most() -> None:
    rule = percentage("50", max_discount_minor=30_000)
    result = compute(basket(item(100_000), item(200_000), rules=(rule,)))
    assert discounts(result) == [10_000, 20_000]


def test_an_amount_is_divided_in_proportion() -> None:
    result = compute(basket(item(100_000), item(200_000), rules=(fixed(10_000),)))
    assert discounts(result) == [3_333, 6_667]


def test_an_amount_takes_no_more_than_the_goods_cost() -> None:
    result = compute(basket(item(5_000), parcels=(parcel(20_000),), rules=(fixed(10_000),)))
    assert discounts(result) == [5_000]
    assert result.total_minor == 20_000


def test_below_the_minimum_a_rule_says_what_is_missing() -> None:
    result = compute(basket(item(149_000), rules=(fixed(10_000, minimum_minor=200_000),)))
    [refused] = result.refused
    assert (refused.reason, refused.missing_minor) == (Reason.MINIMUM, 51_000)
    assert result.total_minor == 149_000


def test_the_minimum_asks_for_the_goods_the_rule_is_for() -> None:
    rule = fixed(10_000, minimum_minor=200_000, products=(7,))
    result = compute(basket(item(149_000, product=7), item(900_000, product=8), rules=(rule,)))
    assert result.refused[0].missing_minor == 51_000


@pytest.mark.parametrize(
    ("quantity", "free"), [(1, 0), (2, 0), (3, 100_000), (5, 100_000), (6, 200_000)]
)
def test_of_every_three_one_is_free(quantity: int, free: int) -> None:
    result = compute(basket(item(quantity=quantity), rules=(buy_get(2, 1),)))
    assert discounts(result) == [free]


def test_the_cheapest_are_free() -> None:
    result = compute(basket(item(300_000), item(100_000), item(200_000), rules=(buy_get(2, 1),)))
    assert discounts(result) == [0, 100_000, 0]


def test_the_second_at_half_price() -> None:
    rule = buy_get(1, 1, percent="50")
    result = compute(basket(item(99_999, 2), rules=(rule,)))
    assert discounts(result) == [50_000]


def test_too_few_units_for_a_free_one_is_said() -> None:
    assert reasons(compute(basket(rules=(buy_get(2, 1),)))) == {4: Reason.NOT_ENOUGH_UNITS}


@pytest.mark.parametrize(
    ("quantity", "off"), [(1, 0), (2, 10_000), (3, 15_000), (4, 80_000), (9, 180_000)]
)
def test_the_highest_tier_reached_counts(quantity: int, off: int) -> None:
    tiers = (Tier(from_quantity=2, percent="5"), Tier(from_quantity=4, percent="20"))
    result = compute(basket(item(quantity=quantity), rules=(tiered(*tiers),)))
    assert result.discount_minor == off


def test_a_tier_may_go_by_worth_and_take_an_amount() -> None:
    tiers = (Tier(from_minor=200_000, amount_minor=15_000),)
    assert compute(basket(item(199_999), rules=(tiered(*tiers),))).discount_minor == 0
    assert compute(basket(item(200_000), rules=(tiered(*tiers),))).discount_minor == 15_000


def test_free_shipping_takes_off_shipping_only() -> None:
    result = compute(
        basket(item(149_000), parcels=(parcel(20_000), parcel(9_000)), rules=(free_shipping(),))
    )
    assert discounts(result) == [0]
    assert [share.discount_minor for share in result.parcels] == [20_000, 9_000]
    assert result.total_minor == 149_000


def test_free_shipping_up_to_an_amount() -> None:
    rule = free_shipping(max_discount_minor=20_000)
    result = compute(basket(parcels=(parcel(30_000),), rules=(rule,)))
    assert result.total_minor == 110_000


def test_free_shipping_waits_for_an_address() -> None:
    result = compute(basket(rules=(free_shipping(),)))
    assert reasons(result) == {3: Reason.NEEDS_ADDRESS}


def test_free_shipping_asks_what_the_discounts_have_left_of_the_goods() -> None:
    rules = (free_shipping(minimum_minor=150_000), percentage("50"))
    result = compute(basket(item(200_000), parcels=(parcel(),), rules=rules))
    assert reasons(result) == {3: Reason.MINIMUM}
    assert result.total_minor == 120_000


def test_rules_that_combine_follow_each_other() -> None:
    result = compute(basket(rules=(percentage("10"), fixed(10_000))))
    assert [step.amount_minor for step in result.steps] == [100_000, -10_000, -10_000]
    result = compute(basket(rules=(fixed(10_000), percentage("10"))))
    assert [step.amount_minor for step in result.steps] == [100_000, -10_000, -9_000]


@pytest.mark.parametrize(("alone", "total"), [("20", 80_000), ("5", 85_000)])
def test_one_that_stands_alone_is_given_where_it_takes_off_more(alone: str, total: int) -> None:
    lonely = percentage(alone, promotion=9, combines=False)
    result = compute(basket(rules=(percentage("10"), lonely, fixed(5_000))))
    assert result.total_minor == total


def test_a_code_that_would_make_it_dearer_is_left_unused() -> None:
    coupon = percentage("5", promotion=9, code="LIMA", combines=False)
    result = compute(basket(rules=(percentage("10"), coupon)))
    assert result.total_minor == 90_000
    assert reasons(result) == {9: Reason.BETTER_WITHOUT}
    assert result.taken_by() == {1: 10_000}


def test_a_code_below_its_minimum_says_that_and_not_that_others_are_better() -> None:
    coupon = percentage("5", promotion=9, code="LIMA", combines=False, minimum_minor=900_000)
    result = compute(basket(rules=(percentage("10"), coupon)))
    assert reasons(result) == {9: Reason.MINIMUM}


def test_goods_cost_nothing_at_least() -> None:
    rules = (percentage("100"), fixed(10_000), percentage("50", promotion=9))
    result = compute(basket(parcels=(parcel(0),), rules=rules))
    assert result.total_minor == 0
    assert reasons(result) == {2: Reason.NOTHING_LEFT, 9: Reason.NOTHING_LEFT}


def test_steps_go_from_list_price_to_rounding() -> None:
    rules = (percentage("10"), fixed(3_000, code="TIGA"), free_shipping(max_discount_minor=5_000))
    result = compute(
        basket(
            item(149_950),
            parcels=(parcel(21_000),),
            rules=rules,
            taxes=(PPN,),
            rounding_step=100,
        )
    )
    assert [(step.kind, step.amount_minor) for step in result.steps] == [
        ("list_price", 149_950),
        ("promotion", -14_995),
        ("coupon", -3_000),
        ("shipping", 21_000),
        ("promotion", -5_000),
        ("tax", 14_662),
        ("rounding", 45),
    ]
    assert [step.is_included for step in result.steps][5] is True
    assert result.total_minor == 148_000


# The table of docs/pricing.md.
@pytest.mark.parametrize(
    ("prices", "included", "added"),
    [
        ([149_000], 14_766, 16_390),
        ([100], 10, 11),
        ([5], 0, 1),
        ([1_110_000], 110_000, 122_100),
        ([33_333, 33_333, 33_334], 9_910, 11_000),
        ([9, 9, 9], 3, 3),
    ],
)
def test_ppn_is_twelve_percent_of_eleven_twelfths(
    prices: list[int], included: int, added: int
) -> None:
    items = [item(price) for price in prices]
    inside = compute(basket(*items, taxes=(PPN,)))
    beside = compute(basket(*items, taxes=(PPN,), prices_include_tax=False))
    assert (inside.tax_minor, inside.tax_added_minor) == (included, 0)
    assert inside.total_minor == sum(prices)
    assert (beside.tax_minor, beside.tax_added_minor) == (added, added)
    assert beside.total_minor == sum(prices) + added


def test_tax_is_divided_among_lines_and_parcels_without_losing_a_unit() -> None:
    result = compute(basket(*[item(9)] * 3, parcels=(parcel(9),), taxes=(PPN,)))
    assert [share.tax_minor for share in result.items + result.parcels] == [1, 1, 1, 1]


def test_a_seller_who_is_not_registered_owes_no_tax() -> None:
    result = compute(
        basket(item(seller=1), item(seller=2), parcels=(parcel(seller=2),), taxes=(PPN,))
    )
    assert [share.tax_minor for share in result.items + result.parcels] == [9_910, 0, 0]


def test_each_seller_owes_its_own_tax_rounded_on_its_own() -> None:
    both = TaxRule("PPN", "12", "11/12", sellers=(1, 2))
    result = compute(basket(item(14, seller=1), item(14, seller=2), taxes=(both,)))
    # 14 × 11/111 = 1.39 each; 28 together would be 2.77, which is 3.
    assert [share.tax_minor for share in result.items] == [1, 1]


def test_classes_of_goods_have_their_own_rate() -> None:
    luxury = TaxRule("PPN", "12", tax_class="luxury", sellers=(1,))
    result = compute(
        basket(
            item(100_000), item(100_000, tax_class="luxury"), taxes=(PPN, luxury),
            prices_include_tax=False,
        )
    )  # fmt: skip
    assert [share.tax_minor for share in result.items] == [11_000, 12_000]


def test_tax_is_on_what_the_discounts_have_left() -> None:
    result = compute(basket(taxes=(PPN,), rules=(percentage("50"),), prices_include_tax=False))
    assert (result.tax_minor, result.total_minor) == (5_500, 55_500)


@pytest.mark.parametrize(("price", "rounding"), [(149_949, -49), (149_950, 50), (149_900, 0)])
def test_a_total_may_be_rounded_half_up(price: int, rounding: int) -> None:
    result = compute(basket(item(price), rounding_step=100))
    assert result.rounding_minor == rounding
    assert result.total_minor == price + rounding


def test_an_empty_basket_costs_nothing() -> None:
    assert compute(Basket("IDR", ())).total_minor == 0


def test_a_basket_that_was_kept_is_the_same_again() -> None:
    rules: tuple[Rule, ...] = (
        percentage("12.5", products=(1, 2), categories=(3,)),
        tiered(Tier(from_quantity=2, percent="5"), Tier(from_minor=100, amount_minor=7)),
        free_shipping(),
    )
    kept = basket(item(categories=(1, 2)), parcels=(parcel(),), rules=rules, taxes=(PPN,))
    again = Basket.from_json(json.loads(json.dumps(kept.to_json())))
    assert again == kept
    assert compute(again) == compute(kept)
