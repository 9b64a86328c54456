"""Addresses of listings: which parameters they know, and links that change one thing."""

from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import get_language

from catalog.catalogue import Filters
from catalog.frame import known_vocabulary
from catalog.parameters import LISTING

Pair = tuple[str, str]

DEFAULT_SORT = "newest"
_PRICES = ("price", "min_price", "max_price")


def known_parameters() -> frozenset[str]:
    """All that makes a difference to a listing page; everything else in an address is noise."""
    vocabulary = known_vocabulary(get_language() or settings.LANGUAGE_CODE)
    return frozenset((*LISTING, *(one.code for one in vocabulary.dimensions())))


@dataclass(frozen=True, slots=True)
class Address:
    """A listing page. The same choice has the same address, in whatever order it was made.

    `start` is what the list is of (the words that were searched), `chosen` what narrows it down.
    """

    path: str
    start: tuple[Pair, ...] = ()
    chosen: tuple[Pair, ...] = ()
    sort: str = DEFAULT_SORT

    def url(self, *, page: int = 1) -> str:
        query = self.query(page=page)
        return f"{self.path}?{query}" if query else self.path

    def query(self, *, page: int = 1) -> str:
        pairs = [*self.start, *sorted(self.chosen)]
        if self.sort != DEFAULT_SORT:
            pairs.append(("sort", self.sort))
        if page > 1:
            pairs.append(("page", str(page)))
        return urlencode(pairs)

    def at(self, path: str) -> Self:
        return replace(self, path=path)

    def adding(self, name: str, value: str) -> Self:
        return replace(self, chosen=(*self.chosen, (name, value)))

    def without(self, name: str, value: str) -> Self:
        return replace(self, chosen=tuple(pair for pair in self.chosen if pair != (name, value)))

    def without_facet(self, code: str) -> Self:
        return replace(
            self, chosen=tuple(pair for pair in self.chosen if facet_of(pair[0]) != code)
        )

    def without_filters(self) -> Self:
        return replace(self, chosen=())


def facet_of(name: str) -> str:
    """The facet that a parameter belongs to: all three of the price are one."""
    return "price" if name in _PRICES else name


def chosen_pairs(filters: Filters) -> tuple[Pair, ...]:
    """The filters as parameters, in one order."""
    pairs = [(code, value) for code, values in filters.terms.items() for value in values]
    pairs += [("seller", code) for code in filters.sellers]
    pairs += [("price", code) for code in filters.price_ranges]
    for name, amount in (("min_price", filters.min_price), ("max_price", filters.max_price)):
        if amount is not None:
            pairs.append((name, str(amount)))
    pairs += [
        (name, "1")
        for name, is_on in (("in_stock", filters.in_stock), ("reduced", filters.reduced))
        if is_on
    ]
    return tuple(pairs)


def filters_without(filters: Filters, code: str) -> Filters:
    """The filters without all that was chosen in one facet."""
    match code:
        case "price":
            return replace(filters, price_ranges=(), min_price=None, max_price=None)
        case "seller":
            return replace(filters, sellers=())
        case "in_stock":
            return replace(filters, in_stock=False)
        case "reduced":
            return replace(filters, reduced=False)
        case _:
            terms = {name: values for name, values in filters.terms.items() if name != code}
            return replace(filters, terms=terms)
