"""Which listings a customer asked for, as sets of tokens: OR within a facet, AND between facets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product

from catalog.listing import tokens

# Values of one variant that have a token together.
MOST_TOGETHER = 3
# Tokens of which a listing has at least one.
AnyOf = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What has been chosen, in primary keys.

    `options` maps an option to the chosen values; `attributes` likewise. `price_ranges` are indices
    into PRICE_RANGES; `lowest` and `highest` are ends of price steps, both included.
    """

    category: int | None = None
    options: Mapping[int, Sequence[int]] = field(default_factory=dict)
    attributes: Mapping[int, Sequence[int]] = field(default_factory=dict)
    sellers: Sequence[int] = ()
    price_ranges: Sequence[int] = ()
    lowest: int | None = None
    highest: int | None = None
    is_available: bool = False
    is_reduced: bool = False

    def groups(self) -> list[AnyOf]:
        """All conditions; a listing meets each group with at least one of its tokens."""
        wanted: list[Sequence[str]] = [
            [tokens.category(self.category)] if self.category is not None else [],
            *([tokens.attribute_value(pk) for pk in pks] for pks in self.attributes.values()),
            [tokens.seller(pk) for pk in self.sellers],
            [tokens.price_range(index) for index in self.price_ranges],
            list(self._price_steps()),
            [tokens.REDUCED] if self.is_reduced else [],
            *self.variant_groups(),
        ]
        return [tuple(group) for group in wanted if group] or [(tokens.ANY,)]

    def without_option(self, pk: int) -> "Selection":
        return replace(self, options={key: v for key, v in self.options.items() if key != pk})

    def without_attribute(self, pk: int) -> "Selection":
        return replace(self, attributes={key: v for key, v in self.attributes.items() if key != pk})

    def with_option_value(self, value_pk: int) -> list[AnyOf]:
        """The conditions that one variant with this value meets beside those chosen already."""
        chosen = [values for values in self.options.values() if values]
        if not chosen:
            return [(tokens.option_values(value_pk, is_available=self.is_available),)]
        return [
            tuple(
                tokens.option_values(value_pk, *others, is_available=self.is_available)
                for others in product(*some)
            )
            for some in combinations(chosen, min(len(chosen), MOST_TOGETHER - 1))
        ]

    def variant_groups(self) -> list[list[str]]:
        """All chosen values at one variant; of four options or more, of every three of them."""
        chosen = [values for values in self.options.values() if values]
        if not chosen:
            return [[tokens.AVAILABLE]] if self.is_available else []
        return [
            [tokens.option_values(*pks, is_available=self.is_available) for pks in product(*some)]
            for some in combinations(chosen, min(len(chosen), MOST_TOGETHER))
        ]

    def _price_steps(self) -> list[str]:
        if self.lowest is None and self.highest is None:
            return []
        lowest = self.lowest or 0
        highest = self.highest if self.highest is not None else tokens.HIGHEST_PRICE
        return list(tokens.price_steps(lowest, highest))
