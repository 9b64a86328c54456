"""What the pages of a category and of a search show: prepared, worded, with every link."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from catalog.catalogue import (
    CategoryLink,
    Filters,
    ListingView,
    Place,
    ProductCard,
    Vocabulary,
    best_sellers,
    list_products,
    read_filters,
)
from catalog.catalogue.categories import Branch, CategoryNotFound
from catalog.frame import category_slugs, known_branches, known_vocabulary
from catalog.listing.counts import Counted, Question, count
from catalog.listing.sample import count_sample
from catalog.listing_address import DEFAULT_SORT, Address, Pair, chosen_pairs
from catalog.listing_facets import (
    Group,
    Link,
    Names,
    Pill,
    count_products,
    groups_of,
    pills_of,
    reliefs_of,
    tally,
)
from catalog.paths import paths_in_languages
from catalog.search import Results, record_miss, search_products
from catalog.search.understanding import LONGEST_QUERY

Query = Mapping[str, Sequence[str]]
Counter = Callable[[Sequence[Question]], Counted]

SORTS = {
    "newest": _("Newest"),
    "best_selling": _("Best-selling"),
    "price_asc": _("Lowest price"),
    "price_desc": _("Highest price"),
    "discount": _("Biggest discount"),
}
# Numbers in a row of pages, around the one that is shown.
NEAR = 1


@dataclass(frozen=True, slots=True)
class PageLink:
    """`number` is 0 where numbers are left out."""

    number: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class SearchView:
    """`searched` is what was looked for if not what was typed; `exact_url` insists on the latter.

    `similar_url` is set where somebody insisted and found nothing. `cut` is worded on the last page
    where there is more than pages show.
    """

    typed: str
    searched: str
    is_partial: bool
    exact_url: str
    similar_url: str
    cut: str


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`search` is None for a category; `hidden` are parameters that no field of the form has.

    `reliefs` and `best_sellers` help where nothing was found. `trail` leads to the category.
    """

    listing: ListingView
    search: SearchView | None
    trail: list[CategoryLink]
    total: str
    groups: list[Group]
    hidden: list[Pair]
    pills: list[Pill]
    clear_url: str
    chips: list[Link]
    sorts: list[tuple[str, str]]
    sort: str
    pages: list[PageLink]
    previous_url: str
    next_url: str
    action: str
    canonical: str
    is_indexed: bool
    alternates: Mapping[str, str]
    reliefs: list[Link]
    categories: list[CategoryLink]
    best_sellers: list[ProductCard]


@dataclass(frozen=True, slots=True)
class Asked:
    """The address, read. `trail` leads to the chosen category and ends with it."""

    address: Address
    filters: Filters
    page: int
    vocabulary: Vocabulary
    tops: list[Branch]
    trail: list[Branch]
    language: str
    currency: str

    @property
    def branch(self) -> Branch | None:
        return self.trail[-1] if self.trail else None


def show_category(*, slug: str, query: Query, language: str, currency: str) -> ListingPage:
    """About ten queries, however many products. Raises CategoryNotFound."""
    asked = _read(
        query,
        path=reverse("catalog:view_category", args=[slug]),
        category_slug=slug,
        language=language,
        currency=currency,
    )
    if not asked.trail:
        raise CategoryNotFound(slug)
    listing = _list(asked)
    return _page(
        asked,
        listing,
        counter=count,
        paths=paths_in_languages("catalog:view_category", category_slugs(asked.trail[-1])),
        is_indexed=not asked.address.chosen,
    )


def show_search(
    *, query: Query, language: str, currency: str, languages: Sequence[str]
) -> ListingPage:
    """The products that match the words, or all of them where there are no words.

    A search that finds nothing is recorded for staff.
    """
    path = reverse("catalog:search")
    asked = _read(
        query,
        path=path,
        category_slug=_first(query, "category"),
        is_search=True,
        language=language,
        currency=currency,
    )
    paths = {}
    for code in languages:
        with override(code):
            paths[code] = reverse("catalog:search")
    typed = typed_words(query)
    if not typed:
        return _page(asked, _list(asked), counter=count, paths=paths, is_indexed=False)
    is_exact = _first(query, "exact") == "1"
    results = search_products(
        typed=typed,
        language=language,
        currency=currency,
        vocabulary=asked.vocabulary,
        tops=asked.tops,
        filters=asked.filters,
        category_slug=asked.branch.slug if asked.branch else None,
        place=Place(page=asked.page),
        is_exact=is_exact,
    )
    if not results.matches and not results.listing.cards:
        record_miss(language=language, typed=typed)
    similar = Address(path, start=(("q", typed),), chosen=asked.address.chosen)
    exact = Address(path, start=(("q", typed), ("exact", "1")), chosen=asked.address.chosen)
    return _page(
        asked,
        results.listing,
        counter=partial(count_sample, results.matches),
        paths=paths,
        is_indexed=False,
        search=SearchView(
            typed=typed,
            searched=results.searched,
            is_partial=results.is_partial,
            exact_url=exact.url(),
            similar_url=similar.url() if is_exact and not results.matches else "",
            cut=_cut(results),
        ),
    )


def _cut(results: Results) -> str:
    listing = results.listing
    if listing.page < listing.page_count or listing.total <= results.reachable:
        return ""
    text = _(
        "These were the best %(shown)s of %(total)s. Choose filters or more words to see others."
    )
    return str(text) % {"shown": tally(results.reachable), "total": tally(listing.total)}


def typed_words(query: Query) -> str:
    """What was typed, without what no keyboard types."""
    typed = "".join(letter for letter in _first(query, "q") if letter.isprintable())
    return typed.strip()[:LONGEST_QUERY]


def _first(query: Query, name: str) -> str:
    return next(iter(query.get(name, ())), "")


