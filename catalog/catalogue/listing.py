"""Pages of products."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from catalog.catalogue.cards import read_card
from catalog.catalogue.categories import Branch, branches, find_branch
from catalog.catalogue.facets import Counts, count_facets, count_only
from catalog.catalogue.filters import Filters, select
from catalog.catalogue.shapes import ListingView, ProductCard
from catalog.catalogue.vocabulary import Vocabulary
from catalog.listing.counts import CAP
from catalog.listing.rows import FEW, ORDERS, Position, Slice, read
from catalog.listing.selection import Selection
from catalog.listing.tokens import AVAILABLE

SORTS = list(ORDERS)


@dataclass(frozen=True, slots=True)
class Place:
    """Which page: the number of one, or what follows the position where a page ended."""

    page: int = 1
    page_size: int = 24
    after: Position | None = None

    @property
    def last_page(self) -> int:
        """Counts stop at CAP, and so do pages: who looks further narrows down instead."""
        return -(-CAP // self.page_size)


def list_products(
    *,
    language: str,
    currency: str,
    category_slug: str | None = None,
    filters: Filters | None = None,
    vocabulary: Vocabulary | None = None,
    tops: Sequence[Branch] | None = None,
    place: Place = Place(),
    sort: str = "newest",
) -> ListingView:
    """One page of what is on display, in the category and all below it.

    A page out of range gives the nearest one there is. `sort` is one of SORTS. With a vocabulary
    there are facets, and filters may be given. `tops` are the top categories where they are known
    already. Four queries; five above some 100,000 products and
    where few products are found among many. Raises CategoryNotFound.
    """
    tops = branches(language) if tops is None else tops
    branch = find_branch(tops, category_slug) if category_slug else None
    selection, counts = _count(filters, vocabulary, branch, tops, currency=currency)
    page_count = min(max(1, -(-counts.total // place.page_size)), place.last_page)
    page = min(max(place.page, 1), page_count)
    rows = read(
        selection.groups(),
        sort=sort,
        part=Slice(
            # One more than is shown tells whether there is more.
            limit=place.page_size + 1,
            offset=(page - 1) * place.page_size if place.after is None else 0,
            after=place.after,
        ),
        matches=counts.estimate,
        listings=counts.listings,
    )
    at = timezone.now()
    shown = rows[: place.page_size]
    return ListingView(
        cards=[
            read_card(
                row.card, created_at=row.created_at, language=language, currency=currency, at=at
            )
            for row in shown
        ],
        # Counts follow a change within a second; what is shown is there.
        total=max(counts.total, (page - 1) * place.page_size + len(shown)),
        page=page,
        page_count=page_count,
        category=branch.link() if branch else None,
        children=[child.link() for child in (branch.children if branch else tops)],
        facets=counts.facets,
        next_position=(shown[-1].value, shown[-1].product_pk) if len(rows) > len(shown) else None,
    )


def _count(
    filters: Filters | None,
    vocabulary: Vocabulary | None,
    branch: Branch | None,
    tops: Sequence[Branch],
    *,
    currency: str,
) -> tuple[Selection, Counts]:
    if vocabulary is None:
        selection = Selection(category=branch.pk if branch else None)
        return selection, count_only(selection)
    chosen = filters or Filters()
    selection = select(chosen, vocabulary=vocabulary, branch=branch, currency=currency)
    categories = branch.children if branch else tops
    return selection, count_facets(
        selection, chosen, vocabulary=vocabulary, categories=categories, currency=currency
    )


def best_sellers(*, language: str, currency: str, limit: int = 8) -> list[ProductCard]:
    """Of what can be bought now. One query; two in a shop of fewer products."""
    found = read(
        [(AVAILABLE,)],
        sort="best_selling",
        part=Slice(limit=limit),
        matches=CAP * FEW,
        listings=CAP * FEW,
    )
    at = timezone.now()
    return [
        read_card(row.card, created_at=row.created_at, language=language, currency=currency, at=at)
        for row in found
    ]
