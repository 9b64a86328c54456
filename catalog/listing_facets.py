"""Facets, applied filters and ways out of an empty list, as a listing page shows them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Self

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.catalogue import Facet, FacetValue, Filters, Vocabulary
from catalog.catalogue.categories import Branch
from catalog.catalogue.filters import select
from catalog.listing.counts import CAP, TOTAL, Counted, Question
from catalog.listing_address import Address, Pair, facet_of, filters_without
from shop.core.money import CURRENCIES, Money

# So many groups are unfolded from the start, and all in which something is chosen.
OPEN_GROUPS = 4
MOST_RELIEFS = 4


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Pill:
    """An applied filter; `url` is the list without it."""

    facet: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`field` is the parameter that a checkbox sends.

    `count` is worded and empty where nobody counted; `number` is for sorting.
    """

    name: str
    swatch: str
    is_chosen: bool
    count: str
    number: int | None
    field: Pair
    leads_to: Callable[[], str]

    @property
    def url(self) -> str:
        """The list with this value as well; put together only where it is shown."""
        return self.leads_to()

    @property
    def link(self) -> Link:
        return Link(self.name, self.url)


@dataclass(frozen=True, slots=True)
class Amounts:
    """The two ends of a price range that somebody types: in whole units, empty for none."""

    symbol: str
    lowest: str
    highest: str


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    name: str
    kind: str
    choices: list[Choice]
    amounts: Amounts | None
    is_open: bool

    def fields(self) -> Iterator[Pair]:
        """What the form sends for this group by itself."""
        if self.kind != "link":
            yield from (choice.field for choice in self.choices)
        if self.amounts:
            yield "min_price", self.amounts.lowest
            yield "max_price", self.amounts.highest


@dataclass(frozen=True, slots=True)
class Names:
    """A parameter → the facet's name and the value's, in the language of the page."""

    known: dict[Pair, tuple[str, str]]

    @classmethod
    def of(
        cls,
        facets: Sequence[Facet],
        vocabulary: Vocabulary,
        trail: Sequence[Branch],
    ) -> Self:
        known = {("seller", term.code): (_("Seller"), term.name) for term in vocabulary.sellers}
        known |= {("category", branch.slug): (_("Category"), branch.name) for branch in trail}
        for facet in facets:
            for value in facet.values:
                # A switch says itself what it does.
                name = "" if facet.kind == "switch" else facet.name
                known[_field(facet, value)] = (name, value.name)
        return cls(known)

    def facet(self, pair: Pair) -> str:
        return self._of(pair)[0]

    def value(self, pair: Pair) -> str:
        return self._of(pair)[1]

    def _of(self, pair: Pair) -> tuple[str, str]:
        return self.known.get(pair, ("", pair[1]))


def tally(number: int, *, is_exact: bool = True) -> str:
    """`1.000+` (Indonesian) and `1,000+` (English) for more than that; `300+` for at least 300."""
    shown = _grouped(min(number, CAP), get_language())
    return f"{shown}+" if number > CAP or not is_exact else shown


@lru_cache(maxsize=4 * CAP)
def _grouped(number: int, _language: str | None) -> str:
    return number_format(number, force_grouping=True)


def count_products(number: int, *, is_exact: bool = True) -> str:
    text = ngettext("%(count)s product", "%(count)s products", number)
    return text % {"count": tally(number, is_exact=is_exact)}


def groups_of(
    facets: Sequence[Facet], filters: Filters, address: Address, *, currency: str
) -> list[Group]:
    return [
        Group(
            code=facet.code,
            name=facet.name,
            kind=facet.kind,
            choices=[_choice(facet, value, address) for value in facet.values],
            amounts=_amounts(filters, currency) if facet.code == "price" else None,
            is_open=place < OPEN_GROUPS or any(value.is_chosen for value in facet.values),
        )
        for place, facet in enumerate(facets)
    ]


def _amounts(filters: Filters, currency: str) -> Amounts | None:
    """Prices are typed where the smallest coin is what people count in."""
    if CURRENCIES[currency].decimals:
        return None
    lowest, highest = filters.min_price, filters.max_price
    return Amounts(
        symbol=CURRENCIES[currency].symbol,
        lowest="" if lowest is None else str(lowest),
        highest="" if highest is None else str(highest),
    )


def _choice(facet: Facet, value: FacetValue, address: Address) -> Choice:
    field = _field(facet, value)
    return Choice(
        name=value.name,
        swatch=value.swatch,
        is_chosen=value.is_chosen,
        count="" if value.count is None else tally(value.count),
        number=value.count,
        field=field,
        leads_to=partial(_url, facet, field, address, is_chosen=value.is_chosen),
    )


def _field(facet: Facet, value: FacetValue) -> Pair:
    return (value.code, "1") if facet.kind == "switch" else (facet.code, value.code)


def _url(facet: Facet, field: Pair, address: Address, *, is_chosen: bool) -> str:
    if is_chosen:
        return address.without(*field).url()
    if facet.kind == "link":
        others = address.without_facet("category")
        if address.start:
            return others.adding(*field).url()
        # All of a category has a page of its own.
        return others.at(reverse("catalog:view_category", args=[field[1]])).url()
    return address.adding(*field).url()


def pills_of(address: Address, names: Names, *, currency: str) -> list[Pill]:
    return [
        Pill(
            facet=_("Price") if facet_of(pair[0]) == "price" else names.facet(pair),
            name=_value_name(pair, names, currency),
            url=address.without(*pair).url(),
        )
        for pair in address.chosen
    ]


def _value_name(pair: Pair, names: Names, currency: str) -> str:
    name, value = pair
    if name == "min_price":
        return _("from %(amount)s") % {"amount": Money(int(value), currency).format()}
    if name == "max_price":
        return _("up to %(amount)s") % {"amount": Money(int(value), currency).format()}
    return names.value(pair)


def reliefs_of(
    address: Address,
    filters: Filters,
    names: Names,
    *,
    vocabulary: Vocabulary,
    branch: Branch | None,
    currency: str,
    counter: Callable[[Sequence[Question]], Counted],
    is_exact: bool,
) -> list[Link]:
    """Of the chosen facets those without which something is found, and how much.

    All are counted in one go, at most MOST_RELIEFS of them.
    """
    codes = list(dict.fromkeys(facet_of(name) for name, _value in address.chosen))[:MOST_RELIEFS]
    questions = [
        Question(
            groups=select(
                filters_without(filters, code),
                vocabulary=vocabulary,
                branch=None if code == "category" else branch,
                currency=currency,
            ).groups(),
            names={TOTAL: []},
        )
        for code in codes
    ]
    if not questions:
        return []
    numbers = [counts[TOTAL] for counts in counter(questions).counts]
    return [
        Link(
            name=_("Remove %(filter)s: %(products)s")
            % {
                "filter": _chosen(code, address, names, currency),
                "products": count_products(number, is_exact=is_exact),
            },
            url=address.without_facet(code).url(),
        )
        for code, number in zip(codes, numbers, strict=True)
        if number
    ]


def _chosen(code: str, address: Address, names: Names, currency: str) -> str:
    """All that is chosen in one facet: `size S, M`."""
    pairs = [pair for pair in address.chosen if facet_of(pair[0]) == code]
    facet = _("Price") if code == "price" else names.facet(pairs[0])
    values = ", ".join(_value_name(pair, names, currency) for pair in pairs)
    return f"{facet.lower()} {values}".strip()
