# ruff: noqa: S608 - the SQL is put together from the constants here; all values are parameters
"""Products that match: the best first, out of a bounded number of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from django.db import connection

from catalog.listing.counts import CAP
from catalog.listing.rows import conditions
from catalog.listing.selection import AnyOf
from catalog.search.popularity import Popularity
from catalog.search.understanding import Term, Understood

# So many matches are ranked; of more, those that sell best. It is also as far as pages go.
CANDIDATES = 120
# So many are looked at where there are more than anybody counts: they show which choices there are.
SAMPLE = 200
# Of matches that are guessed to be more than these, only those that sell best are looked for.
MANY = 4 * CAP
WALKED_AT_MOST = 20_000
# In a name as written, beside it, in a stemmed form, in the description.
_WEIGHTS = "{0.05,0.3,0.6,1.0}"
_SCORE = (
    f"ts_rank('{_WEIGHTS}', words, query) * (1 + ln(1 + sold_count) / 10)"
    " * CASE WHEN is_available THEN 1.0 ELSE 0.3 END"
)
_POPULAR = "ORDER BY sold_count DESC, product_id DESC"


@dataclass(frozen=True, slots=True)
class Query:
    """A search in the database's own terms.

    `expected` is about how many products match, as if words came together by chance.
    """

    terms: list[str]
    prefix: str
    joined_by: str
    expected: float
    popularity: Popularity

    @classmethod
    def of(
        cls, understood: Understood, *, popularity: Popularity, any_word: bool = False
    ) -> "Query":
        return cls.of_terms(
            understood.terms, prefix=understood.prefix, popularity=popularity, any_word=any_word
        )

    @classmethod
    def of_terms(
        cls, terms: Sequence[Term], *, prefix: str, popularity: Popularity, any_word: bool = False
    ) -> "Query":
        listings = popularity.listings
        shares = [min(term.product_count / listings, 1.0) for term in terms] or [0.0]
        return cls(
            terms=["|".join(term.alternatives) for term in terms],
            prefix=prefix,
            joined_by="|" if any_word else "&",
            expected=(max(shares) if any_word else prod(shares)) * listings,
            popularity=popularity,
        )

    @property
    def values(self) -> list[Any]:
        return [self.terms, self.prefix, self.joined_by]


@dataclass(frozen=True, slots=True)
class Matches:
    """`pks` are the best, best first; `tokens` those of more matches, of all where `is_all`."""

    pks: list[int]
    tokens: list[list[str]]
    is_all: bool


def find(query: Query, groups: Sequence[AnyOf]) -> Matches:
    """The matches that meet all groups. One query; up to three after wrong guesses.

    Usual words are looked for among what sells best: there are enough, and it takes no longer in a
    big shop. What is left after that is little, or has hardly been sold.
    """
    expected = query.expected
    while expected > MANY:
        tier = query.popularity.narrowest(matches=expected, wanted=2 * SAMPLE)
        if tier is None:
            return _walk(query, groups, expected) or _read(query, groups)
        found = _run(query, [*groups, (tier.token,)], "catalog_listing", limit=SAMPLE)
        if len(found) == SAMPLE and SAMPLE / tier.share > MANY:
            return _matches(found, is_all=False)
        # At most as many as the tier lets expect, and fewer than before, so this comes to an end.
        expected = min(len(found) / tier.share, expected / 2)
    return _read(query, groups)


def _read(query: Query, groups: Sequence[AnyOf]) -> Matches:
    """All of them; the most popular where they are more than anybody counts."""
    found = _run(query, groups, "catalog_listing", limit=CAP + 1)
    return _matches(found, is_all=len(found) <= CAP)


def _walk(query: Query, groups: Sequence[AnyOf], expected: float) -> Matches | None:
    """Where hardly anything has been sold: along the order itself. None if too few were met."""
    window = min(2 * SAMPLE * query.popularity.listings / expected + 500, WALKED_AT_MOST)
    walk = f"(SELECT * FROM catalog_listing {_POPULAR} LIMIT {int(window)}) AS walk"
    found = _run(query, groups, walk, limit=SAMPLE)
    return _matches(found, is_all=False) if len(found) == SAMPLE else None


def _matches(found: list[tuple[Any, ...]], *, is_all: bool) -> Matches:
    return Matches(
        pks=[pk for pk, _tokens, score in found if score is not None],
        tokens=[tokens for _pk, tokens, _score in found],
        is_all=is_all,
    )


def _run(
    query: Query, groups: Sequence[AnyOf], source: str, *, limit: int
) -> list[tuple[Any, ...]]:
    """The most popular ones as rows of (pk, tokens, score); only CANDIDATES have a score."""
    where, values = conditions(groups)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH asked AS MATERIALIZED"
            " (SELECT catalog_search_query(%s::text[], %s, %s) AS query),"
            # Materialised, or a planner that cannot know the query walks the whole catalogue.
            f" met AS MATERIALIZED (SELECT product_id, sold_count FROM {source}"
            f"  WHERE words @@ (SELECT query FROM asked) AND {where}),"
            f" popular AS (SELECT product_id, row_number() OVER ({_POPULAR}) AS place FROM met"
            f"  {_POPULAR} LIMIT %s)"
            " SELECT product_id, tokens,"
            f" CASE WHEN place <= {CANDIDATES} THEN {_SCORE} END AS score"
            " FROM popular JOIN catalog_listing USING (product_id), asked"
            " ORDER BY score DESC NULLS LAST, product_id DESC",
            [*query.values, *values, limit],
        )
        return list(cursor.fetchall())


def with_code(code: str) -> list[int]:
    """Products on display that have a variant with this SKU or barcode. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT product_id FROM catalog_variant"
            " JOIN catalog_listing USING (product_id) WHERE is_active"
            " AND (upper(sku) = upper(%s) OR barcode = %s AND barcode <> '')"
            " ORDER BY product_id LIMIT 20",
            [code, code],
        )
        return [product_pk for (product_pk,) in cursor.fetchall()]
