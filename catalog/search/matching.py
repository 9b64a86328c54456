# ruff: noqa: S608 - the SQL is put together from the constants here; all values are parameters
"""Products that match: the best first, out of a bounded number of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from django.db import connection

from catalog.listing.rows import FEW, conditions
from catalog.listing.selection import AnyOf
from catalog.listing.tokens import ANY
from catalog.search.understanding import Term, Understood

# So many matches are ranked; of more, those that sell best. It is also as far as pages go.
CANDIDATES = 120
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

    `expected` is about how many of `listings` match, as if words came together by chance.
    """

    terms: list[str]
    prefix: str
    joined_by: str
    expected: int
    listings: int

    @classmethod
    def of(cls, understood: Understood, *, listings: int, any_word: bool = False) -> "Query":
        return cls.of_terms(
            understood.terms, prefix=understood.prefix, listings=listings, any_word=any_word
        )

    @classmethod
    def of_terms(
        cls, terms: Sequence[Term], *, prefix: str, listings: int, any_word: bool = False
    ) -> "Query":
        shares = [min(term.product_count / listings, 1.0) for term in terms] or [0.0]
        return cls(
            terms=["|".join(term.alternatives) for term in terms],
            prefix=prefix,
            joined_by="|" if any_word else "&",
            expected=int((max(shares) if any_word else prod(shares)) * listings),
            listings=listings,
        )

    @property
    def is_usual(self) -> bool:
        """More match than anybody counts or pages through."""
        return self.expected > FEW

    @property
    def sql(self) -> str:
        return "catalog_search_query(%s::text[], %s, %s)"

    @property
    def values(self) -> list[Any]:
        return [self.terms, self.prefix, self.joined_by]


def best_matches(query: Query, groups: Sequence[AnyOf], *, limit: int = CANDIDATES) -> list[int]:
    """Product pks, the best first. One query; two after a wrong guess."""
    sql = (
        f", popular AS (SELECT product_id FROM met {_POPULAR} LIMIT %s)"
        " SELECT product_id FROM popular JOIN catalog_listing USING (product_id), asked"
        f" ORDER BY {_SCORE} DESC, product_id DESC"
    )
    return [product_pk for (product_pk,) in _select(sql, query, groups, limit=limit)]


def tokens_of_matches(query: Query, *, limit: int) -> list[list[str]]:
    """The tokens of products that match, at most so many. One query; two after a wrong guess."""
    sql = (
        " SELECT tokens FROM (SELECT product_id FROM met LIMIT %s) AS few"
        " JOIN catalog_listing USING (product_id)"
    )
    return [tokens for (tokens,) in _select(sql, query, [(ANY,)], limit=limit)]


def _select(
    sql: str, query: Query, groups: Sequence[AnyOf], *, limit: int
) -> list[tuple[Any, ...]]:
    """Rows of `sql`, which reads the matches `met`. It is tried on what sells best first."""
    where, values = conditions(groups)
    if query.is_usual:
        # Usual words are soon met there. A cut ends the walk if they are not.
        window = min(2 * limit * query.listings // query.expected + 500, WALKED_AT_MOST)
        walk = f"SELECT * FROM catalog_listing {_POPULAR} LIMIT {int(window)}"
        found = _run(sql, query, f"({walk}) AS walk", where, [*values, limit])
        if len(found) == limit:
            return found
    return _run(sql, query, "catalog_listing", where, [*values, limit])


def _run(
    sql: str, query: Query, source: str, where: str, values: list[Any]
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH asked AS MATERIALIZED (SELECT {query.sql} AS query),"
            # Materialised, or a planner that cannot know the query walks the whole catalogue.
            f" met AS MATERIALIZED (SELECT product_id, sold_count FROM {source}"
            f"  WHERE words @@ (SELECT query FROM asked) AND {where})"
            f"{sql}",
            [*query.values, *values],
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
