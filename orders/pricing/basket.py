"""What a total is made of: plain values, so that it can be kept, computed again and compared.

Amounts are whole minor units of the basket's currency; ratios are exact (`Fraction`), written as
"12" or "11/12" where they are kept.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self


class RuleKind(StrEnum):
    """What a promotion gives."""

    PERCENTAGE = "percentage"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"
    TIERED = "tiered"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `categories` holds the product's own and all above it."""

    product: int
    seller: int
    label: str
    unit_minor: int
    quantity: int
    categories: tuple[int, ...] = ()
    is_reduced: bool = False
    tax_class: str = "standard"

    @property
    def list_minor(self) -> int:
        return self.unit_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one seller sends from one place, at the courier's price."""

    seller: int
    label: str
    shipping_minor: int


@dataclass(frozen=True, slots=True)
class Tier:
    """From this many units, or from this amount of eligible goods, a percentage or an amount."""

    from_quantity: int = 0
    from_minor: int = 0
    percent: str = "0"
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion as it stood when the total was computed. A `code` makes it a coupon's.

    `percent` is what is taken off: of the eligible goods, or of each free unit of buy X get Y.
    Empty `products` and `categories` mean all goods. `max_discount_minor` of 0 is no limit.
    """

    promotion: int
    kind: RuleKind
    label: str
    code: str = ""
    combines: bool = True
    minimum_minor: int = 0
    percent: str = "0"
    amount_minor: int = 0
    max_discount_minor: int = 0
    buy: int = 0
    get: int = 0
    tiers: tuple[Tier, ...] = ()
    products: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    excludes_reduced: bool = False

    def takes(self, item: Item) -> bool:
        """Whether the goods of a line count for this rule."""
        if self.excludes_reduced and item.is_reduced:
            return False
        if not self.products and not self.categories:
            return True
        return item.product in self.products or not set(item.categories).isdisjoint(self.categories)


@dataclass(frozen=True, slots=True)
class TaxRule:
    """A tax on the goods of a class that its sellers owe: `rate` percent of `base` of the price.

    Indonesia's PPN since 2025: rate "12", base "11/12" (PMK 131/2024), which is 11 % of the price.
    """

    label: str
    rate: str
    base: str = "1"
    tax_class: str = "standard"
    sellers: tuple[int, ...] = ()

    @property
    def ratio(self) -> Fraction:
        return Fraction(self.rate) / 100 * Fraction(self.base)


@dataclass(frozen=True, slots=True)
class Basket:
    """All that decides a total; nothing else may. `rules` are in the order they are applied.

    `parcels` is None while nobody knows where the goods go. `rounding_step`: the total is a
    multiple of it.
    """

    currency: str
    items: tuple[Item, ...]
    parcels: tuple[Parcel, ...] | None = None
    rules: tuple[Rule, ...] = ()
    taxes: tuple[TaxRule, ...] = ()
    prices_include_tax: bool = True
    rounding_step: int = 1
    # Which way of computing it was; a later one must still be able to compute the old.
    version: int = field(default=1)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        parcels = data["parcels"]
        return cls(
            **{name: data[name] for name in ("currency", "prices_include_tax")},
            **{name: data[name] for name in ("rounding_step", "version")},
            items=tuple(Item(**_tuples(item)) for item in data["items"]),
            parcels=None if parcels is None else tuple(Parcel(**parcel) for parcel in parcels),
            rules=tuple(_rule(rule) for rule in data["rules"]),
            taxes=tuple(TaxRule(**_tuples(tax)) for tax in data["taxes"]),
        )


def _rule(data: Mapping[str, Any]) -> Rule:
    values = _tuples(data)
    values["tiers"] = tuple(Tier(**tier) for tier in data["tiers"])
    return Rule(**values | {"kind": RuleKind(data["kind"])})


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
