"""Any basket at all: lines sum to totals, no unit is lost, and what was kept computes the same.

`make drill-totals` runs it with 100,000 baskets.
"""

import json
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.pricing.basket import Basket, Item, Parcel, Rule, RuleKind, TaxRule, Tier
from orders.pricing.engine import compute
from orders.tests.pricing.oracle import check

BASKETS = int(os.environ.get("DRILL_BASKETS", "500"))

small = st.integers(1, 4)
amounts = st.one_of(st.integers(0, 30), st.integers(0, 2_000_000), st.just(149_000))
percents = st.sampled_from(["5", "10", "12.5", "33.33", "50", "99.99", "100"])
some = st.lists(small, max_size=2, unique=True).map(tuple)
items = st.builds(
    Item,
    product=small,
    seller=st.integers(1, 2),
    label=st.just("Kemeja"),
    unit_minor=amounts,
    quantity=st.integers(1, 99),
    categories=some,
    is_reduced=st.booleans(),
    tax_class=st.sampled_from(["standard", "luxury"]),
)
parcels = st.builds(Parcel, seller=st.integers(1, 2), label=st.just("JNE"), shipping_minor=amounts)
tiers = st.builds(
    Tier,
    from_quantity=st.integers(0, 20),
    from_minor=amounts,
    percent=percents,
    amount_minor=st.integers(0, 20_000),
)
rules = st.builds(
    Rule,
    promotion=st.just(0),
    kind=st.sampled_from(list(RuleKind)),
    label=st.just("Promo"),
    code=st.sampled_from(["", "", "KODE"]),
    combines=st.booleans(),
    minimum_minor=st.one_of(st.just(0), amounts),
    percent=percents,
    amount_minor=st.integers(1, 500_000),
    max_discount_minor=st.one_of(st.just(0), st.integers(1, 100_000)),
    buy=small,
    get=small,
    tiers=st.lists(tiers, max_size=3).map(tuple),
    products=some,
    categories=some,
    excludes_reduced=st.booleans(),
)
PPN = TaxRule("PPN", "12", "11/12", sellers=(1, 2))
LUXURY = TaxRule("PPN", "12", tax_class="luxury", sellers=(1,))
taxes = st.sampled_from([(), (PPN,), (PPN, LUXURY)])


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    drawn = draw(st.lists(rules, max_size=4))
    numbered = tuple(
        Rule(**{name: getattr(rule, name) for name in Rule.__slots__} | {"promotion": number})
        for number, rule in enumerate(drawn)
    )
    return Basket(
        currency="IDR",
        items=tuple(draw(st.lists(items, max_size=6))),
        parcels=draw(st.one_of(st.none(), st.lists(parcels, max_size=3).map(tuple))),
        rules=numbered,
        taxes=draw(taxes),
        prices_include_tax=draw(st.booleans()),
        rounding_step=draw(st.sampled_from([1, 1, 50, 100, 1_000])),
    )


@settings(max_examples=BASKETS, deadline=None, suppress_health_check=list(HealthCheck))
@given(baskets())
def test_every_basket_adds_up(basket: Basket) -> None:
    result = compute(basket)
    check(basket, result)
    assert compute(Basket.from_json(json.loads(json.dumps(basket.to_json())))) == result
