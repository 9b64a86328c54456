"""A page of search results."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.utils import timezone

from catalog.catalogue.cards import cards_of
from catalog.catalogue.categories import Branch, branches, find_branch
from catalog.catalogue.facets import Counts, count_facets
from catalog.catalogue.filters import Filters, select
from catalog.catalogue.listing import Place
from catalog.catalogue.shapes import Facet, ListingView
from catalog.catalogue.vocabulary import Vocabulary
from catalog.listing.counts import CAP
from catalog.listing.sample import count_sample
from catalog.listing.selection import Selection
from catalog.search.matching import Coded, Matches, Query, find, with_code
from catalog.search.understanding import Understood, understand

FIRST_PAGE = Place()
EVERYTHING = Selection().groups()
NOTHING = Matches(pks=[], tokens=[], is_all=True)


@dataclass(frozen=True, slots=True)
class Results:
    """`listing` has the products. `searched` is what was looked for, if not what was typed.

    `is_partial`: nothing has all the words, so these have some of them. `matches` are the tokens
    of what matches before any filter, at most CAP + 1 of them. `reachable` are all that its pages
    show, at most CAP: of very usual words they end before the matches do.
    """

    typed: str
    searched: str
    is_partial: bool
    listing: ListingView
    matches: list[list[str]]
    reachable: int


def search_products(
    *,
    typed: str,
    language: str,
    currency: str,
    vocabulary: Vocabulary,
    tops: Sequence[Branch] | None = None,
    filters: Filters | None = None,
    category_slug: str | None = None,
    place: Place = FIRST_PAGE,
    is_exact: bool = False,
) -> Results:
    """The products that match best, narrowed down by filters. `is_exact` corrects nothing.

    A bounded number of queries and of rows, whatever the words. `tops` are the top categories where
    they are known already. Raises CategoryNotFound.
    """
    tops = branches(language) if tops is None else tops
    branch = find_branch(tops, category_slug) if category_slug else None
    chosen = filters or Filters()
    selection = select(chosen, vocabulary=vocabulary, branch=branch, currency=currency)
    coded = with_code(typed, selection.groups())
    # What is somebody's code is no typing error.
    understood = understand(typed, is_exact=is_exact or bool(coded))
    found = _find(understood, coded, selection)
    counts = _count(
        found, chosen, selection, vocabulary=vocabulary, branch=branch, tops=tops, currency=currency
    )
    return Results(
        typed=typed,
        searched=understood.text if understood.is_corrected else "",
        is_partial=found.is_partial,
        listing=_page(found, counts, branch, tops, place, language=language, currency=currency),
        matches=found.tokens,
        reachable=len(found.pks),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Product pks, the best first, and the tokens of what matches before filters.

    Those are of all matches where `is_counted`, else of some; there are more products than pks
    where it `has_more`.
    """

    pks: list[int]
    tokens: list[list[str]]
    is_partial: bool
    is_counted: bool
    has_more: bool


def _find(understood: Understood, coded: Sequence[Coded], selection: Selection) -> Found:
    query = Query.of(understood)
    matches = find(query, EVERYTHING) if query.terms else NOTHING
    is_partial = not matches.tokens and not coded and len(query.terms) > 1
    if is_partial:
        query = Query.of(understood, any_word=True)
        matches = find(query, EVERYTHING)
    groups = selection.groups()
    best = matches if groups == EVERYTHING or not matches.tokens else find(query, groups)
    chosen = [one.pk for one in coded if one.is_chosen]
    pks = list(dict.fromkeys([*chosen, *best.pks]))
    return Found(
        pks=pks[:CAP],
        tokens=[*matches.tokens, *(one.tokens for one in coded if one.pk not in matches.pks)],
        is_partial=is_partial and bool(matches.tokens),
        is_counted=matches.is_all,
        has_more=not best.is_all or len(pks) > CAP,
    )


def _count(
    found: Found,
    filters: Filters,
    selection: Selection,
    *,
    vocabulary: Vocabulary,
    branch: Branch | None,
    tops: Sequence[Branch],
    currency: str,
) -> Counts:
    """Exact for up to CAP matches. Of more it is only known which choices leave something."""
    counts = count_facets(
        selection,
        filters,
        vocabulary=vocabulary,
        categories=branch.children if branch else tops,
        currency=currency,
        counter=partial(count_sample, found.tokens),
    )
    total = CAP + 1 if found.has_more else len(found.pks)
    if found.is_counted:
        return replace(counts, total=total)
    return replace(counts, total=total, facets=[_uncounted(facet) for facet in counts.facets])


def _uncounted(facet: Facet) -> Facet:
    return replace(facet, values=[value.counted(None) for value in facet.values])


def _page(
    found: Found,
    counts: Counts,
    branch: Branch | None,
    tops: Sequence[Branch],
    place: Place,
    *,
    language: str,
    currency: str,
) -> ListingView:
    page_count = max(1, -(-len(found.pks) // place.page_size))
    page = min(max(place.page, 1), page_count)
    start = (page - 1) * place.page_size
    shown = found.pks[start : start + place.page_size]
    return ListingView(
        cards=cards_of(shown, language=language, currency=currency, at=timezone.now()),
        total=counts.total,
        page=page,
        page_count=page_count,
        category=branch.link() if branch else None,
        children=[child.link() for child in (branch.children if branch else tops)],
        facets=counts.facets,
        next_position=None,
    )
