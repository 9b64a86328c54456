"""What a customer has chosen in a listing, as it stands in an address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from catalog.catalogue.categories import Branch
from catalog.catalogue.vocabulary import Dimension, Vocabulary
from catalog.listing import tokens
from catalog.listing.selection import Selection

# As people write it in either language, and never longer than what an amount can be.
_AMOUNT = re.compile(r"(Rp *)?(?P<number>[0-9]{1,3}([.,][0-9]{3}){1,5}|[0-9]{1,18})")
# More of them in one address is nobody's wish.
MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class PriceRange:
    """`ends_below` is exclusive; None for the range that has no end."""

    index: int
    starts_at: int
    ends_below: int | None

    @property
    def code(self) -> str:
        return f"{self.starts_at}-{self.ends_below or ''}"


def price_ranges(currency: str) -> list[PriceRange]:
    ends = list(settings.PRICE_RANGES.get(currency, []))
    starts = [0, *ends]
    return [
        PriceRange(index=index, starts_at=start, ends_below=end)
        for index, (start, end) in enumerate(zip(starts, [*ends, None], strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Filters:
    """By codes; OR within a dimension, AND between them.

    `terms` maps the code of an option or attribute to codes of its values. `min_price` and
    `max_price` are whole minor units, both included, widened to the ends of price steps.
    """

    terms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sellers: Sequence[str] = ()
    price_ranges: Sequence[str] = ()
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    reduced: bool = False

    def is_empty(self) -> bool:
        return self == Filters()


def read_filters(
    query: Mapping[str, Sequence[str]], *, vocabulary: Vocabulary, currency: str
) -> tuple[Filters, list[str]]:
    """The filters of an address, and the names of parameters with a value that there is not."""
    unknown: list[str] = []

    def known(name: str, codes: Sequence[str]) -> tuple[str, ...]:
        given = query.get(name, ())[:MOST_VALUES]
        chosen = tuple(code for code in codes if code in given)
        if len(chosen) < len(set(given)):
            unknown.append(name)
        return chosen

    terms = {
        dimension.code: chosen
        for dimension in vocabulary.dimensions()
        if (chosen := known(dimension.code, [term.code for term in dimension.terms]))
    }
    lowest, highest = (_amount(query, name, unknown) for name in ("min_price", "max_price"))
    if lowest is not None and highest is not None:
        # Nobody means a range from much to little.
        lowest, highest = sorted((lowest, highest))
    filters = Filters(
        terms=terms,
        sellers=known("seller", [term.code for term in vocabulary.sellers]),
        price_ranges=known("price", [each.code for each in price_ranges(currency)]),
        min_price=tokens.step_below(lowest) if lowest is not None else None,
        max_price=tokens.step_above(highest) if highest is not None else None,
        in_stock=bool(known("in_stock", ["1"])),
        reduced=bool(known("reduced", ["1"])),
    )
    return filters, unknown


def _amount(query: Mapping[str, Sequence[str]], name: str, unknown: list[str]) -> int | None:
    given = next(iter(query.get(name, ())), "").strip()
    if not given:
        return None
    amount = _AMOUNT.fullmatch(given)
    number = int(re.sub(r"[.,]", "", amount["number"])) if amount else None
    if number is None or number > tokens.HIGHEST_PRICE:
        unknown.append(name)
        return None
    return number


def select(
    filters: Filters, *, vocabulary: Vocabulary, branch: Branch | None, currency: str
) -> Selection:
    """The filters in primary keys."""
    return Selection(
        category=branch.pk if branch else None,
        options=_pks(filters, vocabulary.options),
        attributes=_pks(filters, vocabulary.attributes),
        sellers=[term.pk for term in vocabulary.sellers if term.code in filters.sellers],
        price_ranges=[
            each.index for each in price_ranges(currency) if each.code in filters.price_ranges
        ],
        lowest=filters.min_price,
        highest=filters.max_price,
        is_available=filters.in_stock,
        is_reduced=filters.reduced,
    )


def _pks(filters: Filters, dimensions: Sequence[Dimension]) -> dict[int, list[int]]:
    return {
        dimension.pk: dimension.pks_of(filters.terms[dimension.code])
        for dimension in dimensions
        if dimension.code in filters.terms
    }
