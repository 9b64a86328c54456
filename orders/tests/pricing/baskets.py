"""Baskets for tests: only what matters is said."""

from typing import Any

from orders.pricing.basket import Basket, Item, Parcel, Rule, RuleKind, TaxRule, Tier

PPN = TaxRule("PPN", "12", "11/12", sellers=(1,))


def item(unit: int = 100_000, quantity: int = 1, **fields: Any) -> Item:
    values: dict[str, Any] = {"product": 1, "seller": 1, "label": "Kemeja"}
    return Item(unit_minor=unit, quantity=quantity, **values | fields)


def parcel(shipping: int = 20_000, *, seller: int = 1) -> Parcel:
    return Parcel(seller, "JNE REG", shipping)


def basket(*items: Item, **fields: Any) -> Basket:
    return Basket("IDR", items or (item(),), **fields)


def percentage(percent: str, *, promotion: int = 1, **fields: Any) -> Rule:
    return Rule(promotion, RuleKind.PERCENTAGE, "Hemat", percent=percent, **fields)


def fixed(amount: int, *, promotion: int = 2, **fields: Any) -> Rule:
    return Rule(promotion, RuleKind.FIXED, "Potongan", amount_minor=amount, **fields)


def free_shipping(*, promotion: int = 3, **fields: Any) -> Rule:
    return Rule(promotion, RuleKind.FREE_SHIPPING, "Gratis ongkir", **fields)


def buy_get(buy: int, get: int, *, percent: str = "100", promotion: int = 4, **fields: Any) -> Rule:
    return Rule(
        promotion, RuleKind.BUY_X_GET_Y, "Beli", percent=percent, buy=buy, get=get, **fields
    )


def tiered(*tiers: Tier, promotion: int = 5, **fields: Any) -> Rule:
    return Rule(promotion, RuleKind.TIERED, "Makin banyak", tiers=tiers, **fields)