def _read(
    query: Query,
    *,
    path: str,
    category_slug: str,
    is_search: bool = False,
    language: str,
    currency: str,
) -> Asked:
    """What there is not, is not asked for. A search is narrowed down by a category."""
    vocabulary = known_vocabulary(language)
    tops = known_branches(language)
    trail = _trail(tops, category_slug)
    filters, _unknown = read_filters(query, vocabulary=vocabulary, currency=currency)
    typed = typed_words(query)
    start = [("q", typed)] if typed else []
    if typed and _first(query, "exact") == "1":
        start.append(("exact", "1"))
    chosen = chosen_pairs(filters)
    if trail and is_search:
        chosen = (("category", category_slug), *chosen)
    sort, page = _first(query, "sort"), _first(query, "page")
    return Asked(
        address=Address(
            path=path,
            start=tuple(start),
            chosen=chosen,
            sort=sort if sort in SORTS and not typed else DEFAULT_SORT,
        ),
        filters=filters,
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
        vocabulary=vocabulary,
        tops=tops,
        trail=trail,
        language=language,
        currency=currency,
    )


def _trail(level: Sequence[Branch], slug: str) -> list[Branch]:
    """From the top to the category; empty where there is none."""
    for branch in level:
        if branch.slug == slug:
            return [branch]
        below = _trail(branch.children, slug)
        if below:
            return [branch, *below]
    return []


def _list(asked: Asked) -> ListingView:
    return list_products(
        language=asked.language,
        currency=asked.currency,
        category_slug=asked.branch.slug if asked.branch else None,
        filters=asked.filters,
        vocabulary=asked.vocabulary,
        tops=asked.tops,
        place=Place(page=asked.page),
        sort=asked.address.sort,
    )


def _page(
    asked: Asked,
    listing: ListingView,
    *,
    counter: Counter,
    paths: Mapping[str, str],
    is_indexed: bool,
    search: SearchView | None = None,
) -> ListingPage:
    address = asked.address
    is_exact = is_counted(listing)
    names = Names.of(listing.facets, asked.vocabulary, asked.trail)
    groups = groups_of(listing.facets, asked.filters, address, currency=asked.currency)
    fields = {field for group in groups for field in group.fields()}
    nothing = not listing.cards
    return ListingPage(
        listing=listing,
        search=search,
        trail=[branch.link() for branch in asked.trail],
        total=count_products(listing.total, is_exact=is_exact),
        groups=groups,
        hidden=[pair for pair in (*address.start, *address.chosen) if pair not in fields],
        pills=pills_of(address, names, currency=asked.currency),
        clear_url=address.without_filters().url(),
        chips=_chips(groups),
        sorts=[] if search else [(code, str(name)) for code, name in SORTS.items()],
        sort=address.sort,
        pages=_page_links(listing, address),
        previous_url=address.url(page=listing.page - 1) if listing.page > 1 else "",
        next_url=address.url(page=listing.page + 1) if listing.page < listing.page_count else "",
        action=address.path,
        canonical=Address(address.path, address.start, address.chosen).url(page=listing.page),
        is_indexed=is_indexed,
        alternates=_in_languages(asked, paths, page=listing.page),
        reliefs=_reliefs(asked, names, counter, is_exact=is_exact) if nothing else [],
        categories=[top.link() for top in asked.tops] if nothing else [],
        best_sellers=(
            best_sellers(language=asked.language, currency=asked.currency) if nothing else []
        ),
    )


def is_counted(listing: ListingView) -> bool:
    """Whether the counts of the listing are exact, up to the cap."""
    return all(value.count is not None for facet in listing.facets for value in facet.values)


def _chips(groups: Sequence[Group]) -> list[Link]:
    """What most people narrow down by: the categories below, the sizes that most products have."""
    categories = [
        choice.link for group in groups if group.kind == "link" for choice in group.choices
    ]
    sizes = [
        (choice, group)
        for group in groups
        if group.kind == "size"
        for choice in group.choices
        if not choice.is_chosen
    ]
    usual = sorted(sizes, key=lambda pair: -(pair[0].number or 0))[:3]
    return [
        *categories[:6],
        *(Link(f"{group.name} {choice.name}", choice.url) for choice, group in usual),
    ]


def _page_links(listing: ListingView, address: Address) -> list[PageLink]:
    """The first and the last page and those near the one that is shown."""
    last, shown = listing.page_count, listing.page
    if last == 1:
        return []
    wanted = sorted({1, last, *range(max(1, shown - NEAR), min(last, shown + NEAR) + 1)})
    links: list[PageLink] = []
    for before, number in zip([0, *wanted], wanted, strict=False):
        if number > before + 1:
            links.append(PageLink(0, "", is_current=False))
        links.append(PageLink(number, address.url(page=number), is_current=number == shown))
    return links


def _in_languages(asked: Asked, paths: Mapping[str, str], *, page: int) -> dict[str, str]:
    """The same choice in every language: all codes are the same but slugs of categories."""
    slugs: Mapping[str, str] = {}
    on_search = dict(asked.address.chosen).get("category")
    if on_search and asked.branch:
        slugs = category_slugs(asked.branch)
    addresses = {}
    for code, path in paths.items():
        address = asked.address.at(path)
        if on_search:
            address = address.without("category", on_search)
            if code in slugs:
                address = address.adding("category", slugs[code])
        addresses[code] = address.url(page=page)
    return addresses


def _reliefs(asked: Asked, names: Names, counter: Counter, *, is_exact: bool) -> list[Link]:
    return reliefs_of(
        asked.address,
        asked.filters,
        names,
        vocabulary=asked.vocabulary,
        branch=asked.branch,
        currency=asked.currency,
        counter=counter,
        is_exact=is_exact,
    )
